/// Why bytes are not a message in the protobuf wire format, and where.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the bytes.
    public enum Reason: Sendable, Equatable {
        /// A value ends after the message that holds it.
        case truncated
        /// A varint of more than ten bytes, or of more than 64 bits.
        case varintTooLong
        /// Field number 0, a wire type that does not exist, or a tag of more than 32 bits.
        case invalidTag
        /// An end of a group without its start, or groups nested too deeply.
        case invalidGroup
    }

    /// What is wrong.
    public let reason: Reason
    /// Index of the byte where the faulty value begins.
    public let offset: Int

    /// Makes an error about the value that begins at `offset`.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        let text =
            switch reason {
            case .truncated: "value ends after its message"
            case .varintTooLong: "varint is too long"
            case .invalidTag: "invalid tag"
            case .invalidGroup: "invalid group"
            }
        return "\(text) at byte \(offset)"
    }
}
