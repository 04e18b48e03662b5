import Fleet
import FleetModel
import FleetStore
import Logging
import OpAMP
import Pipeline
import PipelineTesting
import Rollouts
import Settings
import Synchronization

/// Agents that take what they are assigned, second by second.
final class FakeFleet: RolloutFleet {
    struct Agent {
        var facts: AgentFacts
        /// What it says of revisions that it cannot run.
        var refuses: RevisionReference?
    }

    struct State {
        var agents: [InstanceUID: Agent] = [:]
        var confirmed: [InstanceUID: ContentHash] = [:]
        var asked: [(uid: InstanceUID, id: String)] = []
        var retried: [InstanceUID] = []
        var failures = 0
        /// Whose next assignment fails.
        var failsOnce: InstanceUID?
        var assignments = 0
        var waiters: [(isDone: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
            []
    }

    let state = Mutex(State())
    private let clock: ManualClock

    init(_ count: Int, clock: ManualClock, labels: (Int) -> [String: String] = { _ in [:] }) {
        self.clock = clock
        for number in 1...count {
            let uid = InstanceUID(high: 7, low: UInt64(number))
            var facts = AgentFacts(uid: uid)
            facts.isConnected = true
            facts.acceptsRemoteConfig = true
            facts.build = "apus 1"
            facts.labels = labels(number)
            state.withLock { $0.agents[uid] = Agent(facts: facts) }
        }
    }

    static func uid(_ number: Int) -> InstanceUID { InstanceUID(high: 7, low: UInt64(number)) }

    /// One second: everybody applies what is new.
    func tick() {
        let time = clock.unixNanoseconds
        state.withLock { state in
            for uid in state.agents.keys {
                guard var agent = state.agents[uid], agent.facts.isConnected,
                    let assignment = agent.facts.assignment,
                    agent.facts.history.last?.hash != assignment.hash.bytes
                else { continue }
                let isRefused = agent.refuses == assignment.revision
                agent.facts.history.append(
                    ConfigurationReport(
                        hash: assignment.hash.bytes, outcome: isRefused ? .failed : .applied,
                        message: isRefused ? "no such processor" : "", time: time))
                state.agents[uid] = agent
            }
        }
    }

    func edit(_ uid: InstanceUID, _ body: (inout Agent) -> Void) {
        state.withLock { state in
            guard var agent = state.agents[uid] else { return }
            body(&agent)
            state.agents[uid] = agent
        }
    }

    func assigned(_ revision: RevisionReference) -> Int {
        state.withLock { $0.agents.values.count { $0.facts.assignment?.revision == revision } }
    }

    /// Lets the next assignments fail, as a store does that is away.
    func failNext(_ count: Int) { state.withLock { $0.failures = count } }

    var population: (known: Int, connected: Int) {
        state.withLock { ($0.agents.count, $0.agents.values.count { $0.facts.isConnected }) }
    }

    func facts(_ uid: InstanceUID) -> AgentFacts? { state.withLock { $0.agents[uid]?.facts } }

    func labels(_ keys: Set<String>, of uids: [InstanceUID]) -> [InstanceUID: [String: String]] {
        var found: [InstanceUID: [String: String]] = [:]
        for uid in uids { found[uid] = facts(uid)?.labels.filter { keys.contains($0.key) } }
        return found
    }

    func resolve(_ selector: Selector) -> [InstanceUID] {
        state.withLock { $0.agents.values.filter { selector.matches($0.facts.labels) }.map(\.facts.uid) }
            .sorted()
    }

    func strays(_ promises: [StandingPromise], newer: [String: Int], limit: Int) -> [StrayAgent] {
        state.withLock { state in
            let found = state.agents.values.compactMap { agent -> StrayAgent? in
                let facts = agent.facts
                guard facts.isConnected, facts.acceptsRemoteConfig else { return nil }
                let count = facts.assignment.map { newer[$0.rollout] ?? 0 } ?? promises.count
                let index = promises[..<count].firstIndex { promise in
                    promise.selector.matches(facts.labels) && !promise.badBuilds.contains(facts.build)
                }
                return index.map { StrayAgent(uid: facts.uid, promise: $0) }
            }
            return Array(found.sorted { $0.uid < $1.uid }.prefix(limit))
        }
    }

    func assign(_ assignments: [Assignment]) async throws(StoreError) {
        let fails = state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                return true
            }
            if let uid = state.failsOnce, assignments.contains(where: { $0.uid == uid }) {
                state.failsOnce = nil
                return true
            }
            state.assignments += assignments.count
            for assignment in assignments { state.agents[assignment.uid]?.facts.assignment = assignment }
            return false
        }
        if fails { throw .unreachable("the test says so") }
        wake()
    }

    /// Returns when so many assignments have been made.
    func waitUntilAssigned(_ count: Int) async { await wait { $0.assignments >= count } }

    /// Returns when an agent has been asked about a revision.
    func waitUntilAsked() async -> (uid: InstanceUID, id: String) {
        await wait { !$0.asked.isEmpty }
        return state.withLock { $0.asked[0] }
    }

