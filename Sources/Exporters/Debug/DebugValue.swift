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
        case .string(let text): JSONText.quoted(text)
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): String(int)
        case .double(let double): DebugNumber.json(double)
        case .bytes(let bytes): JSONText.quoted(base64(bytes))
        case .stringIndex(let index): String(index)
        case .array(let values): "[" + values.map { json($0.content) }.joined(separator: ",") + "]"
        case .keyValues(let pairs):
            "{"
                + pairs.map { (key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
                .map { JSONText.quoted($0.key) + ":" + json($0.value.content) }.joined(separator: ",") + "}"
        }
    }

    private static func base64(_ bytes: Bytes) -> String {
        String(decoding: Base64Variant.standard.encode(bytes.array), as: UTF8.self)
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
