internal import Logging
internal import Pipeline
internal import Synchronization

/// The status of every component, kept to otelcol's state machine.
///
/// While one instance of a component drains and its successor runs already, both report here; the newest
/// one is shown, and what the older ones say changes nothing. When the newest is taken away because it could
/// not start, the one before it is shown again.
final class StatusBoard: Sendable {
    /// Names a component.
    struct Key: Hashable, Sendable {
        let kind: ComponentKind
        let id: ComponentID
    }

    /// Earlier statuses that are kept of each instance.
    static let historyLength = 32
    /// Instances of one component that are remembered at a time; the oldest give way.
    static let instanceLimit = 8
    /// Ids that run no more and whose last instance number is still known; beyond, numbers begin anew.
    static let retiredLimit = 4096

    fileprivate struct State {
        /// The instances of each component, the newest last.
        var records: [Key: [StatusRecord]] = [:]
        /// The last instance number of each component.
        var instances: [Key: Int] = [:]
    }

    private let state = Mutex(State())
    private let fatal = Lifeline()
    private let logger: Logger
    private let clock: any PipelineClock
    private let events: EventLog

    init(logger: Logger, clock: any PipelineClock, events: EventLog) {
        self.logger = logger
        self.clock = clock
        self.events = events
    }

    /// Takes a new instance of a component in, as starting, and gives its number: 1, 2 … for each id.
    @discardableResult
    func register(_ kind: ComponentKind, _ id: ComponentID) -> Int {
        let key = Key(kind: kind, id: id)
        let time = clock.unixNanoseconds
        return state.withLock { state in
            state.forgetRetired(beyond: Self.retiredLimit)
            let instance = (state.instances[key] ?? 0) + 1
            state.instances[key] = instance
            var records = state.records[key] ?? []
            if records.count >= Self.instanceLimit { records.removeFirst() }
            records.append(StatusRecord(instance: instance, time: time, now: clock.now))
            state.records[key] = records
            return instance
        }
    }

    /// Forgets an instance: one that is gone, or one that could not start.
    func remove(_ kind: ComponentKind, _ id: ComponentID, instance: Int) {
        let key = Key(kind: kind, id: id)
        state.withLock { state in
            state.records[key]?.removeAll { $0.instance == instance }
            if state.records[key]?.isEmpty == true { state.records[key] = nil }
        }
    }

    /// Forgets every component, before another configuration takes over; instance numbers go on.
    func removeAll() { state.withLock { $0.records.removeAll() } }

    /// Records a change; one that the state machine does not allow is ignored.
    ///
    /// It is the status of `instance`; `nil` stands for the newest one.
    func report(
        _ status: ComponentStatus, _ kind: ComponentKind, _ id: ComponentID, instance: Int? = nil
    ) {
        let key = Key(kind: kind, id: id)
        let time = clock.unixNanoseconds
        let now = clock.now
        let outcome = state.withLock { state in
            state.report(status, key, instance: instance, time: time, now: now)
        }
        guard let outcome else { return }
        logger.debug(
            "component status changed",
            metadata: [
                "otelcol.component.id": "\(id)", "otelcol.component.kind": "\(kind.rawValue)",
                "status": "\(status.name)",
            ])
        if outcome.isEvent { note(status, key, instance: outcome.instance) }
        if case .fatalError(let error) = status {
            logger.critical(
                "a component cannot go on", metadata: ["component": "\(id)", "error": "\(error)"])
            fatal.requestStop(grace: .zero)
        }
    }

    /// Notes the status of components that changed more often than the event log wants to know, once they
    /// have calmed down; to be called about once a second.
    func settle() {
        let now = clock.now
        let settled = state.withLock { state -> [(Key, Int, ComponentStatus)] in
            var settled: [(Key, Int, ComponentStatus)] = []
            for key in state.records.keys {
                guard let last = state.records[key]?.indices.last,
                    let status = state.records[key]?[last].settle(now: now),
                    let instance = state.records[key]?[last].instance
                else { continue }
                settled.append((key, instance, status))
            }
            return settled
        }
        for (key, instance, status) in settled { note(status, key, instance: instance) }
    }

    /// Returns when a component has reported a fatal error.
    func fatalError() async { _ = await fatal.stopRequested() }

    /// The newest instance of every component, ordered by kind and id.
    var all: [ComponentHealth] {
        state.withLock { state in
            state.records.compactMap { key, records in records.last?.health(key.kind, key.id) }
        }.sorted { ($0.kind.rawValue, $0.id.description) < ($1.kind.rawValue, $1.id.description) }
    }

    /// The statuses that the newest instance of a component had before, oldest first.
    func history(_ kind: ComponentKind, _ id: ComponentID) -> [StatusChange] {
        state.withLock { $0.records[Key(kind: kind, id: id)]?.last?.history ?? [] }
    }

    private func note(_ status: ComponentStatus, _ key: Key, instance: Int) {
        var details = [
            "kind": key.kind.rawValue, "id": key.id.description, "instance": "\(instance)",
            "status": status.name,
        ]
        details["error"] = status.error
        let error = status.error.map { ": \($0)" } ?? ""
        events.note(
            .componentStatus, "\(key.kind.rawValue)/\(key.id)",
            "the \(key.kind.rawValue) \(key.id) is now \(status.name)\(error)", details: details)
    }
}

extension StatusBoard.State {
    /// Puts a status down; `nil` when it is ignored or nothing but a repetition.
    fileprivate mutating func report(
        _ status: ComponentStatus, _ key: StatusBoard.Key, instance: Int?, time: UInt64, now: Instant
    ) -> (instance: Int, isEvent: Bool)? {
        guard let known = records[key], let newest = known.last?.instance,
            let index = known.firstIndex(where: { $0.instance == instance ?? newest })
        else { return nil }
        let change = records[key]?[index].report(status, time: time, now: now) ?? .ignored
        let isNewest = known[index].instance == newest
        // An instance that has a successor and has ended is of no interest to anyone.
        if !isNewest, status == .stopped { records[key]?.remove(at: index) }
        guard isNewest, change != .ignored else { return nil }
        return (newest, change == .event)
    }

    fileprivate mutating func forgetRetired(beyond limit: Int) {
        guard instances.count - records.count >= limit else { return }
        instances = instances.filter { records[$0.key] != nil }
    }
}
