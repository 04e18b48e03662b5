/// The bounds of one HTTP/2 session.
struct HTTP2Limits: Sendable {
    /// Streams that the peer may have open at a time.
    var maxConcurrentStreams = 100
    /// How many bytes of one stream the peer may send ahead of what has been taken in.
    var streamWindow = 1 << 20
    /// The same for all streams of the connection together.
    var connectionWindow = 16 << 20
    /// The largest frame that the peer may send.
    ///
    /// Apus itself makes use of it as a client: a quarter less work for large bodies than with the default of
    /// 16 KiB.
    var maxFrameSize = 1 << 20
    /// The most bytes of one header list, each field counting 32 bytes extra.
    var maxHeaderBytes = 64 << 10
    /// The most fields of one header list.
    var maxHeaderFields = 200
    /// The most bytes that a response may have (client only; a server's limits come from its application).
    var maxResponseBytes = 4 << 20
}
