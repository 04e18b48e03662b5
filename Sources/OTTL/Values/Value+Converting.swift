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
}
