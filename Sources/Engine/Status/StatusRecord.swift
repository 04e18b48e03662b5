internal import Pipeline

/// What the board knows about one instance of a component.
struct StatusRecord {
    /// What became of a report.
    enum Change {
        /// The state machine does not allow it, or it says nothing new.
        case ignored
        /// It is new, but too many were new lately for all of them to be events.
        case recorded
        case event
    }

    /// Changes in a row that are all events.
    static let eventBurst = 10
    /// After a burst, how often another change is an event.
    static let eventInterval = Duration.seconds(10)

    let instance: Int
    private(set) var status = ComponentStatus.starting
    /// When it got this status, in nanoseconds since 1970-01-01T00:00:00Z.
    private(set) var since: UInt64
    /// Earlier statuses, oldest first.
    private(set) var history: [StatusChange] = []
    /// Whether it has ever been on its feet; an error before that is a start that failed.
    private(set) var hasRun = false
    private var allowance = StatusRecord.eventBurst
    private var allowanceSince: Instant
    /// The status that the event log knows.
    private var announced = ComponentStatus.starting

    init(instance: Int, time: UInt64, now: Instant) {
        self.instance = instance
        since = time
        allowanceSince = now
    }

    /// Takes a status; another message of the same kind of error replaces the message and nothing else.
    mutating func report(_ next: ComponentStatus, time: UInt64, now: Instant) -> Change {
        guard status.allows(next), status != next else { return .ignored }
        guard status.name != next.name else {
            status = next
            return .ignored
        }
        history.append(StatusChange(time: since, status: status))
        if history.count > StatusBoard.historyLength { history.removeFirst() }
        status = next
        since = time
        switch next {
        case .ok, .recoverableError: hasRun = true
        case .starting, .permanentError, .fatalError, .stopping, .stopped: break
        }
        return announce(now: now) ? .event : .recorded
    }

    /// The status that the event log should hear of now because it could not before.
    mutating func settle(now: Instant) -> ComponentStatus? {
        guard announced.name != status.name, announce(now: now) else { return nil }
        return status
    }

    private mutating func announce(now: Instant) -> Bool {
        let earned = Int((now - allowanceSince) / Self.eventInterval)
        if earned > 0 {
            allowance = min(allowance + earned, Self.eventBurst)
            allowanceSince = now
        }
        let isFinal = status == .stopped || status.name == ComponentStatus.fatalError("").name
        guard allowance > 0 || isFinal else { return false }
        allowance -= isFinal ? 0 : 1
        announced = status
        return true
    }

    func health(_ kind: ComponentKind, _ id: ComponentID) -> ComponentHealth {
        ComponentHealth(kind: kind, id: id, instance: instance, status: status, since: since)
    }
}
