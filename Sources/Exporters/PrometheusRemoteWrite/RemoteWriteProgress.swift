internal import Prometheus
internal import Synchronization
internal import Telemetry
internal import Wire

/// What became of requests of the batch that is tried again.
///
/// Batches and requests are known by their content: the same samples at the same times would say nothing new,
/// whichever batch they are from.
final class RemoteWriteProgress: Sendable {
    private struct State {
        /// The batch that is tried again, and what was made of it.
        var last: (batch: UInt64, output: RemoteWriteEncoder.Output)?
        var results: [UInt64: RemoteWriteAnswer.Result] = [:]
    }

    private let state = Mutex(State())

    /// The requests that are remembered; those above are sent again with the others.
    private static let limit = 10_000

    /// What tells content from other content.
    private static func key(of parts: some Sequence<Bytes>) -> UInt64 {
        var hasher = Hasher()
        for bytes in parts {
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
            hasher.combine(bytes.count)
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// What tells the content of a request from others.
    static func key(of body: Bytes) -> UInt64 { key(of: CollectionOfOne(body)) }

    // MARK: - The batch

    /// What was made of a batch, if it is tried again.
    func output(of batch: Batch) -> RemoteWriteEncoder.Output? {
        let last = state.withLock { $0.last }
        guard let last, last.batch == Self.key(of: batch.chunks.lazy.map { $0.bytes }) else { return nil }
        return last.output
    }

    /// Remembers what was made of a batch that will be tried again.
    func keep(_ output: RemoteWriteEncoder.Output, of batch: Batch) {
        let key = Self.key(of: batch.chunks.lazy.map { $0.bytes })
        state.withLock { $0.last = (key, output) }
    }

    /// Forgets everything: the batch is not tried again.
    func end() { state.withLock { $0 = State() } }

    // MARK: - Its requests

    /// What the server said for good of a request, in whichever attempt.
    func result(of key: UInt64) -> RemoteWriteAnswer.Result? { state.withLock { $0.results[key] } }

    /// Remembers an answer that is for good.
    func add(_ result: RemoteWriteAnswer.Result, of key: UInt64) {
        state.withLock { state in
            guard state.results.count < Self.limit else { return }
            state.results[key] = result
        }
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

    let result: Result
    /// Data points that the request tells of.
    let points: Int

    init(_ result: Result, points: Int) {
        self.result = result
        self.points = points
    }

    var isRetryable: Bool { if case .later = result { true } else { false } }
}
