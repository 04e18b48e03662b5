public import FleetModel
public import FleetStore
public import OpAMP

/// What rollouts need of the agents.
public protocol RolloutFleet: Sendable {
    /// How many agents there are, and how many of them are connected.
    var population: (known: Int, connected: Int) { get }

    /// Why an agent cannot take part whose facts say that it takes nothing, for people.
    var incapable: String { get }

    /// What is known of an agent now, its labels left out; called very often, so it has to be quick.
    func facts(_ uid: InstanceUID) -> AgentFacts?

    /// What selectors see of an agent; `nil` for one that is not known.
    func labels(of uid: InstanceUID) -> [String: String]?

    /// The agents that a selector chooses.
    func resolve(_ selector: Selector) -> [InstanceUID]

    /// Gives agents revisions: durably first, then by offering them.
    func assign(_ assignments: [Assignment]) async throws(StoreError)

    /// Takes the assignments of agents away; those that run what was assigned are told to go back to what
    /// they had before all rollouts.
    func withdraw(_ uids: [InstanceUID]) async throws(StoreError)

    /// Offers agents what they are assigned although they have failed with it.
    func retry(_ uids: [InstanceUID]) async

    /// Asks agents for their counters each `interval` seconds, for so many seconds.
    func watch(_ uids: [InstanceUID], interval: Int, seconds: Int)

    /// Tells an agent that the configuration of a hash may stay.
    func confirm(_ uid: InstanceUID, _ hash: ContentHash)

    /// Asks an agent whether it could run the configuration of a hash; `RolloutService.answered` takes the
    /// answer, with the same id.
    func validate(_ uid: InstanceUID, id: String, _ hash: ContentHash) async
}

extension RolloutFleet {
    public var incapable: String { "does not take configurations" }
}

/// What rollouts need of the configurations.
public protocol RolloutLibrary: Sendable {
    /// Makes a revision into what an agent gets, keeps it, and gives its hash.
    func render(_ revision: RevisionReference, for uid: InstanceUID) async throws(RolloutServiceError)
        -> ContentHash

    /// What is wrong with a revision for these agents, as far as the manager can tell; empty when nothing is.
    ///
    /// - Throws: `.notFound` when there is no such revision.
    func problems(of revision: RevisionReference, for uids: [InstanceUID]) async throws(RolloutServiceError)
        -> [String]

    /// The person who wrote a revision; `nil` when that is not known.
    func author(of revision: RevisionReference) async -> String?

    /// Why an agent cannot have a revision, which is then left out; `nil` when it can, as far as is known.
    func obstacle(to revision: RevisionReference, for uid: InstanceUID) async -> String?
}

extension RolloutLibrary {
    public func obstacle(to revision: RevisionReference, for uid: InstanceUID) async -> String? { nil }
}

/// Why something about rollouts was not done.
public enum RolloutServiceError: Error, Sendable, Equatable, CustomStringConvertible {
    case notFound(String)
    /// It is not in a state in which that can be done, or somebody else was faster.
    case conflict(String)
    case forbidden(String)
    /// What was asked for cannot be; each text says one thing.
    case invalid([String])
    /// Nobody can do it at this moment; it may be tried again.
    case unavailable(String)

    public init(_ error: StoreError) {
        switch error {
        case .conflict: self = .conflict("somebody else has changed it meanwhile; look at it again")
        // Trying again does not make it smaller.
        case .tooLarge: self = .invalid(["\(error)"])
        default: self = .unavailable("\(error)")
        }
    }

    public var description: String {
        switch self {
        case .notFound(let text), .conflict(let text), .forbidden(let text), .unavailable(let text): text
        case .invalid(let texts): texts.joined(separator: "; ")
        }
    }
}
