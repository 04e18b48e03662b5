public import OpAMP

/// What an agent ought to run.
///
/// Agents get it from rollouts alone; nothing else assigns.
public struct Assignment: Sendable, Hashable {
    public var uid: InstanceUID
    /// The configuration and the number of its revision.
    public var revision: RevisionReference
    /// The hash of what the revision becomes for this agent, variables filled in: the `config_hash` of the
    /// offer.
    public var hash: ContentHash
    /// The rollout that said so.
    public var rollout: String
    /// Within how many seconds the agent goes back by itself unless it is told to stay; `nil` for never.
    public var confirmWithin: Int?
    /// Whether fewer items may come out because of this revision.
    public var expectsDrop: Bool
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var time: UInt64

    public init(
        uid: InstanceUID, revision: RevisionReference, hash: ContentHash, rollout: String,
        confirmWithin: Int? = nil, expectsDrop: Bool = false, time: UInt64
    ) {
        self.uid = uid
        self.revision = revision
        self.hash = hash
        self.rollout = rollout
        self.confirmWithin = confirmWithin
        self.expectsDrop = expectsDrop
        self.time = time
    }
}

/// A configuration and the number of one of its revisions, such as `edge-logs@17`.
public struct RevisionReference: Sendable, Hashable, CustomStringConvertible {
    public var configuration: String
    /// From 1.
    public var number: Int

    public init(_ configuration: String, _ number: Int) {
        self.configuration = configuration
        self.number = number
    }

    /// Reads `name@number`; `nil` for another text.
    public init?(parsing text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let number = Int(parts[1]), number > 0 else { return nil }
        self.init(String(parts[0]), number)
    }

    public var description: String { "\(configuration)@\(number)" }
}
