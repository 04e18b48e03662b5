internal import Logging
internal import Pipeline
internal import Synchronization

/// The status of every component, kept to otelcol's state machine.
///
/// While one instance of a component drains and its successor runs already, both report here; the newest
/// one that has run is shown, and what the others say changes nothing. So one that cannot start leaves no
/// trace beside one that runs.
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
    ///
    /// The one before it is shown until the new one runs.
    @discardableResult
    func register(_ kind: ComponentKind, _ id: ComponentID) -> Int {
        let key = Key(kind: kind, id: id)
        let record = { [clock] in
            StatusRecord(instance: $0, time: clock.unixNanoseconds, now: clock.now)
        }
        return state.withLock { $0.register(key, record) }
    }

    /// Forgets an instance: one that is gone, or one that could not start.
    func remove(_ kind: ComponentKind, _ id: ComponentID, instance: Int) {
        let key = Key(kind: kind, id: id)
        let shownAgain = state.withLock { $0.remove(key, instance) }
        if let shownAgain { note(shownAgain.status, key, instance: shownAgain.instance) }
    }

    /// Forgets every component, before another configuration takes over; instance numbers go on.
    func removeAll() { state.withLock { $0.records.removeAll() } }

    /// Records a change; one that the state machine does not allow is ignored.
    ///
    /// It is the status of `instance`; `nil` stands for the one that is shown.
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
        let subject: Logger.Metadata = [
            LogOutput.idField: "\(id)", LogOutput.kindField: "\(kind.rawValue)",
        ]
        logger.debug(
            "component status changed",
            metadata: subject.merging(["status": "\(status.name)"]) { _, new in new })
        if outcome.isEvent { note(status, key, instance: outcome.instance) }
        if outcome.endsProcess, let error = status.error {
            logger.critical(
                "a component cannot go on",
                metadata: subject.merging(["error": "\(error)"]) { _, new in new })
            fatal.requestStop(grace: .zero)
        }
    }

    /// Notes the status of components that changed more often than the event log wants to know, once they
    /// have calmed down; to be called about once a second.
    func settle() {
        let now = clock.now
        let settled = state.withLock { state in
            state.records.keys.compactMap { key in
                state.settle(key, now).map { (key, $0.instance, $0.status) }
            }
        }
        for (key, instance, status) in settled { note(status, key, instance: instance) }
    }

    /// Returns when a component has reported a fatal error.
    func fatalError() async { _ = await fatal.stopRequested() }

    /// The instance of every component that counts now, ordered by kind and id.
    var all: [ComponentHealth] {
        state.withLock { state in
            state.records.keys.compactMap { state.shown($0)?.health($0.kind, $0.id) }
        }.sorted { ($0.kind.rawValue, $0.id.description) < ($1.kind.rawValue, $1.id.description) }
    }

    /// The statuses that this instance of a component had before, oldest first.
    func history(_ kind: ComponentKind, _ id: ComponentID) -> [StatusChange] {
        state.withLock { $0.shown(Key(kind: kind, id: id))?.history ?? [] }
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
    /// Where the instance is that counts: the newest that has run and not stopped, or the newest.
    private func shownIndex(_ key: StatusBoard.Key) -> Int? {
        guard let known = records[key] else { return nil }
        return known.lastIndex { $0.hasRun && $0.status != .stopped } ?? known.indices.last
    }

    fileprivate func shown(_ key: StatusBoard.Key) -> StatusRecord? {
        shownIndex(key).flatMap { records[key]?[$0] }
    }

    fileprivate mutating func register(_ key: StatusBoard.Key, _ record: (Int) -> StatusRecord) -> Int {
        if instances.count - records.count >= StatusBoard.retiredLimit {
            instances = instances.filter { records[$0.key] != nil }
        }
        let instance = (instances[key] ?? 0) + 1
        instances[key] = instance
        var known = records[key] ?? []
        if known.count >= StatusBoard.instanceLimit { known.removeFirst() }
        known.append(record(instance))
        records[key] = known
        return instance
    }

    /// Gives the instance that is shown instead, when that is an older one.
    fileprivate mutating func remove(_ key: StatusBoard.Key, _ instance: Int) -> StatusRecord? {
        let before = shown(key)
        records[key]?.removeAll { $0.instance == instance }
        if records[key]?.isEmpty == true { records[key] = nil }
        guard let before, before.instance == instance, before.hasRun else { return nil }
        return shown(key)
    }

    /// Puts a status down; `nil` when it is ignored or nothing but a repetition.
    fileprivate mutating func report(
        _ status: ComponentStatus, _ key: StatusBoard.Key, instance: Int?, time: UInt64, now: Instant
    ) -> (instance: Int, isEvent: Bool, endsProcess: Bool)? {
        guard let known = records[key], let shown = shownIndex(key),
            let index = known.firstIndex(where: { $0.instance == instance ?? known[shown].instance })
        else { return nil }
        let change = records[key]?[index].report(status, time: time, now: now) ?? .ignored
        let counts = index == shownIndex(key)
        // An instance that has ended is of no interest beside one that has not.
        if !counts, status == .stopped { records[key]?.remove(at: index) }
        guard counts, change != .ignored else { return nil }
        // One that could not start takes nothing down with it while another one of its name runs.
        let endsProcess = status.isFatal && (known.count == 1 || known[index].hasRun)
        return (known[index].instance, change == .event, endsProcess)
    }

    fileprivate mutating func settle(
        _ key: StatusBoard.Key, _ now: Instant
    ) -> (instance: Int, status: ComponentStatus)? {
        guard let index = shownIndex(key), let status = records[key]?[index].settle(now: now),
            let instance = records[key]?[index].instance
        else { return nil }
        return (instance, status)
    }
}

extension ComponentStatus {
    fileprivate var isFatal: Bool {
        if case .fatalError = self { true } else { false }
    }
}
