internal import Prometheus
internal import Synchronization
internal import Wire

/// What became of requests of the batch that is tried again.
///
/// Requests are known by their content: the same samples at the same times would say nothing new, whichever
/// batch they are from.
final class RemoteWriteProgress: Sendable {
    private let results = Mutex<[UInt64: RemoteWriteAnswer.Result]>([:])

    /// The requests that are remembered; those above are sent again with the others.
    private static let limit = 10_000

    /// What tells the content of a request from others.
    static func key(of body: Bytes) -> UInt64 {
        var hasher = Hasher()
        body.withUnsafeBytes { hasher.combine(bytes: $0) }
        hasher.combine(body.count)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// What the server said for good of a request, in whichever attempt.
    func result(of key: UInt64) -> RemoteWriteAnswer.Result? { results.withLock { $0[key] } }

    /// Remembers an answer that is for good.
    func add(_ result: RemoteWriteAnswer.Result, of key: UInt64) {
        results.withLock { results in
            guard results.count < Self.limit else { return }
            results[key] = result
        }
    }

    /// Forgets everything: the batch is not tried again.
    func end() { results.withLock { $0 = [:] } }
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

    let result: Result
    /// Data points that the request tells of.
    let points: Int

    init(_ result: Result, points: Int) {
        self.result = result
        self.points = points
    }

    var isRetryable: Bool { if case .later = result { true } else { false } }
}
