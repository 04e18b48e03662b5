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
    /// Where the lane keeps it in its list.
    var slot = 0
    /// What carries the request now; nil while it waits.
    weak var connection: (any ClientConnection)?
    /// Its stream, on an HTTP/2 connection.
    var stream: Int32 = 0
    /// Whether it was sent again already after the server had not processed it.
    var wasRetried = false
    private(set) var isFinished = false
    private var continuation: UnsafeContinuation<Outcome, Never>?

    init(_ request: ClientRequest, timeout: Duration?) {
        self.request = request
        self.timeout = timeout
        deadline = timeout.map { NIODeadline.now() + TimeAmount($0) }
    }

    /// Sets whom to resume; called once, before the lane gets the exchange.
    func attach(_ continuation: UnsafeContinuation<Outcome, Never>) { self.continuation = continuation }

    /// Resumes the task that waits; the first call counts.
    func finish(_ outcome: Outcome) {
        guard !isFinished else { return }
        isFinished = true
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: outcome)
    }
}
