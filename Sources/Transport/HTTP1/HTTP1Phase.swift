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
    private var blockedSince: NIODeadline?
    private static let goodbyeTime = TimeAmount.seconds(2)

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

    /// The socket takes bytes, or no longer does.
    mutating func writabilityChanged(_ isWritable: Bool, at now: NIODeadline) {
        blockedSince = isWritable ? nil : (blockedSince ?? now)
    }

    /// The client has taken something of an answer.
    mutating func progressed(at now: NIODeadline) {
        if kind == .lastAnswer { since = now }
    }

    /// When the connection has to be closed, if nothing happens before.
    var deadline: NIODeadline? {
        let blocked = blockedSince.flatMap { start in rules.write.map { start + $0 } }
        let phase: NIODeadline? =
            switch kind {
            case .header:
                earlier(rules.header.map { requestSince + $0 }, rules.read.map { requestSince + $0 })
            case .body: rules.read.map { requestSince + $0 }
            case .answer: nil
            case .nextRequest: rules.idle.map { since + $0 }
            case .lastAnswer: rules.write.map { since + $0 }
            case .goodbye: since + Self.goodbyeTime
            }
        return earlier(blocked, phase)
    }

    /// The longest time after which to look at `deadline` again: nothing that begins later is due earlier.
    var granularity: TimeAmount {
        let lengths = [rules.header, rules.read, rules.idle, rules.write].compactMap { $0 }
        return max(lengths.min() ?? .seconds(60), .milliseconds(20))
    }

    private func earlier(_ left: NIODeadline?, _ right: NIODeadline?) -> NIODeadline? {
        guard let left else { return right }
        guard let right else { return left }
        return min(left, right)
    }
}
