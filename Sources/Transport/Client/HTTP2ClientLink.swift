internal import NIOCore

/// An HTTP/2 connection in the terms of a lane; confined to its loop.
final class HTTP2ClientLink: ClientConnection {
    private let connection: HTTP2ClientConnection
    private let scheme: String
    private let authority: String
    private let peer: String
    private weak var owner: (any ClientConnectionOwner)?
    private(set) var idleSince = NIODeadline.now()

    init(
        _ connection: HTTP2ClientConnection, scheme: String, authority: String, peer: String
    ) {
        self.connection = connection
        self.scheme = scheme
        self.authority = authority
        self.peer = peer
    }

    var capacity: Int { connection.availableStreams }
    var inFlight: Int { connection.openStreams }
    var isDraining: Bool { connection.isDraining }
    var isClosed: Bool { connection.isClosed }

    /// Begins to report to the lane.
    func join(_ owner: any ClientConnectionOwner) {
        self.owner = owner
        connection.onChange = { [weak self] in
            guard let self else { return }
            if self.inFlight == 0 { self.idleSince = .now() }
            self.owner?.changed(self)
        }
    }

    func send(_ exchange: ClientExchange) {
        let request = exchange.request
        let message = HTTP2Request(
            method: request.method, scheme: scheme, authority: authority, path: request.path,
            fields: request.fields, body: request.body)
        exchange.connection = self
        let stream = connection.send(message) { [weak self] result in
            guard let self else { return }
            self.owner?.finished(exchange, self.outcome(result))
        }
        if let stream {
            exchange.stream = stream
        } else {
            let error = TransportError(.notProcessed, "the connection to \(peer) takes no more requests")
            owner?.finished(exchange, .failure(error))
        }
    }

    func cancel(_ exchange: ClientExchange, error: TransportError) {
        connection.cancel(exchange.stream, error: error)
    }

    func close() {
        if connection.openStreams == 0 { connection.closeWhenDone() } else { connection.close() }
    }

    private func outcome(
        _ result: Result<HTTP2Response, TransportError>
    ) -> ClientExchange.Outcome {
        switch result {
        case .success(let response):
            return .success(
                ClientResponse(
                    status: response.status, fields: response.fields, trailers: response.trailers,
                    body: response.body))
        case .failure(var error):
            error.message = "\(peer): \(error.message)"
            return .failure(error)
        }
    }
}
