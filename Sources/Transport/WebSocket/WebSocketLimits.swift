/// What a WebSocket allows the other end, in bytes and in time.
public struct WebSocketLimits: Sendable {
    /// The most bytes of one received message, whatever it is divided into; beyond it the socket is closed
    /// with code 1009.
    public var maxMessageBytes = 4 << 20
    /// The most bytes that wait to be sent.
    public var maxUnsentBytes = 256 << 10
    /// After how much silence the other end is pinged; `nil` never pings.
    public var pingAfter: Duration? = .seconds(45)
    /// How long the answer to that ping may take before the connection counts as dead.
    public var pongTimeout: Duration = .seconds(15)
    /// How long one message may take to arrive; `nil` is for ever.
    public var messageTimeout: Duration? = .seconds(60)
    /// How long the other end may take nothing of what is being sent to it; `nil` is for ever.
    public var writeTimeout: Duration? = .seconds(30)
    /// How long the other end may take to say goodbye too.
    public var closeTimeout: Duration = .seconds(5)

    /// Everything by default.
    public init() {}
}
