public import FleetModel
public import FleetStore
public import Logging
public import OpAMP
public import Pipeline
internal import Synchronization

/// All agents of the fleet: who they are, how they are, what they run and what they ought to run.
///
/// Everything is in memory, in about 3 KB for an agent; what has to outlive the process is in the store, and
/// is written once a second for those agents that have changed. A heartbeat changes nothing. With several
/// managers each has the whole fleet: what others write is read each second.
///
/// Bounded: `limit` agents; of each, 256 attributes of 1 KiB, 16 reports about configurations, 64 components
/// that are not well and 64 samples of counters.
public final class Inventory: Sendable {
    /// Agents that may be known at the same time; more are told to come again later.
    public static let limit = 500_000

    let store: FleetStore
    let clock: any PipelineClock
    let logger: Logger
    let state: Mutex<InventoryState>
    /// From before the agents were read, so that none is missed that is forgotten meanwhile.
    let changes: AsyncStream<StoreChange>
    /// How far changes by other managers have been read.
    let marks = Mutex(Marks())
    /// Where the next search for agents begins that lack what they were promised.
    let strayPlace = Atomic(0)
    /// What is to be done for agents whose assignments have changed.
    private let push = Mutex<@Sendable ([InstanceUID]) async -> Void>({ _ in })
    /// What is to be done when other managers say that they have agents that are connected here.
    private let claimed = Mutex<@Sendable ([ReplicaClaim]) -> Void>({ _ in })

    struct Marks: Sendable {
        var agents = ChangeMark.beginning
        var assignments: [AssignmentSlot: ChangeMark] = [:]
        /// The lives of other managers that are alive.
        var lives: Set<String> = []
    }

    private init(_ store: FleetStore, clock: any PipelineClock, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
        changes = store.changes()
        state = Mutex(InventoryState())
    }

    /// Reads the fleet from a store.
    ///
    /// - Parameters:
    ///   - store: Where agents and assignments are kept.
    ///   - clock: The time.
    ///   - logger: Where trouble with the store is told of.
    /// - Returns: The inventory; nobody is connected yet, but to other managers.
    /// - Throws: What the store throws.
    public static func open(
        _ store: FleetStore, clock: any PipelineClock, logger: Logger
    ) async throws(StoreError) -> Inventory {
        let inventory = Inventory(store, clock: clock, logger: logger)
        try await inventory.load()
        return inventory
    }

    /// The name of this manager.
    public var replica: String { store.replica }

    /// Says who offers what agents ought to run when that changes.
    func onAssigned(_ body: @escaping @Sendable ([InstanceUID]) async -> Void) { push.withLock { $0 = body } }

    /// Says who settles whose agents are that several managers have.
    func onClaimed(_ body: @escaping @Sendable ([ReplicaClaim]) -> Void) { claimed.withLock { $0 = body } }

    func tellClaims(_ claims: [ReplicaClaim]) { claimed.withLock { $0 }(claims) }

    func pushOffers(_ uids: [InstanceUID]) async {
        guard !uids.isEmpty else { return }
        await push.withLock { $0 }(uids)
    }

    /// Everything that is known of an agent.
    public func agent(_ uid: InstanceUID) -> AgentRecord? {
        state.withLock { state in state.place(of: uid).flatMap { state.record($0, replica: replica) } }
    }

    /// The agents that there are, those that wait to be let in left out, and how many are connected.
    public var counts: (known: Int, connected: Int) {
        state.withLock { ($0.known, $0.connected) }
    }

    /// Grows with every change that a list could show, such as for `ETag`; heartbeats change nothing.
    public var version: UInt64 { state.withLock { $0.version } }

    /// What rollouts want to know of an agent; `nil` for one that is not known or not let in.
    ///
    /// - Parameters:
    ///   - uid: The agent.
    ///   - withLabels: Whether `labels` are filled in, which costs more than all the rest.
    /// - Returns: What is known now.
    public func facts(_ uid: InstanceUID, withLabels: Bool = false) -> AgentFacts? {
        state.withLock { state in
            state.place(of: uid).flatMap { state.facts($0, withLabels: withLabels) }
        }
    }

    /// What selectors see of an agent: labels by operators and attributes by the agent; operators win.
    public func labels(of uid: InstanceUID) -> [String: String]? {
        state.withLock { state in state.place(of: uid).map { state.labels($0) } }
    }

    /// What an agent ought to run.
    public func assignment(of uid: InstanceUID) -> Assignment? {
        state.withLock { state in state.place(of: uid).flatMap { state.assignment($0) } }
    }

    /// The hashes of the components that agents are built of, each once, as the agents chose them.
    public func components(of uids: [InstanceUID]) -> Set<[UInt8]> {
        state.withLock { state in
            let numbers = Set(uids.compactMap { state.found($0)?.agent.components })
            return Set(numbers.compactMap { state.tables.components[$0] })
        }
    }

    /// Whether any agent ought to run a revision of a configuration.
    public func isInUse(_ configuration: String) -> Bool {
        state.withLock { state in
            var found = false
            state.tables.revisions.forEach { number, revision in
                found = found || revision.configuration == configuration
            }
            return found
        }
    }

    /// What agents run by its hash, as `AgentConfigMap.canonicalBytes`; `nil` when it is not kept.
    public func content(_ hash: ContentHash) async throws(StoreError) -> [UInt8]? {
        if let waiting = state.withLock({ $0.contents[hash] }) { return waiting }
        return try await store.content(hash)
    }
}
