public import Logging
public import Settings
public import Transport

/// What a gRPC server is configured with, with otelcol's keys.
public struct GRPCServerSettings: SettingGroup, Equatable {
    public var endpoint = "localhost:4317"
    public var transport = SocketKind.tcp
    public var tls: TLSServerSettings?
    public var maxRecvMsgSizeMiB = 64
    public var maxConcurrentStreams = 100
    public var keepalive = GRPCServerKeepaliveSettings()
    public var includeMetadata = false
    public var auth: AuthenticatorSettings?

    public init() {}

    /// Which sockets an endpoint means.
    public enum SocketKind: String, CaseIterable, SettingChoice {
        case tcp, unix
    }

    public static var fields: [Field<GRPCServerSettings>] {
        [
            Field(
                "endpoint", \.endpoint,
                "Where to listen: host:port, :port for every address, or a socket's path."),
            Field("transport", \.transport, "Kind of the socket: tcp or unix."),
            Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
            Field(
                "max_recv_msg_size_mib", \.maxRecvMsgSizeMiB,
                "Largest request in MiB, before and after decompression; 0 is 64, which OTLP recommends."
            ) { (0...2048).contains($0) ? nil : "must be from 0 to 2048" },
            Field(
                "max_concurrent_streams", \.maxConcurrentStreams,
                "Requests under way on one connection; 0 is 100."
            ) {
                (0...100_000).contains($0) ? nil : "must be from 0 to 100000"
            },
            Field("keepalive", \.keepalive, "When connections are checked and ended."),
            Field("include_metadata", \.includeMetadata, "Whether processors can see the request's headers."),
            Field("auth", \.auth, "Who checks the credentials of requests; nobody unless configured."),
            .unsupported("read_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("write_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("middlewares", "middlewares are not part of this version"),
        ]
    }

    public func check() -> [Problem] { ListenAddress.problems(endpoint, transport) }

    /// The largest message in bytes.
    public var maxMessageBytes: Int { (maxRecvMsgSizeMiB == 0 ? 64 : maxRecvMsgSizeMiB) << 20 }

    /// The server as configured; reads certificates and throws what is wrong with them.
    public func server(_ logger: Logger) throws(ComponentError) -> ServerConfiguration {
        var server = ServerConfiguration(address: try ListenAddress(endpoint, transport))
        server.http1 = false
        if let tls { server.tls = try tls.make(logger) }
        if maxConcurrentStreams > 0 { server.maxConcurrentStreams = maxConcurrentStreams }
        server.maxBufferedBytes = max(server.maxBufferedBytes, 4 * maxMessageBytes)
        keepalive.apply(to: &server)
        return server
    }
}

extension ListenAddress {
    init(_ endpoint: String, _ kind: GRPCServerSettings.SocketKind) throws(ComponentError) {
        do throws(TransportError) {
            switch kind {
            case .tcp: try self.init(parsing: endpoint)
            case .unix: try self.init(parsing: endpoint.hasPrefix("unix:") ? endpoint : "unix:" + endpoint)
            }
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
    }

    /// What is wrong with an endpoint.
    static func problems(_ endpoint: String, _ kind: GRPCServerSettings.SocketKind) -> [Problem] {
        do throws(ComponentError) {
            _ = try ListenAddress(endpoint, kind)
            return []
        } catch {
            return [Problem("endpoint", error.description)]
        }
    }
}

/// `keepalive` of a gRPC server.
public struct GRPCServerKeepaliveSettings: SettingGroup, Equatable {
    public var serverParameters = Parameters()
    public var enforcementPolicy = Policy()

    public init() {}

    public static var fields: [Field<GRPCServerKeepaliveSettings>] {
        [
            Field(
                "server_parameters", \.serverParameters,
                "When connections end and when silent ones are checked."),
            Field("enforcement_policy", \.enforcementPolicy, "How often clients may ping."),
        ]
    }

    /// `server_parameters`; 0 is never, or the default for `time` and `timeout`.
    public struct Parameters: SettingGroup, Equatable {
        public var maxConnectionIdle = Duration.zero
        public var maxConnectionAge = Duration.zero
        public var maxConnectionAgeGrace = Duration.zero
        public var time = Duration.seconds(7200)
        public var timeout = Duration.seconds(20)

        public init() {}

        public static var fields: [Field<Parameters>] {
            let check: @Sendable (Duration) -> String? = { $0 < .zero ? "must not be negative" : nil }
            return [
                Field(
                    "max_connection_idle", \.maxConnectionIdle,
                    "Time without requests after which a connection ends.",
                    check: check),
                Field(
                    "max_connection_age", \.maxConnectionAge, "Age at which a connection ends.",
                    check: check),
                Field(
                    "max_connection_age_grace", \.maxConnectionAgeGrace, "Time its requests then still have.",
                    check: check),
                Field("time", \.time, "Silence after which a client is pinged.", check: check),
                Field("timeout", \.timeout, "Time the answer may take.", check: check),
            ]
        }
    }

    /// `enforcement_policy`.
    public struct Policy: SettingGroup, Equatable {
        public var minTime = Duration.seconds(300)
        public var permitWithoutStream = false

        public init() {}

        public static var fields: [Field<Policy>] {
            [
                Field("min_time", \.minTime, "Least time between two pings of a client.") {
                    $0 < .zero ? "must not be negative" : nil
                },
                Field(
                    "permit_without_stream", \.permitWithoutStream,
                    "Whether clients without requests may ping."),
            ]
        }
    }

    func apply(to server: inout ServerConfiguration) {
        let parameters = serverParameters
        server.maxConnectionIdle = parameters.maxConnectionIdle > .zero ? parameters.maxConnectionIdle : nil
        server.maxConnectionAge = parameters.maxConnectionAge > .zero ? parameters.maxConnectionAge : nil
        let grace = parameters.maxConnectionAgeGrace
        server.maxConnectionAgeGrace = grace > .zero ? grace : nil
        if parameters.time > .zero { server.keepaliveTime = parameters.time }
        if parameters.timeout > .zero { server.keepaliveTimeout = parameters.timeout }
        server.keepaliveMinTime = enforcementPolicy.minTime
        server.keepalivePermitWithoutStream = enforcementPolicy.permitWithoutStream
    }
}
