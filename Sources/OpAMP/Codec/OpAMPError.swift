internal import Wire

/// Why bytes are not a message of OpAMP.
public struct OpAMPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is, for whoever answers it.
    public enum Kind: Sendable, Hashable {
        /// Not protobuf, a field of another type than it has, or text that is not UTF-8.
        case malformed
        /// More bytes than a message may have: close code 1009, or status 413.
        case tooLarge
        /// More entries, or nested more deeply, than `MessageLimits` allows.
        case tooMany
        /// A frame with a header of a version that is not known.
        case header
    }

    public let kind: Kind
    /// What is wrong, naming the message and the field, such as
    /// `AgentToServer.instance_uid has 26 bytes instead of 16`.
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func wire(_ error: WireError, in message: StaticString) -> OpAMPError {
        OpAMPError(.malformed, "\(message) cannot be read: \(error)")
    }
}
