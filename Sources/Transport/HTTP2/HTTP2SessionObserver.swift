/// What a session reports while it reads.
///
/// The methods are called from inside nghttp2: they may submit frames and must not read, write or free the
/// session.
protocol HTTP2SessionObserver: AnyObject {
    /// The headers of a message are complete and within the limits; sets how the body is to be taken.
    func headersReceived(_ stream: HTTP2Stream)
    /// The headers of a message are larger than allowed; they have not been kept.
    func headersTooLarge(_ stream: HTTP2Stream)
    /// The peer has ended the message: body and trailers are complete.
    func messageReceived(_ stream: HTTP2Stream)
    /// The body is over its limit; what was kept of it is gone, and what follows is thrown away.
    func bodyTooLarge(_ stream: HTTP2Stream)
    /// There is no memory left for the body; as above.
    func bodyRefused(_ stream: HTTP2Stream)
    /// The stream is over, cleanly (`noError`) or not. `stream` is used again afterwards.
    func streamClosed(_ stream: HTTP2Stream, errorCode: UInt32)
    /// The peer pings.
    func pingReceived()
    /// The peer answered a ping.
    func pingAnswered()
    /// The peer's settings arrived.
    func settingsReceived()
    /// The peer wants no more streams. Streams above `lastStream` are closed by the session.
    func goAwayReceived(lastStream: Int32, errorCode: UInt32)
}
