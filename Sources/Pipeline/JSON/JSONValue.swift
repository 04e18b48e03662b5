/// A value of JSON (RFC 8259); only for responses, which are small.
public enum JSONValue: Equatable, Sendable {
    /// Its members; of two with one name the last counts.
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    /// As written; what type it has to be is up to the reader.
    case number(String)
    case bool(Bool)
    case null

    /// The member called `key`, if this is an object.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The text of a string.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A whole number, or a string of one, as proto3's mapping writes 64-bit integers.
    public var integer: Int? {
        switch self {
        case .string(let text), .number(let text): Int(text)
        default: nil
        }
    }
}
