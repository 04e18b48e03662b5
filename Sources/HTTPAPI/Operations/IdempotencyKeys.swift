internal import Pipeline
internal import Synchronization
internal import Transport
internal import Wire

/// Answers of requests with an `Idempotency-Key`, so that a repeated request is not done twice.
///
/// Bounded: answers are kept for a day, at most `limit` of them and `byteLimit` of their bodies; the oldest
/// make way.
final class IdempotencyKeys: Sendable {
    static let limit = 1000
    static let byteLimit = 16 << 20
    static let life = Duration.seconds(24 * 3600)
    /// The most characters that a key may have.
    static let longestKey = 255

    /// What is known of a key.
    enum Found: Sendable {
        /// Nothing; the request may be done, and `finish` or `forget` is called after it.
        case new
        case underWay
        /// The key was used for another request.
        case other
        case done(ServerResponse)
    }

    fileprivate struct Entry {
        let fingerprint: String
        let time: Instant
        var response: ServerResponse?
    }

    fileprivate struct State {
        var entries: [String: Entry] = [:]
        var order: [String] = []
        var bytes = 0
    }

    private let clock: any PipelineClock
    private let state = Mutex(State())

    init(clock: any PipelineClock) { self.clock = clock }

    /// The key of a request; `nil` without one, and where a repeated request is as good as one.
    static func key<Context>(of call: APICall<Context>) throws(APIProblem) -> String? {
        guard call.route.method == "POST", let key = call.head.fields["idempotency-key"] else { return nil }
        guard (1...longestKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .badRequest("an Idempotency-Key has 1 to \(longestKey) printable characters of ASCII")
        }
        return key
    }

    /// Begins a request with a key, of one caller and operation.
    func begin(_ key: String, fingerprint: String) -> Found {
        let now = clock.now
        return state.withLock { state in
            state.expire(before: Instant(offset: now.offset - Self.life))
            if let entry = state.entries[key] {
                guard entry.fingerprint == fingerprint else { return .other }
                return entry.response.map { .done($0) } ?? .underWay
            }
            state.entries[key] = Entry(fingerprint: fingerprint, time: now)
            state.order.append(key)
            return .new
        }
    }

    /// Keeps the answer of a request.
    func finish(_ key: String, _ response: ServerResponse) {
        state.withLock { state in
            guard state.entries[key] != nil else { return }
            state.entries[key]?.response = response
            state.bytes += response.body.count
            while state.entries.count > Self.limit || state.bytes > Self.byteLimit {
                guard let oldest = state.order.first else { return }
                state.remove(oldest)
            }
        }
    }

    /// Forgets a request that was not done, so that it can be tried again.
    func forget(_ key: String) { state.withLock { $0.remove(key) } }
}

extension IdempotencyKeys.State {
    fileprivate mutating func expire(before time: Instant) {
        while let oldest = order.first, let entry = entries[oldest], entry.time < time { remove(oldest) }
    }

    fileprivate mutating func remove(_ key: String) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        bytes -= entry.response?.body.count ?? 0
        order.removeAll { $0 == key }
    }
}
