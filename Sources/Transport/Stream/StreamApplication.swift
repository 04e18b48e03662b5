public import Wire

/// What runs on a server whose connections carry a protocol of their own instead of HTTP.
public protocol StreamApplication: Sendable {
    /// Makes what handles a new connection; called on the connection's loop.
    func handler(for connection: StreamConnection) -> any StreamHandler
}

/// What handles one connection; called on its loop only, and must not block it.
///
/// Messages are collected by the connection, bounded by the handler's own limit on one message and, over all
/// connections, by `ServerConfiguration.maxBufferedBytes` and the memory of the process. The former counts
/// them until the handler asks for more; what it makes of them is its own to bound. While it is busy with
/// messages nothing more is read, so a client that is faster than what stands behind has to wait.
public protocol StreamHandler: AnyObject {
    /// The connection is open; over TLS the handshake may still be under way.
    func opened()

    /// How many bytes at the beginning of `bytes` are whole messages, which are handed over at once.
    ///
    /// Called when something has arrived, with everything that has not been handed over. A handler that finds
    /// a fault calls `finish` or `close` of its connection, and answers 0.
    func wholeMessages(in bytes: RawSpan) -> Int

    /// Takes whole messages. Nothing more comes until `resume` of the connection is called, in this call or
    /// later.
    func received(_ messages: Bytes)

    /// The connection is over; nothing comes after this. Called once.
    ///
    /// `unread` had arrived while the handler was busy, and nobody has looked at it.
    func closed(unread: Bytes)
}