    private func wait(_ isDone: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if isDone(state) { return true }
                state.waiters.append((isDone, continuation))
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func wake() {
        let woken = state.withLock { state in
            let (before, all) = (state, state.waiters)
            state.waiters = all.filter { !$0.isDone(before) }
            return all.filter { $0.isDone(before) }
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    func withdraw(_ uids: [InstanceUID]) async throws(StoreError) {
        state.withLock { state in for uid in uids { state.agents[uid]?.facts.assignment = nil } }
    }

    func retry(_ uids: [InstanceUID]) async { state.withLock { $0.retried += uids } }
    func watch(_ uids: [InstanceUID], interval: Int, seconds: Int) {}

    func confirm(_ uids: [InstanceUID], rollout: String) {
        state.withLock { state in
            for uid in uids {
                guard let assignment = state.agents[uid]?.facts.assignment, assignment.rollout == rollout
                else {
                    continue
                }
                state.confirmed[uid] = assignment.hash
            }
        }
    }

    func validate(_ uid: InstanceUID, id: String, _ hash: ContentHash) async {
        state.withLock { $0.asked.append((uid, id)) }
        wake()
    }
}

/// Configurations of which every revision up to 5 exists.
struct FakeLibrary: RolloutLibrary {
    /// So many times nothing can be rendered, because the store is away.
    let outage: Outage

    final class Outage: Sendable {
        let left = Mutex(0)
    }

    init(outage: Outage = Outage()) { self.outage = outage }

    func render(
        _ revision: RevisionReference, for uids: [InstanceUID]
    ) async throws(RolloutServiceError) -> [RenderedAgent] {
        let isAway = outage.left.withLock { left in
            defer { left = max(left - 1, 0) }
            return left > 0
        }
        if isAway { throw .unavailable("the test says so") }
        return uids.map { uid in
            let isPicky = revision.configuration == "picky" && uid.low == 1
            return RenderedAgent(
                uid: uid,
                hash: isPicky
                    ? .failure(.invalid(["the variable 'region' has no value"]))
                    : .success(ContentHash(of: Array("\(revision)".utf8))))
        }
    }

    func problems(
        of revision: RevisionReference, for uids: [InstanceUID]
    ) async throws(RolloutServiceError) -> [String] {
        guard revision.number <= 5 else { throw .notFound("there is no revision \(revision)") }
        return revision.configuration == "broken" ? ["\(revision): unknown key 'recievers'"] : []
    }

    func author(of revision: RevisionReference) async -> String? { "carol" }
}

/// A manager's rollouts over agents that behave.
final class RolloutBench {
    let clock = ManualClock()
    let fleet: FakeFleet
    let store: FleetStore
    let events: FleetEvents
    let metrics = FleetMetrics()
    let outage = FakeLibrary.Outage()
    var service: RolloutService
    static let ada = RolloutActor(name: "ada-laptop", owner: "ada")
    static let bob = RolloutActor(name: "bob-phone", owner: "bob")

    init(
        _ count: Int = 10, labels: (Int) -> [String: String] = { _ in [:] },
        duties: SeparationOfDuties = SeparationOfDuties()
    ) async throws {
        fleet = FakeFleet(count, clock: clock, labels: labels)
        let clock = clock
        store = try await FleetStore.open(
            .memory, replica: "one", logger: Logger(label: "test"), clock: { clock.unixNanoseconds })
        events = FleetEvents(clock: clock)
        self.duties = duties
        service = try await Self.open(store, fleet, events, metrics, clock, duties, outage)
        await service.tick()
    }

    private let duties: SeparationOfDuties

    private static func open(
        _ store: FleetStore, _ fleet: FakeFleet, _ events: FleetEvents, _ metrics: FleetMetrics,
        _ clock: ManualClock,
        _ duties: SeparationOfDuties, _ outage: FakeLibrary.Outage
    ) async throws -> RolloutService {
        var parts = RolloutService.Parts(
            store: store, fleet: fleet, library: FakeLibrary(outage: outage), events: events, clock: clock,
            logger: Logger(label: "test"))
        parts.duties = { duties }
        parts.metrics = metrics
        return try await RolloutService.open(parts)
    }

    /// A manager that was killed, and its successor.
    func restart() async throws {
        service = try await Self.open(store, fleet, events, metrics, clock, duties, outage)
        await service.tick()
    }

    func step() async {
        clock.advance(by: .seconds(1))
        fleet.tick()
        await service.tick()
    }

    /// Steps until the rollout is in one of the states; gives the state it is in.
    func run(_ id: String, until states: Set<RolloutState>, seconds: Int = 4000) async -> RolloutState? {
        for _ in 0..<seconds {
            if let state = await service.rollout(id)?.state, states.contains(state) { return state }
            await step()
        }
        return await service.rollout(id)?.state
    }

    func start(_ yaml: String) async throws -> Rollout {
        try await service.start(try RolloutSpec.decode(yaml: yaml), by: Self.ada)
    }

    static func spec(_ target: String, more: String = "") -> String {
        """
        target: \(target)
        plan: [{name: canary, size: 1, bake: 10s}, {name: rest, size: 100%, bake: 10s}]
        gate: {analysis: [restarts, component_status], min_healthy_time: 5s}
        \(more)
        """
    }
}
