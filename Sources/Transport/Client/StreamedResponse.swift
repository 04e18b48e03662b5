internal import Synchronization
public import Wire

/// A response whose body is read as it arrives, as a stream of events wants it.
public struct StreamedResponse: Sendable {
    /// The HTTP status, from 200 up.
    public let status: Int
    public let fields: HTTPFields
    /// The body, for one reader.
    public let body: StreamedBody
}

/// The body of a response while it comes in.
///
/// Bounded: when `bound` bytes wait for the reader, nothing more is read from the connection until half of
/// them are gone; what was read already (64 KiB) may come on top. Usable from any thread, by one reader at a
/// time. Whoever does not want the rest has to say `cancel()`, or the connection stays open.
public final class StreamedBody: Sendable {
    /// The bytes that may wait for the reader.
    public static let defaultBound = 256 << 10

    private struct State {
        var pieces: [Bytes] = []
        var size = 0
        var isPaused = false
        /// Whether something has happened that no reader was woken for.
        var isNews = false
        var head: (status: Int, fields: HTTPFields)?
        var end: Result<Void, TransportError>?
        var reader: UnsafeContinuation<Void, Never>?
        var resume: (@Sendable () -> Void)?
        var cancel: (@Sendable () -> Void)?
    }

    private let bound: Int
    private let state = Mutex(State())

    init(bound: Int = StreamedBody.defaultBound) { self.bound = max(bound, 1) }

    /// The next piece of the body, as it came; `nil` at its end.
    ///
    /// - Throws: why the rest of the body does not come; `.cancelled` after `cancel()`.
    public func next() async throws(TransportError) -> Bytes? {
        while true {
            if let piece = takePiece() { return piece }
            if let end = state.withLock({ $0.end }) {
                // The last piece may have come between the two looks.
                if let piece = takePiece() { return piece }
                try end.get()
                return nil
            }
            await change()
        }
    }

    /// Gives the rest of the body up and closes its connection.
    public func cancel() { state.withLock { $0.cancel.take() }?() }

    /// Waits for the status and the header fields.
    func head() async throws(TransportError) -> (status: Int, fields: HTTPFields) {
        while true {
            let (head, end) = state.withLock { ($0.head, $0.end) }
            if let head { return head }
            if case .failure(let error)? = end { throw error }
            await change()
        }
    }

    /// Says how the exchange is given up; called once, before anything else happens.
    func whenCancelled(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.cancel = action } }

    /// Takes the beginning of the response; `resume` makes the connection read again.
    func begin(status: Int, fields: HTTPFields, resume: @escaping @Sendable () -> Void) {
        wake { state in
            state.head = (status, fields)
            state.resume = resume
        }
    }

    /// Takes a piece; returns whether the connection is to stop reading.
    func append(_ piece: Bytes) -> Bool {
        wake { state in
            state.pieces.append(piece)
            state.size += piece.count
            guard state.size >= bound, !state.isPaused else { return false }
            state.isPaused = true
            return true
        }
    }

    /// Takes the end; the first one counts.
    func finish(_ end: Result<Void, TransportError>) {
        wake { state in
            guard state.end == nil else { return }
            state.end = end
            state.cancel = nil
            state.resume = nil
        }
    }

    /// Whether there is room for more.
    ///
    /// Between the decision to read again and its execution, the end of the last read may have filled it.
    var hasRoom: Bool { state.withLock { !$0.isPaused } }

    /// Bytes that wait for the reader.
    var waiting: Int { state.withLock { $0.size } }

    private func takePiece() -> Bytes? {
        let (piece, resume) = state.withLock { state -> (Bytes?, (@Sendable () -> Void)?) in
            guard !state.pieces.isEmpty else { return (nil, nil) }
            let piece = state.pieces.removeFirst()
            state.size -= piece.count
            guard state.isPaused, state.size <= bound / 2 else { return (piece, nil) }
            state.isPaused = false
            return (piece, state.resume)
        }
        resume?()
        return piece
    }

    /// Returns when something has happened since the last look, or the task is cancelled.
    private func change() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isNews = state.withLock { state in
                    let hasHappened = state.isNews
                    state.isNews = false
                    if !hasHappened { state.reader = continuation }
                    return hasHappened
                }
                if isNews { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    private func wake<Answer: Sendable>(_ change: (inout State) -> Answer) -> Answer {
        let (answer, reader) = state.withLock { state in
            let answer = change(&state)
            let reader = state.reader.take()
            state.isNews = reader == nil
            return (answer, reader)
        }
        reader?.resume()
        return answer
    }
}

extension Client {
    /// Sends a request and returns as soon as the response has begun.
    ///
    /// The client has to be one for HTTP/1.1 (`ClientConfiguration.versions`). The response may be larger
    /// than `maxResponseBytes`, and take as long as it wants.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - lane: the lane whose connections carry it; counted around when there are fewer.
    ///   - bound: the bytes that may wait for the reader.
    /// - Returns: the beginning of the response, whatever its status, and its body to be.
    /// - Throws: why there is no response, as `send` does.
    public func open(
        _ request: ClientRequest, lane: Int = 0, bound: Int = StreamedBody.defaultBound
    ) async throws(TransportError) -> StreamedResponse {
        let body = StreamedBody(bound: bound)
        let work = Task { await deliver(request, lane: lane, into: body) }
        body.whenCancelled { work.cancel() }
        let head = try await body.head()
        return StreamedResponse(status: head.status, fields: head.fields, body: body)
    }
}
