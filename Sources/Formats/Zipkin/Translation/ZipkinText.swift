internal import Telemetry
internal import Wire

/// What texts of Zipkin hold: numbers in tags, and lists of attributes in links and annotations.
enum ZipkinText {
    /// Longer texts are no numbers.
    private static let numberLimit = 1024

    /// Writes the value of a tag.
    ///
    /// - Parameters:
    ///   - text: the value.
    ///   - isParsed: whether texts that look like numbers and booleans become such values, as
    ///     `parse_string_tags` says: `-?[0-9]+`, `-?[0-9]+.[0-9]+`, `true` and `false`.
    ///   - value: takes it.
    static func write(_ text: Bytes, isParsed: Bool, to value: ValueBuilder) {
        guard isParsed, !text.isEmpty else { return value.text(text) }
        if text.isEqual(to: "true") { return value.bool(true) }
        if text.isEqual(to: "false") { return value.bool(false) }
        switch numberKind(text) {
        case .integer:
            if let integer = Int64(text.string) { return value.int(integer) }
        case .decimal:
            if let double = Double(text.string), double.isFinite { return value.double(double) }
        case .text: break
        }
        value.text(text)
    }

    private enum NumberKind { case integer, decimal, text }

    private static func numberKind(_ text: Bytes) -> NumberKind {
        guard text.count <= numberLimit else { return .text }
        var (whole, fraction): (Int, Int?) = (0, nil)
        for index in (text[0] == UInt8(ascii: "-") ? 1 : 0)..<text.count {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if let places = fraction { fraction = places + 1 } else { whole += 1 }
            case UInt8(ascii: ".") where fraction == nil && whole > 0: fraction = 0
            default: return .text
            }
        }
        guard whole > 0, fraction != 0 else { return .text }
        return fraction == nil ? .integer : .decimal
    }

    /// Whether the text is one JSON object.
    static func isObject(_ text: Bytes) -> Bool {
        var reader = JSONPullReader(text)
        guard reader.kind == .object else { return false }
        do throws(InvalidTelemetry) {
            try reader.skip(depth: ValueBuilder.nestingLimit)
            try reader.finish()
            return true
        } catch {
            return false
        }
    }

    /// Writes the members of an object that `isObject` has found to be one; of equal keys the first counts.
    static func write(object text: Bytes, to attributes: AttributesBuilder) {
        var reader = JSONPullReader(text)
        var keys: Set<TextKey> = []
        // What stops it has been ruled out before.
        try? reader.object { (reader, key) throws(InvalidTelemetry) in
            guard keys.insert(TextKey(key)).inserted else { return try reader.skip() }
            attributes.attribute(key) { write(&reader, to: $0) }
        }
    }

    private static func write(_ reader: inout JSONPullReader, to value: ValueBuilder) {
        switch reader.kind {
        case .string: if let text = try? reader.string() { value.text(text) }
        case .bool: if let bool = try? reader.bool() { value.bool(bool) }
        case .number: if let number = try? reader.number() { write(number, to: value) }
        case .array:
            value.array { array in
                try? reader.array { (reader) throws(InvalidTelemetry) in
                    array.element { write(&reader, to: $0) }
                }
            }
        case .object:
            value.map { map in
                var keys: Set<TextKey> = []
                try? reader.object { (reader, key) throws(InvalidTelemetry) in
                    guard keys.insert(TextKey(key)).inserted else { return try reader.skip() }
                    map.entry(key) { write(&reader, to: $0) }
                }
            }
        case .null, nil: _ = reader.takeNull()
        }
    }

    private static func write(_ number: JSONPullReader.Number, to value: ValueBuilder) {
        if let integer = number.integer {
            value.int(integer)
        } else if let double = number.double {
            // Whole numbers that are too large for an integer stay doubles.
            value.double(double)
        } else {
            value.text(number.text)
        }
    }

    /// A number of dropped things: decimal digits of at most 32 bits.
    static func count(_ text: Bytes) -> UInt32? {
        guard !text.isEmpty, text.count <= 10, numberKind(text) == .integer else { return nil }
        return UInt32(text.string)
    }

    /// An id of exactly `digits` hexadecimal digits; an empty text is none.
    static func id(_ text: Bytes, digits: Int) -> TraceID? {
        guard text.isEmpty || text.count == digits else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<text.count {
            guard let digit = Hexadecimal.value(of: text[index]) else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        return TraceID(high: high, low: low)
    }
}

/// A text that holds a list of attributes and how many were dropped, as otelcol writes events and links:
/// `HEAD|{"key":"value"}|2`.
struct ZipkinPackedText {
    let head: Bytes
    /// A JSON object.
    let attributes: Bytes
    let dropped: UInt32

    /// Larger objects are not read, since the keys of one are remembered while it is written.
    static let objectLimit = 4 << 20

    /// Takes a text apart; `nil` when it is not of this form.
    ///
    /// The head ends where the object begins, so it may have bars in it and the object too.
    init?(_ text: Bytes) {
        let bar = UInt8(ascii: "|")
        guard let last = (0..<text.count).last(where: { text[$0] == bar }),
            let first = (0..<last).first(where: { text[$0] == bar && text[$0 + 1] == UInt8(ascii: "{") }),
            let dropped = ZipkinText.count(text[(last + 1)..<text.count])
        else { return nil }
        let object = text[(first + 1)..<last]
        guard object.count <= Self.objectLimit, ZipkinText.isObject(object) else { return nil }
        head = text[0..<first]
        attributes = object
        self.dropped = dropped
    }
}
