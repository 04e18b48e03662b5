public import Wire

/// Reads JSON (RFC 8259) value by value, for formats that are not OTLP's: no tree of values is built.
///
/// It holds the text and a position, so it can be copied to read something twice. Strings are slices of the
/// text unless they have escapes; their UTF-8 has been checked. No input makes it crash or reserve memory.
public struct JSONPullReader: Sendable {
    /// What a value is.
    public enum Kind: Sendable {
        case object, array, string, number, bool, null
    }

    /// A number with all of its digits.
    public struct Number: Sendable {
        /// The number as it stands in the text.
        public let text: Bytes
        /// The number when it is whole and fits, whatever it looks like: `1e3` is 1000.
        public let integer: Int64?
        /// The nearest double when it is no such integer; `nil` when there is no finite one either.
        public let double: Double?
    }

    /// How many levels of arrays and objects `skip` goes down by itself.
    public static let depthLimit = 64

    /// What is read.
    public let bytes: Bytes
    /// Index of the next byte.
    public private(set) var position = 0

    /// Stands before the first value of `bytes`; a byte order mark is skipped (RFC 8259 section 8.1).
    public init(_ bytes: Bytes) {
        self.bytes = bytes
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        skipSpace()
    }

    /// What comes next; `nil` when that is no value, as at the end.
    public var kind: Kind? {
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: return nil
        }
    }

    /// An error about the next byte.
    public func fault(_ reason: String) -> InvalidTelemetry {
        InvalidTelemetry(reason: reason, offset: position)
    }

    /// Reads an object; `body` reads the value of each key, all of it.
    ///
    /// Keys may come more than once.
    public mutating func object(
        _ body: (inout JSONPullReader, Bytes) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        guard take("{") else { throw fault("expected an object") }
        if take("}") { return }
        repeat {
            guard kind == .string else { throw fault("expected a key") }
            let key = try string()
            guard take(":") else { throw fault("expected : after a key") }
            try body(&self, key)
        } while take(",")
        guard take("}") else { throw fault("expected , or } inside an object") }
    }

    /// Reads an array; `body` reads each element, all of it.
    public mutating func array(
        _ body: (inout JSONPullReader) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        guard take("[") else { throw fault("expected an array") }
        if take("]") { return }
        repeat { try body(&self) } while take(",")
        guard take("]") else { throw fault("expected , or ] inside an array") }
    }

    /// Reads a string: what it stands for, which is UTF-8.
    public mutating func string() throws(InvalidTelemetry) -> Bytes {
        guard kind == .string else { throw fault("expected a string") }
        let start = position + 1
        do throws(JSONFault) {
            let text = try withInput { (input) throws(JSONFault) in try input.scanString(from: start) }
            position = text.end + 1
            skipSpace()
            guard text.hasEscapes else { return bytes[text.start..<text.end] }
            return try withInput { (input) throws(JSONFault) in
                var writer = Writer(capacity: text.count)
                try input.unescape(text, into: &writer)
                return writer.finish()
            }
        } catch {
            throw InvalidTelemetry(reason: error.reason, offset: error.offset)
        }
    }

    /// Reads a number.
    public mutating func number() throws(InvalidTelemetry) -> Number {
        let (start, count) = (position, bytes.count)
        let found = bytes.withUnsafeBytes { memory -> (end: Int, integer: Int64?, double: Double?)? in
            let input = JSONInput(memory)
            guard let number = JSONNumber(input, from: start, to: count) else { return nil }
            let integer = number.signed
            return (number.end, integer, integer == nil ? number.double(input) : nil)
        }
        guard let found else { throw fault("expected a number") }
        position = found.end
        skipSpace()
        return Number(text: bytes[start..<found.end], integer: found.integer, double: found.double)
    }

    /// Reads `true` or `false`.
    public mutating func bool() throws(InvalidTelemetry) -> Bool {
        if takeWord("true") { return true }
        guard takeWord("false") else { throw fault("expected true or false") }
        return false
    }

    /// Steps over `null` when it comes next.
    public mutating func takeNull() -> Bool { kind == .null && takeWord("null") }

    /// Steps over the next value with everything inside of it; it has to be JSON all the same.
    ///
    /// - Parameter depth: how many levels of arrays and objects it may have.
    /// - Throws: what is wrong with the value, and where.
    public mutating func skip(depth: Int = Self.depthLimit) throws(InvalidTelemetry) {
        let kind = kind
        guard depth > 0 || kind != .object && kind != .array else { throw fault("nested too deeply") }
        switch kind {
        case .object: try object { (reader, _) throws(InvalidTelemetry) in try reader.skip(depth: depth - 1) }
        case .array: try array { (reader) throws(InvalidTelemetry) in try reader.skip(depth: depth - 1) }
        case .string: _ = try string()
        case .number: _ = try number()
        case .bool: _ = try bool()
        case .null where takeNull(): break
        default: throw fault("expected a value")
        }
    }

    /// Says that everything has been read.
    public func finish() throws(InvalidTelemetry) {
        guard position == bytes.count else { throw fault("text after the end of the value") }
    }

    // MARK: - Bytes

    /// Steps over `character` and the space behind it when it comes next.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        skipSpace()
        return true
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
        position += count
        skipSpace()
        return true
    }

    private mutating func skipSpace() {
        let start = position
        position = bytes.withUnsafeBytes { JSONInput($0).skippingSpace(start) }
    }

    private func withInput<Result>(
        _ body: (JSONInput) throws(JSONFault) -> Result
    ) throws(JSONFault) -> Result {
        try bytes.withUnsafeBytes { (memory) throws(JSONFault) in try body(JSONInput(memory)) }
    }
}
