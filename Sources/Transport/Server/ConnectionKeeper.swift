internal import NIOCore

/// Decides when a connection is pinged, drained or closed.
///
/// Pure: the time comes in with every event.
///
/// The rules are gRPC's (proposals A8 and A9): a silent client is pinged, an idle or old connection is
/// drained, a client that pings too often is sent away.
struct ConnectionKeeper {
    /// The durations, as the loops count them.
    struct Rules {
        var idle: TimeAmount?
        var age: TimeAmount?
        var ageGrace: TimeAmount?
        var pingAfter: TimeAmount
        var pingTimeout: TimeAmount
        var pingMinTime: TimeAmount
        var permitsPingWithoutStream: Bool
        var firstRequest: TimeAmount?
        var read: TimeAmount?
        var write: TimeAmount?
    }

    /// What to do with the connection.
    enum Action: Equatable {
        case none
        /// Ask the client whether it is alive.
        case ping
        /// Ask the client to leave and let its requests finish.
        case drain(reason: String)
        /// Give up the requests that do not arrive in time.
        case resetSlowRequests
        /// Close now.
        case close(reason: String)
    }

    private let rules: Rules
    private let start: NIODeadline
    private var heardFrom: NIODeadline
    private var idleSince: NIODeadline?
    private var pingedAt: NIODeadline?
    private var drainingSince: NIODeadline?
    private var sending = SendingWatch()
    private var lastClientPing: NIODeadline?
    private var pingStrikes = 0
    private var hasSeenRequest = false
    /// Gives the connection time to hear of its end, when no grace is configured.
    private static let quickDrain = TimeAmount.seconds(5)
    private static let pingWithoutStreamTime = TimeAmount.hours(2)
    private static let allowedPingStrikes = 2

    /// Begins with a new connection.
    ///
    /// `jitter` (0...0.1) makes it older by that share.
    init(rules: Rules, jitter: Double, now: NIODeadline) {
        var rules = rules
        if let age = rules.age {
            rules.age = .nanoseconds(age.nanoseconds + Int64(Double(age.nanoseconds) * jitter))
        }
        self.rules = rules
        start = now
        heardFrom = now
        idleSince = now
    }

    /// Something came from the client.
    mutating func heard(at now: NIODeadline) {
        heardFrom = now
        pingedAt = nil
    }

    /// The number of requests changed.
    mutating func requestsChanged(open: Int, at now: NIODeadline) {
        if open > 0 {
            hasSeenRequest = true
            idleSince = nil
        } else if idleSince == nil {
            idleSince = now
        }
    }

    /// Looks at how far the client is with what is sent to it.
    mutating func look(_ progress: SendingProgress, at now: NIODeadline) { sending.look(progress, at: now) }

    /// The drain began, for whatever reason.
    mutating func drainBegan(at now: NIODeadline) {
        if drainingSince == nil { drainingSince = now }
    }

    /// Headers or data were sent, which forgives pings: a client may well ping while it waits for answers.
    mutating func answered() { pingStrikes = 0 }

    /// The client pings; false if it does so too often and has to go.
    mutating func allowsPing(hasRequests: Bool, at now: NIODeadline) -> Bool {
        defer { lastClientPing = now }
        let least =
            hasRequests || rules.permitsPingWithoutStream ? rules.pingMinTime : Self.pingWithoutStreamTime
        guard let lastClientPing, now < lastClientPing + least else { return true }
        pingStrikes += 1
        return pingStrikes <= Self.allowedPingStrikes
    }

    /// What is due now.
    ///
    /// `oldestRequest` is when the oldest request began that is still arriving.
    mutating func check(openRequests: Int, oldestRequest: NIODeadline?, at now: NIODeadline) -> Action {
        if let write = rules.write, let since = sending.since, now >= since + write {
            return .close(reason: "the client does not take what is sent to it")
        }
        if let pingedAt, now >= pingedAt + rules.pingTimeout {
            return .close(reason: "the client did not answer a ping")
        }
        if let drainingSince {
            let grace = rules.age == nil ? nil : rules.ageGrace
            if openRequests == 0, now >= drainingSince + Self.quickDrain {
                return .close(reason: "the connection was drained")
            }
            if let grace, now >= drainingSince + grace {
                return .close(reason: "the grace of an old connection is over")
            }
        } else if let action = drainDue(at: now) {
            return action
        }
        if let read = rules.read, let oldestRequest, now >= oldestRequest + read {
            return .resetSlowRequests
        }
        if pingedAt == nil, now >= heardFrom + rules.pingAfter {
            pingedAt = now
            return .ping
        }
        return .none
    }

    /// When to check again at the latest.
    func nextCheck(oldestRequest: NIODeadline?, after now: NIODeadline) -> NIODeadline {
        var next = pingedAt.map { $0 + rules.pingTimeout } ?? (heardFrom + rules.pingAfter)
        func consider(_ start: NIODeadline?, _ length: TimeAmount?) {
            if let start, let length { next = min(next, start + length) }
        }
        consider(sending.since, rules.write)
        consider(oldestRequest, rules.read)
        if let drainingSince {
            consider(drainingSince, Self.quickDrain)
            consider(drainingSince, rules.age == nil ? nil : rules.ageGrace)
        } else {
            consider(start, rules.age)
            consider(idleSince, rules.idle)
            if !hasSeenRequest { consider(start, rules.firstRequest) }
        }
        // What begins after this check is due no earlier than its own length from now.
        for length in [rules.idle, rules.read, rules.write, rules.pingTimeout] { consider(now, length) }
        return max(next, now + .milliseconds(20))
    }

    private func drainDue(at now: NIODeadline) -> Action? {
        if !hasSeenRequest, let firstRequest = rules.firstRequest, now >= start + firstRequest {
            return .close(reason: "no request came in time")
        }
        if let age = rules.age, now >= start + age { return .drain(reason: "max_age") }
        if let idle = rules.idle, let idleSince, now >= idleSince + idle { return .drain(reason: "max_idle") }
        return nil
    }
}
