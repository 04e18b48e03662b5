internal import NIOCore

/// What an HTTP/1.1 connection is waiting for, and until when.
///
/// Pure: the time comes in with every event.
struct HTTP1Phase {
    /// The durations that bound each phase; `nil` is for ever.
    struct Rules {
        /// For the headers of a request, from its first byte (or from the start of the connection).
        var header: TimeAmount?
        /// For a whole request, from its first byte.
        var read: TimeAmount?
        /// For the next request on a connection that is kept.
        var idle: TimeAmount?
        /// For the client to take what is sent to it.
        var write: TimeAmount?
    }

    /// What is being waited for.
    enum Kind: Equatable {
        case header
        case body
        /// The application; it has all the time it wants.
        case answer
        case nextRequest
        /// The client to take what is left of the last answer.
        case lastAnswer
        /// The client to stop sending what nobody reads.
        case goodbye
    }

    private let rules: Rules
    private(set) var kind = Kind.header
    private var since: NIODeadline
    private var requestSince: NIODeadline
    private var sending = SendingWatch()
    private static let goodbyeTime = TimeAmount.seconds(2)
    private static let shortestPause = TimeAmount.milliseconds(20)

    init(rules: Rules, now: NIODeadline) {
        self.rules = rules
        since = now
        requestSince = now
    }

    /// Begins another phase.
    mutating func enter(_ kind: Kind, at now: NIODeadline) {
        if kind == .header, self.kind != .header { requestSince = now }
        self.kind = kind
        since = now
    }

    /// Looks at how far the client is with what is sent to it.
    mutating func look(_ progress: SendingProgress, at now: NIODeadline) {
        let before = sending.since
        sending.look(progress, at: now)
        // A client that reads on is not idle, and has the time that it needs for the last answer.
        guard sending.since != before, kind == .nextRequest || kind == .lastAnswer else { return }
        since = now
    }

    /// The client has taken something of an answer.
    mutating func progressed(at now: NIODeadline) {
        sending.progressed(at: now)
        if kind == .lastAnswer { since = now }
    }

    /// Whether something waits for the client to take it.
    var isSending: Bool { sending.since != nil }

    /// When the connection has to be closed, if nothing happens before.
    var deadline: NIODeadline? {
        let blocked = sending.since.flatMap { start in rules.write.map { start + $0 } }
        let phase: NIODeadline? =
            switch kind {
            case .header:
                earlier(rules.header.map { requestSince + $0 }, rules.read.map { requestSince + $0 })
            case .body: rules.read.map { requestSince + $0 }
            case .answer: nil
            case .nextRequest: isSending ? nil : rules.idle.map { since + $0 }
            case .lastAnswer: rules.write.map { since + $0 }
            case .goodbye: since + Self.goodbyeTime
            }
        return earlier(blocked, phase)
    }

    /// When to look again at the latest: nothing that begins later is due earlier, and what the client takes
    /// is seen soon.
    ///
    /// Never at once: what is due may be excused, and would be looked at again and again until it is not.
    func nextLook(after now: NIODeadline) -> NIODeadline {
        let lengths = [rules.header, rules.read, rules.idle, rules.write].compactMap { $0 }
        var pause = lengths.min() ?? .seconds(60)
        if isSending, let write = rules.write { pause = min(pause, .nanoseconds(write.nanoseconds / 4)) }
        let latest = now + pause
        return max(deadline.map { min($0, latest) } ?? latest, now + Self.shortestPause)
    }

    private func earlier(_ left: NIODeadline?, _ right: NIODeadline?) -> NIODeadline? {
        guard let left else { return right }
        guard let right else { return left }
        return min(left, right)
    }
}
