internal import Telemetry
internal import Wire

/// What one evaluation of a function may make; telemetry that would need more is an error of evaluation.
enum FunctionLimits {
    /// Bytes of a text that a function makes: 4 MiB.
    static let textSize = 4 << 20
    /// Values that a parser makes of one text.
    static let values = 100_000
    /// Lists and maps inside of each other that a parser makes.
    static let depth = 60
    /// Bytes of text in a list or map that is kept: 16 MiB.
    static let keptSize = 16 << 20

    /// Throws where a text has grown too large.
    static func check(textSize count: Int) throws(EvaluationError) {
        guard count > textSize else { return }
        throw .message("the result would have more than \(textSize) bytes")
    }
}

extension Value {
    /// The value as text, as Go's collector makes it; `nil` for `nil`.
    ///
    /// Bytes become hexadecimal digits, lists and maps JSON, times RFC 3339, durations `1h2m3s`.
    func likeString() throws(EvaluationError) -> Bytes? {
        switch self {
        case .null: return nil
        case .string(let text): return text
        case .bytes(let bytes): return bytes.hexadecimal
        case .bool(let bool): return Bytes(utf8: bool ? "true" : "false")
        case .int(let int): return Bytes(utf8: String(int))
        case .double(let double): return Bytes(utf8: double.jsonText)
        case .time(let time): return Bytes(utf8: time.rfc3339)
        case .duration(let nanoseconds): return Bytes(utf8: GoDuration.text(nanoseconds))
        case .list, .map, .wire: return try json()
        case .message: throw .message("a message cannot be made into text")
        }
    }

    /// The value as JSON with sorted keys, as Go writes it: bytes in base64, `<`, `>` and `&` escaped.
    ///
    /// Throws for numbers that JSON does not have, and where it gets larger than 4 MiB.
    func json() throws(EvaluationError) -> Bytes {
        var writer = JSONWriter()
        try writer.write(self)
        return writer.builder.finish()
    }
}

/// Writes values as JSON.
struct JSONWriter: ~Copyable {
    var builder = BytesBuilder(capacity: 128)

    mutating func write(_ value: Value, depth: Int = 0) throws(EvaluationError) {
        try FunctionLimits.check(textSize: builder.count)
        guard depth <= FunctionLimits.depth * 2 else { throw .message("the value is nested too deeply") }
        switch value {
        case .null: builder.append(utf8: "null")
        case .bool(let bool): builder.append(utf8: bool ? "true" : "false")
        case .int(let int): builder.append(utf8: String(int))
        case .double(let double):
            guard double.isFinite else { throw .message("\(double) cannot be written as JSON") }
            builder.append(utf8: double.jsonText)
        case .string(let text): write(string: text)
        case .bytes(let bytes):
            builder.append(UInt8(ascii: "\""))
            builder.append(Base64Variant.standard.encode(bytes.array))
            builder.append(UInt8(ascii: "\""))
        case .time(let time): write(string: Bytes(utf8: time.rfc3339))
        case .duration(let nanoseconds): builder.append(utf8: String(nanoseconds))
        case .list, .map, .wire: try write(container: value, depth: depth)
        case .message: throw .message("a message cannot be written as JSON")
        }
    }

    private mutating func write(container: Value, depth: Int) throws(EvaluationError) {
        var isFirst = true
        if let elements = container.elements {
            builder.append(UInt8(ascii: "["))
            for element in elements {
                if !isFirst { builder.append(UInt8(ascii: ",")) }
                isFirst = false
                try write(element, depth: depth + 1)
            }
            builder.append(UInt8(ascii: "]"))
        } else if let map = container.entries {
            builder.append(UInt8(ascii: "{"))
            for entry in map.entries.sorted(by: { $0.key.compare(to: $1.key) < 0 }) {
                if !isFirst { builder.append(UInt8(ascii: ",")) }
                isFirst = false
                write(string: entry.key)
                builder.append(UInt8(ascii: ":"))
                try write(entry.value, depth: depth + 1)
            }
            builder.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(string: Bytes) { JSONText.write(string, forWeb: true, to: &builder) }
}
