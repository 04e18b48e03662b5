public import Wire

/// A value of an attribute or the body of a log record (common.v1 AnyValue).
public struct AnyValueView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    /// The cases of an AnyValue.
    public enum Content: Sendable {
        /// No value at all, which is not the same as an empty string.
        case empty
        case string(String)
        case bool(Bool)
        case int(Int64)
        case double(Double)
        case array(Messages<AnyValueView>)
        case keyValues(Messages<KeyValueView>)
        case bytes(Bytes)
        /// An index into the string table of a profile.
        case stringIndex(Int)
    }

    /// What the value is; of several fields the last counts.
    public var content: Content {
        var content = Content.empty
        for field in message.fields {
            switch field.number {
            case 1: content = .string(message.bytes[field.value].string)
            case 2: content = .bool(field.bits != 0)
            case 3: content = .int(Int64(bitPattern: field.bits))
            case 4: content = .double(Double(bitPattern: field.bits))
            case 5: content = .array(Messages(bytes: message.bytes[field.value], number: 1))
            case 6: content = .keyValues(Messages(bytes: message.bytes[field.value], number: 1))
            case 7: content = .bytes(message.bytes[field.value])
            case 8: content = .stringIndex(Int(Int32(truncatingIfNeeded: field.bits)))
            default: break
            }
        }
        return content
    }

    /// The text when the value is a string.
    public var string: String? {
        if case .string(let text) = content { text } else { nil }
    }
}

/// A key and a value: an attribute (common.v1 KeyValue).
public struct KeyValueView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var key: String { message.text(1) }
    /// The value; one without content when the field is absent.
    public var value: AnyValueView { message.message(2) ?? AnyValueView(WireMessage(.empty)) }
}

extension Messages where View == KeyValueView {
    /// The value of the first attribute named `key`.
    public subscript(key: String) -> AnyValueView? {
        first { $0.key == key }?.value
    }
}
