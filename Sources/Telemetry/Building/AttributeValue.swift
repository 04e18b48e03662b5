internal import Wire

/// A value to write: of an attribute, or the body of a log record (common.v1 AnyValue).
public indirect enum AttributeValue: Sendable, Equatable {
    case empty
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([AttributeValue])
    case keyValues([KeyAndValue])
    /// An AnyValue that is encoded already and known to be valid: one that a view or a draft gave.
    case encoded(AnyValueView)

    /// An entry of a list of keys and values.
    public struct KeyAndValue: Sendable, Equatable {
        public let key: String
        public let value: AttributeValue

        public init(_ key: String, _ value: AttributeValue) {
            self.key = key
            self.value = value
        }
    }

    public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
        left.encodedBytes == right.encodedBytes
    }

    private var encodedBytes: [UInt8] {
        var writer = Writer(capacity: 32)
        writer.write(contentOf: self)
        return writer.finish().array
    }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: AttributeValue...) { self = .array(elements) }
}

extension Writer {
    /// Writes a KeyValue in field `number`.
    mutating func write(key: String, value: AttributeValue, _ number: Int, depth: Int = 0) {
        let mark = begin(number)
        write(string: key, 1)
        write(value: value, 2, depth: depth)
        end(mark)
    }

    /// Writes an AnyValue in field `number`.
    ///
    /// Values that would nest more deeply than the door allows are left out.
    mutating func write(value: AttributeValue, _ number: Int, depth: Int = 0) {
        guard depth < Validator.nestingLimit else { return }
        let mark = begin(number)
        write(contentOf: value, depth: depth)
        end(mark)
    }

    /// Writes the fields of an AnyValue, without a tag and length around them.
    mutating func write(contentOf value: AttributeValue, depth: Int = 0) {
        switch value {
        case .empty: break
        case .string(let text): write(string: text, 1)
        case .bool(let bool): write(bool: bool, 2)
        case .int(let int): write(signed: int, 3)
        case .double(let double): write(double: double, 4)
        case .bytes(let bytes): write(bytes: bytes, 7)
        case .encoded(let view):
            // Valid where it came from, but possibly too deep where it goes.
            let fits = depth == 0 || depth + view.nesting <= Validator.nestingLimit
            if fits { write(raw: view.message.bytes) }
        case .array(let values):
            let mark = begin(5)
            for value in values { write(value: value, 1, depth: depth + 1) }
            end(mark)
        case .keyValues(let pairs):
            let mark = begin(6)
            for pair in pairs { write(key: pair.key, value: pair.value, 1, depth: depth + 1) }
            end(mark)
        }
    }
}

extension AnyValueView {
    /// Levels of values: 1 for a scalar, one more for each array or list around values.
    fileprivate var nesting: Int {
        switch content {
        case .array(let values): 1 + values.reduce(0) { max($0, $1.nesting) }
        case .keyValues(let pairs): 1 + pairs.reduce(0) { max($0, $1.value.nesting) }
        default: 1
        }
    }
}
