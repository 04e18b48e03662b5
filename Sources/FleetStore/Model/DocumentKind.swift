/// What a document of the store is about.
public enum DocumentKind: String, Sendable, Hashable, CaseIterable {
    /// A configuration by its name.
    case configuration
    /// One revision of a configuration.
    case revision
    /// A saved selector.
    case group
    /// A named way to roll out.
    case plan
    /// A rollout with its whole state.
    case rollout
    /// What one manager asks of the one that moves the rollouts, and what that one answers.
    case rolloutRequest
    /// A token of a person or of a program that uses the fleet API.
    case userToken
    /// A token that agents enroll with.
    case enrollmentToken
    /// An agent that waits for approval, or what became of it.
    case enrollment
    /// What one agent proves with who it is.
    case agentCredential
    /// Where events are sent.
    case webhook
    /// A value of a group or of the fleet that templates use.
    case value
    /// One version of a set of packages.
    case packageSet
    /// A setting of the fleet manager itself.
    case setting
}
