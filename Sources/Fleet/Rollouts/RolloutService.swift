internal import FleetModel
public import FleetStore
public import Logging
internal import OpAMP
public import Pipeline
public import Rollouts
internal import Settings

/// Runs the rollouts of a fleet.
///
/// Of several managers on one store, the one that has the lease moves all rollouts, so that budgets hold; the
/// others show what it has written, and hand it what people tell them. A rollout is written before anything
/// is done because of it; after a crash, what was not done is done again.
public actor RolloutService {
    /// What the service is made of.
    public struct Parts: Sendable {
        public var store: FleetStore
        public var fleet: any RolloutFleet
        public var library: any RolloutLibrary
        public var events: FleetEvents
        public var clock: any PipelineClock
        public var logger: Logger
        /// The same agents and what can be rolled out to them where the target is a set of packages; `nil`
        /// when there are none.
        public var packages: (fleet: any RolloutFleet, library: any RolloutLibrary)?
        /// Which rollouts need the yes of a second person, as it is set now.
        public var duties: @Sendable () -> SeparationOfDuties = { SeparationOfDuties() }
        /// Where numbers about rollouts go.
        public var metrics = FleetMetrics()
        /// Takes what happens for the audit log.
        public var audit: @Sendable (RolloutEvent, _ rollout: String) async -> Void = { _, _ in }

        public init(
            store: FleetStore, fleet: any RolloutFleet, library: any RolloutLibrary, events: FleetEvents,
            clock: any PipelineClock, logger: Logger
        ) {
            self.store = store
            self.fleet = fleet
            self.library = library
            self.events = events
            self.clock = clock
            self.logger = logger
        }
    }

    /// Rollouts that are remembered; the oldest that have ended are forgotten.
    public static let remembered = 1000
    /// Rollouts that may be active at the same time.
    public static let maximumActive = 100
    static let lease = "rollouts"
    static let leaseTime = Duration.seconds(10)
    static let leaseRenewal = Duration.seconds(3)
    /// What is not urgent is written this often.
    static let writeInterval = Duration.seconds(5)
    /// How often new agents are looked for.
    static let joinInterval = Duration.seconds(30)

    /// A rollout that is moved.
    struct Active {
        var machine: RolloutMachine
        /// What is to be done once the rollout is written.
        var actions: [RolloutAction] = []
        var written = Instant(offset: .zero)
        /// Whether the last write did not succeed, so that everything has to be written.
        var needsAll = false
        /// The version of its head in the store; `nil` before it is written first.
        var version: Int64?
    }

    let parts: Parts
    let numbers: RolloutNumbers
    /// All rollouts without their agents, by id.
    var heads: [String: Rollout] = [:]
    /// Those that are moved, by id; empty while another manager has the lease.
    var active: [String: Active] = [:]
    var isOwner = false
    var leasedAt: Instant?
    /// The version of the document that each manager writes that takes over.
    var fence: Int64?
    var bad = BadRevisions()
    /// When answers to other managers were cleared away last.
    var clearedAt = Instant(offset: .zero)
    private var disconnects = DisconnectWatch()
    private var joinedAt = Instant(offset: .zero)
    private var turnstile = Turnstile()
    /// From before the rollouts were read, so that none is missed that changes meanwhile.
    let changes: AsyncStream<StoreChange>

    private init(_ parts: Parts) {
        self.parts = parts
        numbers = RolloutNumbers(parts.metrics)
        changes = parts.store.changes()
    }

    /// Reads the rollouts of a store; `run` moves them.
    public static func open(_ parts: Parts) async throws(RolloutServiceError) -> RolloutService {
        let service = RolloutService(parts)
        try await service.readHeads()
        return service
    }

    /// Moves the rollouts each second until the task is cancelled; then gives the lease back.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follow() }
            while !Task.isCancelled {
                await self.tick()
                do { try await self.parts.clock.sleep(for: .seconds(1)) } catch { break }
            }
            group.cancelAll()
        }
        await stop()
    }

    /// One second; public so that tests and simulations may turn the wheel by hand.
    public func tick() async {
        await inTurn {
            await self.keepLease()
            self.numbers.note(self.heads.values)
            guard self.isOwner else { return }
            let begin = self.parts.clock.now
            await self.takeRequests()
            await self.move()
            self.numbers.steps.observe(self.parts.clock.now - begin)
        }
    }

    /// Whether this manager moves the rollouts.
    public var movesRollouts: Bool { isOwner }

    /// Does something in one piece.
    func inTurn<Answer: Sendable, Failure: Error>(
        _ body: () async throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        if !turnstile.take() { await withCheckedContinuation { turnstile.wait($0) } }
        defer { turnstile.leave()?.resume() }
        return try await body()
    }

    var moment: Moment {
        Moment(elapsed: parts.clock.now.offset, time: parts.clock.unixNanoseconds)
    }

    /// All rollouts take a step, then what they want is written and done.
    private func move() async {
        let (known, connected) = parts.fleet.population
        let excused = active.values.reduce(0) { $0 + $1.machine.excused }
        let wasFrozen = disconnects.isFrozen
        disconnects.observe(connected: connected, excused: excused, now: moment.elapsed)
        noteFreeze(wasFrozen)
        await takeJoiners()
        var ledger = DisruptionLedger(rollouts: active.values.map(\.machine.rollout), known: known)
        let now = moment
        for id in active.keys.sorted() {
            // What could not be written has not happened yet, for anybody but us.
            guard var entry = active[id], !entry.needsAll else { continue }
            let fleet = self.fleet(for: entry.machine.rollout.target)
            let actions = entry.machine.step(now, isFrozen: disconnects.isFrozen, ledger: &ledger) {
                fleet.facts($0)
            }
            entry.actions += actions
            active[id] = entry
        }
        for id in active.keys.sorted() { await settle(id) }
        await forgetOld()
    }

    private func noteFreeze(_ wasFrozen: Bool) {
        guard wasFrozen != disconnects.isFrozen else { return }
        if wasFrozen {
            parts.events.note(.fleetThawed, "fleet", "the agents are back; rollouts go on")
        } else {
            parts.events.note(
                .fleetFrozen, "fleet", "much of the fleet has disconnected at once; rollouts stand still")
        }
    }

    /// Takes what is connected now for normal, because a person resumes a frozen rollout.
    func acceptConnections() { disconnects.reset() }

    private func takeJoiners() async {
        let now = parts.clock.now
        guard now - joinedAt >= Self.joinInterval else { return }
        joinedAt = now
        for id in active.keys.sorted() {
            guard var entry = active[id], !entry.needsAll, entry.machine.rollout.state.isActive,
                entry.machine.rollout.spec.lateJoiners != .ignore
            else { continue }
            let known = Set(entry.machine.rollout.members.map(\.uid))
            let new = parts.fleet.resolve(entry.machine.rollout.spec.selector).filter { !known.contains($0) }
            guard !new.isEmpty else { continue }
            let others = activeAgents(except: [id])
            let candidates = await candidates(
                new.filter { others[$0] == nil }, for: entry.machine.rollout.target,
                ignoresBad: entry.machine.rollout.spec.ignoresBad)
            entry.actions += entry.machine.join(candidates, at: moment)
            active[id] = entry
        }
    }

    private func stop() async {
        await inTurn {
            for id in self.active.keys.sorted() { await self.settle(id, isUrgent: true) }
            guard self.isOwner else { return }
            self.isOwner = false
            self.active = [:]
            do throws(StoreError) { try await self.parts.store.releaseLease(Self.lease) } catch {
                self.parts.logger.warning("cannot give the lease of the rollouts back: \(error)")
            }
        }
    }
}
