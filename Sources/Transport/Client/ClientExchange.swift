internal import NIOCore

/// One request on its way, from `Client.send` until its response or failure.
///
/// `@unchecked Sendable` is sound because everything that changes is touched on the lane's loop only; the
/// task that waits sees nothing but the result that it is resumed with.
final class ClientExchange: @unchecked Sendable {
    typealias Outcome = Result<ClientResponse, TransportError>

    let request: ClientRequest
    /// When the exchange fails, whatever state it is in.
    let deadline: NIODeadline?
    /// How long that was from the beginning, for the message.
    let timeout: Duration?
    /// Who reads the body as it arrives; nil when the response is wanted whole.
    var streamed: StreamedBody?
    /// Where the lane keeps it in its list.
    var slot: Int?
    /// What carries the request now; nil while it waits.
    weak var connection: (any ClientConnection)?
    /// Its stream, on an HTTP/2 connection.
    var stream: Int32 = 0
    /// Whether it was sent again already after the server had not processed it.
    var wasRetried = false
    private var outcome: Outcome?
    private var continuation: UnsafeContinuation<Outcome, Never>?

    init(_ request: ClientRequest, timeout: Duration?) {
        self.request = request
        self.timeout = timeout
        deadline = timeout.map { NIODeadline.now() + TimeAmount($0) }
    }

    /// Whether the outcome is known.
    var isFinished: Bool { outcome != nil }

    /// Sets whom to resume; called once.
    func attach(_ continuation: UnsafeContinuation<Outcome, Never>) {
        // A cancellation may have come first.
        guard let outcome else {
            self.continuation = continuation
            return
        }
        continuation.resume(returning: outcome)
    }

    /// Resumes the task that waits; the first call counts.
    func finish(_ outcome: Outcome) {
        guard !isFinished else { return }
        self.outcome = outcome
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: outcome)
    }
}
