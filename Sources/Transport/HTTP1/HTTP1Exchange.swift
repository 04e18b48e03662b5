/// One request of an HTTP/1.1 connection and how far it has come.
struct HTTP1Exchange {
    /// Tells the request apart from those before and after it.
    let serial: Int32
    let head: ServerRequestHead
    /// Whether the client wants the connection to be kept.
    let keepAlive: Bool
    /// Whether the client speaks HTTP/1.0, which knows no chunks.
    let isVersion10: Bool
    /// Whether the whole request has been read.
    var hasEnded = false
    /// Whether the answer has been sent.
    var isAnswered = false
    /// Whether what is left of the body is thrown away.
    var isDiscarding = false
    /// What the connection becomes when the request has been read.
    var upgrade: WebSocketAcceptance?
    /// The stream that the answer is, while it goes on.
    var stream: ResponseStreamState?
}
