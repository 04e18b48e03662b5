public import Transport

/// Where agents connect to a fleet manager, and what they are allowed.
public struct FleetEndpointConfiguration: Sendable {
    /// Where to listen.
    public var address: ListenAddress
    /// What encrypts the connections; `nil` serves plain text, which is for loopback only.
    public var tls: ServerTLS?
    /// The path of OpAMP, for WebSocket and for plain HTTP.
    public var path = "/v1/opamp"
    /// The most WebSockets at a time; more are told to come back later.
    public var maxConnections = 150_000
    /// The most connections of one source address that have not shown yet who they are, handshakes included.
    ///
    /// More are closed without an answer. `nil` is no limit, as behind a proxy whose address all have.
    public var maxStrangersPerAddress: Int? = 1024
    /// The most bytes of one message, after decompression.
    public var maxMessageBytes = 4 << 20
    /// How many WebSockets are opened in a second; more are told when it is their turn.
    public var acceptsPerSecond = 4000
    /// The most messages that one WebSocket may carry in ten seconds, however many agents speak over it.
    public var maxMessagesInTenSeconds = 20_000
    /// How long an agent may take nothing of what is sent to it, and a download at most for its next 64 KiB.
    public var writeTimeout = Duration.seconds(30)
    /// Over which time agents are told to go when the manager stops.
    public var drainTime = Duration.seconds(5)

    /// Everything by default, on `address`.
    public init(address: ListenAddress) { self.address = address }

    /// What the transport has to keep to.
    var server: ServerConfiguration {
        var server = ServerConfiguration(address: address)
        server.tls = tls
        // WebSockets beyond the limit get an answer; what is beyond this gets none.
        server.maxConnections = maxConnections + min(Self.spareConnections, maxConnections / 8 + 16)
        server.maxStrangersPerAddress = maxStrangersPerAddress
        server.maxHeaderBytes = 16 << 10
        server.maxHeaderFields = 100
        server.readHeaderTimeout = .seconds(20)
        server.readTimeout = .seconds(60)
        server.writeTimeout = writeTimeout
        // Longer than agents on plain HTTP wait between two requests.
        server.idleTimeout = .seconds(90)
        server.keepsReadBuffers = false
        server.webSockets.maxMessageBytes = maxMessageBytes
        return server
    }

    /// Connections beside WebSockets: agents on plain HTTP, and those that are being refused.
    static let spareConnections = 4096
}
