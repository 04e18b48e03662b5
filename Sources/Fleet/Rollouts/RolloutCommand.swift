public import OpAMP

/// Who commands a rollout.
public struct RolloutActor: Sendable, Hashable {
    /// For events and the audit log, such as the name of a token.
    public let name: String
    /// The person behind it; two names of one person are one.
    public let owner: String

    public init(name: String, owner: String) {
        self.name = name
        self.owner = owner
    }
}

/// What a person may tell a rollout to do.
public enum RolloutCommand: Sendable, Hashable {
    case begin
    case approve
    /// Goes on in an emergency without the yes of a second person; whoever says so has to be allowed to.
    case breakGlass(reason: String)
    case pause(reason: String)
    case resume
    case promote(all: Bool)
    case abort(reason: String)
    case rollBack(reason: String)
    case retry(InstanceUID)
}
