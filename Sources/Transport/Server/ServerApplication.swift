/// What an application decides when it has seen the headers of a request.
public enum Admission: Sendable {
    /// Read the body, up to `maxBodySize` bytes as they arrive (still compressed), then call
    /// `respond(to:with:)`.
    case accept(maxBodySize: Int, framing: BodyFraming = .plain)
    /// Answer at once; the body is not read.
    case refuse(ServerResponse)
    /// Make the connection a WebSocket. What is not a proper request for one is refused with 400 or 426, and
    /// one over HTTP/2 with 400.
    case upgrade(WebSocketAcceptance)
}

/// How the transport can foresee the size of a body that has no `content-length`.
public enum BodyFraming: Sendable {
    /// The body is what it is; memory grows as it arrives.
    case plain
    /// The body begins with a flag byte and the length of one message in four bytes, as in gRPC. Memory is
    /// reserved for that one message, once its length has been checked against the limit.
    case lengthPrefixed
}

/// What runs on a server.
///
/// One value serves all connections; its methods are called on the connection's loop and must not block it.
public protocol ServerApplication: Sendable {
    /// Called at the end of the headers and before the body: the place to refuse what need not be read.
    func admit(_ head: ServerRequestHead) -> Admission

    /// Called with the complete body. The answer goes to `responder`, at once or later, from any thread.
    func respond(to request: ServerRequest, with responder: Responder)

    /// The answer when a body is larger than the limit given by `admit`. The rest of the body is not read.
    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse

    /// The answer to a request that the application accepted and never answered.
    func unanswered() -> ServerResponse

    /// The answer to a request whose body the server has no memory for at the moment.
    func overloaded(_ head: ServerRequestHead) -> ServerResponse
}

extension ServerApplication {
    public func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        .text(413, "the request body is larger than \(limit) bytes")
    }

    public func unanswered() -> ServerResponse {
        .text(500, "the request was not answered")
    }

    public func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        var response = ServerResponse.text(503, "the server has no memory for the request now")
        response.fields.add("retry-after", "1")
        return response
    }
}
