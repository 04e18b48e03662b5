internal import Pipeline
internal import Telemetry
internal import Wire

/// Values as text, the way otelcol writes them.
enum DebugValue {
    /// Type and text: `Str(shop)`, `Int(3)`, `Map({"a":1})`.
    static func typed(_ value: AnyValueView) -> String {
        let content = value.content
        let type =
            switch content {
            case .empty: "Empty"
            case .string, .stringIndex: "Str"
            case .bool: "Bool"
            case .int: "Int"
            case .double: "Double"
            case .array: "Slice"
            case .keyValues: "Map"
            case .bytes: "Bytes"
            }
        return "\(type)(\(text(content)))"
    }

    /// The value alone: a string as it is, lists and maps as JSON, bytes as base64.
    static func text(_ value: AnyValueView) -> String { text(value.content) }

    private static func text(_ content: AnyValueView.Content) -> String {
        switch content {
        case .empty: ""
        case .string(let text): text
        case .bytes(let bytes): base64(bytes)
        case .bool, .int, .double, .array, .keyValues, .stringIndex: json(content)
        }
    }

    private static func json(_ content: AnyValueView.Content) -> String {
        switch content {
        case .empty: "null"
        case .string(let text): quoted(text)
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): String(int)
        case .double(let double): DebugNumber.json(double)
        case .bytes(let bytes): quoted(base64(bytes))
        case .stringIndex(let index): String(index)
        case .array(let values): "[" + values.map { json($0.content) }.joined(separator: ",") + "]"
        case .keyValues(let pairs):
            "{"
                + pairs.map { (key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
                .map { quoted($0.key) + ":" + json($0.value.content) }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// RFC 4648 section 4.
    private static func base64(_ bytes: Bytes) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let input = bytes.array
        var result = ""
        for start in stride(from: 0, to: input.count, by: 3) {
            let group = input[start..<min(start + 3, input.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                result.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : "=")
            }
        }
        return result
    }

    /// Bytes as lower-case hexadecimal digits, as identifiers are written.
    static func hex(_ bytes: Bytes) -> String {
        Hexadecimal.text(of: bytes.array)
    }

    /// `2020-02-11 20:26:12.000000321 +0000 UTC`, as Go prints a time.
    static func time(_ unixNanoseconds: UInt64) -> String {
        let time = CalendarTime(unixNanoseconds: unixNanoseconds)
        return "\(time.date) \(time.time())\(time.fraction) +0000 UTC"
    }
}
