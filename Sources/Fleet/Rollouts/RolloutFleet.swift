public import FleetModel
public import FleetStore
public import OpAMP
public import Rollouts

/// What rollouts need of the agents.
public protocol RolloutFleet: Sendable {
    /// How many agents there are, and how many of them are connected.
    var population: (known: Int, connected: Int) { get }

    /// Why an agent cannot take part whose facts say that it takes nothing, for people.
    var incapable: String { get }

    /// What is known of an agent now, its labels left out; called very often, so it has to be quick.
    func facts(_ uid: InstanceUID) -> AgentFacts?

    /// What selectors see of agents, as far as it is about some labels; agents that are not known are left
    /// out.
    func labels(_ keys: Set<String>, of uids: [InstanceUID]) -> [InstanceUID: [String: String]]

    /// The agents that a selector chooses.
    func resolve(_ selector: Selector) -> [InstanceUID]

    /// Connected agents that take configurations and lack what they were promised, with the first promise
    /// that chooses them.
    ///
    /// - Parameters:
    ///   - promises: What agents that come are to have, the newest first.
    ///   - newer: For each rollout how many of the promises are newer than what it assigned; for one that is
    ///     forgotten, those that began after the assignment are.
    ///   - limit: How many at most; the next time goes on behind them.
    /// - Returns: The agents, each once.
    func strays(_ promises: [StandingPromise], newer: [String: Int], limit: Int) -> [StrayAgent]

    /// Gives agents revisions: durably first, then by offering them.
    func assign(_ assignments: [Assignment]) async throws(StoreError)

    /// Takes the assignments of agents away; those that run what was assigned are told to go back to what
    /// they had before all rollouts.
    func withdraw(_ uids: [InstanceUID]) async throws(StoreError)

    /// Offers agents what they are assigned although they have failed with it.
    func retry(_ uids: [InstanceUID]) async

    /// Asks agents for their counters each `interval` seconds, for so many seconds.
    func watch(_ uids: [InstanceUID], interval: Int, seconds: Int)

    /// Tells agents that what a rollout has assigned to them may stay.
    func confirm(_ uids: [InstanceUID], rollout: String)

    /// Asks an agent whether it could run the configuration of a hash; `RolloutService.answered` takes the
    /// answer, with the same id.
    func validate(_ uid: InstanceUID, id: String, _ hash: ContentHash) async
}

extension RolloutFleet {
    public var incapable: String { "does not take configurations" }
}

/// What rollouts need of the configurations.
public protocol RolloutLibrary: Sendable {
    /// Makes a revision into what agents get, once for all that get the same; keeps it, and gives for each
    /// agent its hash, or why there is none.
    ///
    /// - Throws: what concerns all of them, as that there is no such revision.
    func render(_ revision: RevisionReference, for uids: [InstanceUID]) async throws(RolloutServiceError)
        -> [RenderedAgent]

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

/// What agents that come later are to have, as far as it decides which.
public struct StandingPromise: Sendable {
    public let selector: Selector
    /// Since when it is promised; nanoseconds since 1970-01-01T00:00:00Z.
    public let since: UInt64
    /// Builds of agents that do not get it.
    public let badBuilds: Set<String>

    public init(selector: Selector, since: UInt64, badBuilds: Set<String> = []) {
        self.selector = selector
        self.since = since
        self.badBuilds = badBuilds
    }
}

/// An agent that lacks what it was promised.
public struct StrayAgent: Sendable, Hashable {
    public let uid: InstanceUID
    /// The index of the promise.
    public let promise: Int

    public init(uid: InstanceUID, promise: Int) {
        self.uid = uid
        self.promise = promise
    }
}

/// What a revision is for an agent.
public struct RenderedAgent: Sendable {
    public let uid: InstanceUID
    /// Names what the agent gets.
    public let hash: Result<ContentHash, RolloutServiceError>

    public init(uid: InstanceUID, hash: Result<ContentHash, RolloutServiceError>) {
        self.uid = uid
        self.hash = hash
    }
}

/// Why something about rollouts was not done.
public enum RolloutServiceError: Error, Sendable, Equatable, CustomStringConvertible {
    case notFound(String)
    /// It is not in a state in which that can be done, or somebody else was faster.
    case conflict(String)
    /// It is not what whoever asked has seen; what it is now.
    case outdated(RolloutVersion)
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
        case .outdated(let version):
            "the rollout has changed meanwhile, its version is \(version) now; look at it again"
        case .invalid(let texts): texts.joined(separator: "; ")
        }
    }
}
