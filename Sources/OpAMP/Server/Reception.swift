/// What a server makes of a message of an agent.
public struct Reception: Sendable, Hashable {
    /// How the message follows the one before.
    public enum Order: Sendable, Hashable {
        /// Nothing was known of the agent.
        case first
        case next
        /// It has been received before: it is answered, and nothing else is done.
        case duplicate
        /// A poll without a number, as plain HTTP allows.
        case poll
        /// So many messages before it never arrived.
        case gap(UInt64)
        /// Its number goes back: the agent began anew, or two agents have the same id.
        case restarted
    }

    public var order: Order
    /// The parts that are in the message; to be taken whatever the agent's capabilities say.
    public var parts: ReportedParts
    /// Whether the agent can do other things than it said before.
    public var changesCapabilities: Bool
    /// The hash of the agent's components when it sent nothing else of them.
    public var componentsHash: [UInt8]?

    /// Whether the message is to be processed, and not only answered.
    public var isNew: Bool { order != .duplicate }
}
