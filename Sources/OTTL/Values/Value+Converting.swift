internal import Telemetry
public import Wire

extension Value {
    /// The value as text, as the string form of a body is: lists and maps as JSON, bytes as base64.
    ///
    /// What cannot be an attribute is the name of its kind.
    public var plainText: Bytes {
        if case .string(let text) = self { return text }
        guard let value = try? attributeValue else { return Bytes(utf8: "\(kind)") }
        return Bytes(utf8: AnyValueView(value).text)
    }

    /// The value as text where a string is needed: as `plainText`, but bytes as hexadecimal; `nil` for `nil`.
    public var stringLike: Bytes? {
        switch self {
        case .null: nil
        case .bytes(let bytes): bytes.hexadecimal
        default: plainText
        }
    }

    /// The value as an integer: text in decimal, floats cut off, booleans 1 and 0; `nil` for what is none.
    public var intLike: Int64? {
        get throws(EvaluationError) {
            switch self {
            case .null: return nil
            case .int(let int): return int
            case .double(let double): return Self.integer(double)
            case .bool(let bool): return bool ? 1 : 0
            case .string(let text): return Int64(text.string)
            default: throw .wrongKind(expected: [.int, .double, .bool, .string], got: kind)
            }
        }
    }

    /// The value as a float: text in decimal, booleans 1 and 0; `nil` for what is none.
    public var doubleLike: Double? {
        get throws(EvaluationError) {
            switch self {
            case .null: return nil
            case .double(let double): return double
            case .int(let int): return Double(int)
            case .bool(let bool): return bool ? 1 : 0
            case .string(let text): return Double(text.string)
            default: throw .wrongKind(expected: [.int, .double, .bool, .string], got: kind)
            }
        }
    }

    /// The value as a boolean: numbers other than 0, and the texts of Go; `nil` for `nil`.
    public var boolLike: Bool? {
        get throws(EvaluationError) {
            switch self {
            case .null: return nil
            case .bool(let bool): return bool
            case .int(let int): return int != 0
            case .double(let double): return double != 0
            case .string(let text):
                switch text.string {
                case "1", "t", "T", "true", "TRUE", "True": return true
                case "0", "f", "F", "false", "FALSE", "False": return false
                case let other: throw .message("'\(other)' is neither true nor false")
                }
            default: throw .wrongKind(expected: [.int, .double, .bool, .string], got: kind)
            }
        }
    }

    /// The value as bytes: text in UTF-8, numbers in 8 bytes (big endian), booleans in one; `nil` for `nil`.
    public var bytesLike: Bytes? {
        get throws(EvaluationError) {
            switch self {
            case .null: return nil
            case .bytes(let bytes), .string(let bytes): return bytes
            case .int(let int): return Self.bigEndian(UInt64(bitPattern: int))
            case .double(let double): return Self.bigEndian(double.bitPattern)
            case .bool(let bool): return Bytes([bool ? 1 : 0] as [UInt8])
            default:
                throw .wrongKind(expected: [.bytes, .string, .int, .double, .bool], got: kind)
            }
        }
    }

    /// A float without its fraction; the nearest integer where it is outside of their range, 0 for no number.
    private static func integer(_ double: Double) -> Int64 {
        if let exact = Int64(exactly: double.rounded(.towardZero)) { return exact }
        return double.isNaN ? 0 : double < 0 ? .min : .max
    }

    private static func bigEndian(_ bits: UInt64) -> Bytes {
        Bytes((0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) })
    }
}
