internal import NIOCore

/// Since when a WebSocket waits for what, and what follows from it.
///
/// Pure: the time comes in with every event. There is no timer for a single connection: a roster asks all of
/// its connections in turn.
struct WebSocketPulse {
    /// `WebSocketLimits` in the units of the loop.
    struct Rules {
        let pingAfter: TimeAmount?
        let pong: TimeAmount
        let message: TimeAmount?
        let write: TimeAmount?
        let close: TimeAmount

        init(_ limits: WebSocketLimits) {
            pingAfter = limits.pingAfter.map { TimeAmount($0) }
            pong = TimeAmount(limits.pongTimeout)
            message = limits.messageTimeout.map { TimeAmount($0) }
            write = limits.writeTimeout.map { TimeAmount($0) }
            close = TimeAmount(limits.closeTimeout)
        }
    }

    /// What to do now.
    enum Step: Equatable {
        case nothing
        case ping
        /// The connection is dead, for this reason.
        case giveUp(String)
    }

    private var heardAt: NIODeadline
    private var pingedAt: NIODeadline?
    private var messageSince: NIODeadline?
    private var blockedSince: NIODeadline?
    private var closingSince: NIODeadline?

    init(now: NIODeadline) { heardAt = now }

    /// Bytes arrived, after which a message is or is not under way.
    mutating func heard(isInsideMessage: Bool, at now: NIODeadline) {
        heardAt = now
        pingedAt = nil
        messageSince = isInsideMessage ? (messageSince ?? now) : nil
    }

    /// The other end took something of what is being sent; `isBlocked` if there is more.
    mutating func wrote(isBlocked: Bool, at now: NIODeadline) { blockedSince = isBlocked ? now : nil }

    /// Something had to wait to be sent.
    mutating func blocked(at now: NIODeadline) { blockedSince = blockedSince ?? now }

    /// This end has said goodbye.
    mutating func closing(at now: NIODeadline) { closingSince = closingSince ?? now }

    /// Looks at all deadlines.
    mutating func step(_ rules: Rules, at now: NIODeadline) -> Step {
        if let closingSince {
            return now >= closingSince + rules.close ? .giveUp("it does not say goodbye") : .nothing
        }
        if let since = blockedSince, let limit = rules.write, now >= since + limit {
            return .giveUp("it does not read")
        }
        if let since = messageSince, let limit = rules.message, now >= since + limit {
            return .giveUp("a message does not come to its end")
        }
        if let pingedAt { return now >= pingedAt + rules.pong ? .giveUp("it does not answer") : .nothing }
        guard let pingAfter = rules.pingAfter, now >= heardAt + pingAfter else { return .nothing }
        pingedAt = now
        return .ping
    }
}
