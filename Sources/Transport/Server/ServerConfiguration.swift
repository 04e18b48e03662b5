/// How a server listens and what it allows its clients.
///
/// Every default is otelcol's, or gRPC's, or bounds something that those leave open.
public struct ServerConfiguration: Sendable {
    /// Where to listen.
    public var address: ListenAddress
    /// What encrypts the connections; `nil` serves plain text.
    public var tls: ServerTLS?
    /// Whether HTTP/1.1 is spoken.
    public var http1 = true
    /// Whether HTTP/2 is spoken: with prior knowledge in plain text, by ALPN over TLS.
    public var http2 = true
    /// The most connections at a time; more are closed as soon as they are accepted.
    public var maxConnections = 16_384
    /// The most connections of one source address over which no request has been admitted yet, handshakes
    /// included; more are closed as soon as they are accepted.
    ///
    /// `nil` is no limit. Behind a proxy all clients have its address.
    public var maxStrangersPerAddress: Int?
    /// The most bytes that the headers of one request may take, each field counting 32 bytes extra.
    public var maxHeaderBytes = 64 << 10
    /// The most header fields of one request.
    public var maxHeaderFields = 200
    /// The most requests at a time on one HTTP/2 connection.
    public var maxConcurrentStreams = 100
    /// The most bytes that all bodies that are still arriving may take together, over all connections.
    ///
    /// Beyond it clients are made to wait, then refused.
    public var maxBufferedBytes = 256 << 20
    /// What knows how much memory there is; `nil` leaves it at `maxBufferedBytes`.
    ///
    /// Requests are refused and sockets left alone as it says. Not for servers that have to answer always,
    /// such as health probes.
    public var memory: (any ServerMemory)?

    /// How long an HTTP/2 connection may stay without requests; `nil` is for ever.
    public var maxConnectionIdle: Duration?
    /// How old an HTTP/2 connection may become before its client is asked to make another; up to 10 % is
    /// added at random, so that not all clients come back at once.
    ///
    /// `nil` is for ever.
    public var maxConnectionAge: Duration?
    /// How long the requests of a connection that is too old may still take; `nil` is for ever.
    public var maxConnectionAgeGrace: Duration?
    /// After how much silence an HTTP/2 client is pinged.
    public var keepaliveTime: Duration = .seconds(7200)
    /// How long the answer to that ping may take before the connection counts as dead.
    public var keepaliveTimeout: Duration = .seconds(20)
    /// The least time between pings of a client; one that pings more often is sent away.
    public var keepaliveMinTime: Duration = .seconds(300)
    /// Whether clients may ping while they have no requests.
    public var keepalivePermitWithoutStream = false

    /// How long a request may take to arrive, from its first byte to its last; `nil` is for ever.
    public var readTimeout: Duration?
    /// How long a new connection (handshake included) may take to send the first headers.
    public var readHeaderTimeout: Duration? = .seconds(60)
    /// How long a client may take nothing of what is being sent to it.
    public var writeTimeout: Duration? = .seconds(30)
    /// How long an HTTP/1.1 connection may wait for its next request.
    public var idleTimeout: Duration? = .seconds(60)
    /// Whether HTTP/1.1 connections are kept for further requests.
    public var keepAlive = true

    /// What WebSockets are allowed.
    public var webSockets = WebSocketLimits()
    /// Whether a connection keeps the buffers that its socket is read into.
    ///
    /// Without, every read allocates, and an idle connection costs little memory: for servers with very many
    /// connections that are mostly silent.
    public var keepsReadBuffers = true

    /// Everything by default, on `address`.
    public init(address: ListenAddress) {
        self.address = address
    }
}
