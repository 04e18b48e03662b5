internal import Prometheus
internal import Synchronization
internal import Wire

/// Which requests of the batch that is tried again are delivered.
///
/// Requests are known by their content: the same samples at the same times would say nothing new, whichever
/// batch they are from.
final class RemoteWriteProgress: Sendable {
    private let delivered = Mutex<Set<UInt64>>([])

    /// What tells the content of a request from others.
    private static func digest(of body: Bytes) -> UInt64 {
        var hasher = Hasher()
        body.withUnsafeBytes { hasher.combine(bytes: $0) }
        hasher.combine(body.count)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    func isDelivered(_ body: Bytes) -> Bool {
        delivered.withLock { !$0.isEmpty && $0.contains(Self.digest(of: body)) }
    }

    /// Remembers these and forgets all others.
    func set(_ bodies: [Bytes]) {
        let digests = Set(bodies.map { Self.digest(of: $0) })
        delivered.withLock { $0 = digests }
    }
}

/// What became of one request.
struct RemoteWriteAnswer: Sendable {
    enum Result: Sendable, Equatable {
        case delivered
        /// The server wrote some of it; the others it will never take.
        case partly(refused: Int, reason: String)
        case refused(reason: String)
        case later(reason: String, after: Duration?)
    }

    let request: RemoteWriteEncoder.Request
    let result: Result

    init(_ request: RemoteWriteEncoder.Request, _ result: Result) {
        self.request = request
        self.result = result
    }

    var isRetryable: Bool { if case .later = result { true } else { false } }
    var isRefused: Bool { if case .refused = result { true } else { false } }
}
