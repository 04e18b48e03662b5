/// Where a client connects to and within what bounds.
public struct ClientConfiguration: Sendable {
    /// Which versions of HTTP are spoken.
    public enum Versions: Sendable {
        /// HTTP/2 only: by ALPN over TLS, with prior knowledge in plain text. What gRPC needs.
        case http2
        /// HTTP/1.1 only.
        case http1
        /// HTTP/2 when TLS negotiates it, else HTTP/1.1; in plain text always HTTP/1.1.
        case negotiated
    }

    /// When an idle or silent HTTP/2 connection is pinged.
    public struct Keepalive: Sendable {
        /// The silence after which a ping is sent.
        public var time = Duration.seconds(10)
        /// How long the answer may take before the connection counts as dead.
        public var timeout = Duration.seconds(10)
        /// Whether to ping while no request is open; many servers do not like it.
        public var permitWithoutStream = false

        public init() {}
    }

    /// The host and port, or the unix socket.
    public var target: ListenAddress
    /// The `host` field and `:authority`; nil for the target's own.
    public var authority: String?
    /// TLS; nil for plain text.
    public var tls: ClientTLS?
    public var versions = Versions.negotiated
    /// Connections that one lane may have.
    ///
    /// HTTP/2 opens another only when the peer allows no more streams;
    /// HTTP/1.1 needs one for every request under way.
    public var connectionsPerLane = 4
    /// Whether there is a proxy in between.
    public var proxy = ProxyChoice.fromEnvironment
    /// Pings; nil for none.
    public var keepalive: Keepalive?
    /// The time for one address: connecting, proxy, TLS and the server's settings together.
    public var connectTimeout = Duration.seconds(10)
    /// Connections without a request are closed after this; nil keeps them.
    public var idleTimeout: Duration? = .seconds(90)
    /// Whether a request waits, up to its timeout, for a server that cannot be reached.
    ///
    /// Without it requests
    /// fail as soon as an attempt to connect fails, and at once until the next attempt is due.
    public var waitsForConnection = true
    /// Requests of one lane that may wait for a connection; more fail as `.overloaded`.
    public var maxWaitingRequests = 1024
    /// The longest pause between two attempts to connect; the first one is 100 ms and each half longer.
    public var maxReconnectDelay = Duration.seconds(20)
    /// The most bytes of a response's body.
    public var maxResponseBytes = 4 << 20
    /// How many bytes the bodies of responses may still take, asked as one grows (with HTTP/1.1 beyond
    /// 64 KiB).
    ///
    /// A response that gets no more room fails as `.overloaded`.
    public var room: @Sendable () -> Int = { .max }
    /// The most bytes of a response's header fields.
    public var maxHeaderBytes = 64 << 10

    /// Which addresses may be connected to, once the name of the target has been looked up.
    ///
    /// All may without it. Where a proxy connects, it is not asked.
    public var admits: (@Sendable (_ address: String) -> Bool)?

    public init(target: ListenAddress) {
        self.target = target
    }

    /// The authority that requests carry.
    var authorityText: String {
        if let authority { return authority }
        switch target {
        case .unix: return "localhost"
        case .tcp(let host, let port):
            let name = host.contains(":") ? "[\(host)]" : host
            return port == (tls == nil ? 80 : 443) ? name : "\(name):\(port)"
        }
    }

    var scheme: String { tls == nil ? "http" : "https" }

    /// The host whose certificate is expected.
    var host: String {
        if case .tcp(let host, _) = target { host } else { "localhost" }
    }

    /// What ALPN offers.
    var applicationProtocols: [String] {
        switch versions {
        case .http2: ["h2"]
        case .http1: ["http/1.1"]
        case .negotiated: ["h2", "http/1.1"]
        }
    }
}
