internal import FleetModel
public import FleetStore
public import Logging
internal import OpAMP
public import Pipeline
public import Rollouts
internal import Settings
internal import Synchronization

/// Runs the rollouts of a fleet.
///
/// Of several managers on one store, the one that has the lease moves all rollouts, so that budgets hold; the
/// others show what it has written, and hand it what people tell them. A rollout is written before anything
/// is done because of it; after a crash, what was not done is done again.
///
/// Rollouts take a step each second, and at once when somebody has said something: a person, or an agent of
/// one that waits for it. What has nothing to wait for goes on without a pause.
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
        /// Takes what happens for the audit log, in order.
        public var audit: @Sendable ([RolloutEvent], _ rollout: String) async -> Void = { _, _ in }

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
    /// Steps that are taken before somebody else may say something.
    static let stepsAtOnce = 64
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
    /// What rollouts that have succeeded go on to promise, by rollout.
    var standing: [String: StandingAssignment] = [:]
    /// Those that have to be written.
    var soiledStanding: Set<String> = []
    /// What has to be told to the audit log of them.
    var standingEvents: [(event: RolloutEvent, rollout: String)] = []
    /// When agents that came later are looked for next.
    var nextLook = Instant(offset: .zero)
    /// When what is not urgent of them was written last.
    var standingWritten = Instant(offset: .zero)
    var disconnects = DisconnectWatch()
    /// When connections were counted last.
    private var watchedAt: Duration?
    private var joinedAt = Instant(offset: .zero)
    /// When it was looked last what other managers were told.
    private var requestsAt: Instant?
    private var turnstile = Turnstile()
    let bell = RolloutBell()
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

    /// Moves the rollouts until the task is cancelled; then gives the lease back.
    public func run() async {
        let rings = bell.open()
        let (bell, clock) = (bell, parts.clock)
        await withDiscardingTaskGroup { group in
            group.addTask { await self.follow() }
            group.addTask {
                repeat { bell.ring() } while (try? await clock.sleep(for: .seconds(1))) != nil
            }
            for await _ in rings {
                guard !Task.isCancelled else { break }
                switch bell.take(clock.now) {
                case .step: await advance()
                case .later(let pause):
                    group.addTask {
                        _ = try? await clock.sleep(for: pause)
                        bell.endPause()
                    }
                case .nothing: break
                }
            }
            group.cancelAll()
        }
        await stop()
    }

    /// Steps for as long as there is something that nobody has to wait for.
    private func advance() async {
        let begin = parts.clock.now
        // However often there is a step, other managers are listened to in seconds.
        var takesRequests = requestsAt.map { begin - $0 >= .seconds(1) } ?? true
        if takesRequests { requestsAt = begin }
        var steps = 0
        while await turn(takesRequests: takesRequests), !Task.isCancelled {
            takesRequests = false
            steps += 1
            if steps == Self.stepsAtOnce {
                bell.ring()
                break
            }
        }
        let now = parts.clock.now
        bell.rest(now, after: now - begin)
    }

    /// An agent has said something about a configuration; may be called from anywhere, and often.
    public nonisolated func hear() { bell.hear() }

    /// One step; public so that tests and simulations may turn the wheel by hand.
    public func tick() async { _ = await turn(takesRequests: true) }

    /// One step of everything; whether the next one need not wait.
    private func turn(takesRequests: Bool) async -> Bool {
        await inTurn {
            await self.keepLease()
            self.numbers.note(self.heads.values)
            guard self.isOwner else { return false }
            let begin = self.parts.clock.now
            if takesRequests { await self.takeRequests() }
            let goesOn = await self.move()
            self.numbers.steps.observe(self.parts.clock.now - begin)
            return goesOn
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
    ///
    /// - Returns: Whether one of them could take another step at once.
    private func move() async -> Bool {
        watchConnections()
        await takeJoiners()
        let known = parts.fleet.population.known
        var ledger = DisruptionLedger(rollouts: active.values.map(\.machine.rollout), known: known)
        for one in standing.values where one.changing > 0 {
            if let head = heads[one.rollout] { ledger.add(head, disrupted: one.changing, known: known) }
        }
        var moving: Set<String> = []
        for id in active.keys.sorted() {
            // What could not be written has not happened yet, for anybody but us.
            guard var entry = active.removeValue(forKey: id) else { continue }
            if !entry.needsAll {
                step(&entry, &ledger)
                if entry.machine.isMoving { moving.insert(id) }
            }
            active[id] = entry
        }
        bell.isListening.store(active.values.contains { $0.machine.waitsForAgents }, ordering: .relaxed)
        for id in active.keys.sorted() { await settle(id) }
        await moveStanding(&ledger)
        await keepStanding()
        await forgetOld()
        return moving.contains { active[$0]?.needsAll == false }
    }

    /// Steps until there is something to be done, or nothing happens without waiting: what comes before the
    /// first agents get something is written once, and not step by step.
    private func step(_ entry: inout Active, _ ledger: inout DisruptionLedger) {
        let fleet = fleet(for: entry.machine.rollout.target)
        for _ in 0..<Self.stepsAtOnce {
            let actions = entry.machine.step(moment, isFrozen: disconnects.isFrozen, ledger: &ledger) {
                fleet.facts($0)
            }
            entry.actions += actions
            guard entry.machine.isMoving, !actions.contains(where: \.concernsAgents) else { return }
        }
    }

    /// Sees whether much of the fleet has gone; counts in seconds, however often there is a step.
    private func watchConnections() {
        let now = moment.elapsed
        if let watchedAt, now - watchedAt < .seconds(1) { return }
        watchedAt = now
        let excused = active.values.reduce(0) { $0 + $1.machine.excused }
        let wasFrozen = disconnects.isFrozen
        disconnects.observe(connected: parts.fleet.population.connected, excused: excused, now: now)
        noteFreeze(wasFrozen)
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
                entry.machine.rollout.spec)
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
            self.bell.isListening.store(false, ordering: .relaxed)
            do throws(StoreError) { try await self.parts.store.releaseLease(Self.lease) } catch {
                self.parts.logger.warning("cannot give the lease of the rollouts back: \(error)")
            }
        }
    }
}
