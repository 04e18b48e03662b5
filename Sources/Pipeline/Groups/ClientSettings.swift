public import Compression
public import Logging
public import Settings
public import Transport

/// How bodies are compressed on the way out, as otelcol names it.
public enum ClientCompression: String, CaseIterable, SettingChoice {
    case gzip, zstd, zlib, deflate, snappy
    case snappyFramed = "x-snappy-framed"
    case none
    case unset = ""

    /// The algorithm; `nil` sends as it is.
    public var algorithm: CompressionAlgorithm? { CompressionAlgorithm(rawValue: rawValue) }
}

/// `compression_params`.
public struct CompressionParameters: SettingGroup, Equatable {
    public var level = 0

    public init() {}

    public static var fields: [Field<CompressionParameters>] {
        [Field("level", \.level, "Level of the algorithm; 0 is the default, a fast one.")]
    }
}

/// `keepalive` of a gRPC client.
public struct ClientKeepaliveSettings: SettingGroup, Equatable {
    public var time = Duration.seconds(10)
    public var timeout = Duration.seconds(10)
    public var permitWithoutStream = false

    public init() {}

    public static var fields: [Field<ClientKeepaliveSettings>] {
        [
            Field("time", \.time, "Silence after which the server is pinged.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field("timeout", \.timeout, "Time the answer may take before the connection counts as dead.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field(
                "permit_without_stream", \.permitWithoutStream, "Whether to ping while nothing is being sent."
            ),
        ]
    }
}

/// What a gRPC client is configured with, with otelcol's keys.
public struct GRPCClientSettings: SettingGroup, Equatable {
    /// How addresses of one name are used.
    public enum Balancer: String, CaseIterable, SettingChoice {
        case roundRobin = "round_robin"
        case pickFirst = "pick_first"
    }

    public var endpoint = ""
    public var compression = ClientCompression.gzip
    public var tls = TLSClientSettings()
    public var keepalive: ClientKeepaliveSettings?
    public var headers: OrderedPairs<Secret> = [:]
    public var userAgent = ""
    public var waitForReady = false
    public var balancerName = Balancer.roundRobin
    public var authority = ""
    public var auth: AuthenticatorSettings?

    public init() {}

    public static var fields: [Field<GRPCClientSettings>] {
        [
            Field(
                "endpoint", \.endpoint,
                "Where to send: host:port, http://host:port (plain text), https://host:port or unix:///path.",
                required: true
            ) { $0.isEmpty ? "must not be empty" : nil },
            Field("compression", \.compression, "How requests are compressed."),
            Field("tls", \.tls, "Encryption; on unless insecure is true or the endpoint says http://."),
            Field("keepalive", \.keepalive, "Pings over silent connections; none unless configured."),
            Field("headers", \.headers, "Headers sent with every request.", check: HeaderRules.grpc),
            Field("user_agent", \.userAgent, "What the client calls itself; empty is Apus and its version."),
            Field("auth", \.auth, "Who sets the credentials of requests; nobody unless configured."),
            Field(
                "wait_for_ready", \.waitForReady,
                "Whether a request waits for a connection until its timeout instead of failing at once."),
            Field(
                "balancer_name", \.balancerName,
                "How addresses of one name are used: round_robin, each new connection takes the next one."),
            Field("authority", \.authority, "The :authority of requests; empty is the endpoint."),
            .unsupported("read_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("write_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("middlewares", "middlewares are not part of this version"),
        ]
    }

    public func check() -> [Problem] {
        var found: [Problem] = []
        if balancerName == .pickFirst {
            found.append(Problem("balancer_name", "pick_first is not part of this version; leave it out"))
        }
        if compression == .zlib || compression == .snappyFramed {
            found.append(
                Problem(
                    "compression", "gRPC has no \(compression.rawValue); use gzip, deflate, zstd or snappy"))
        }
        do throws(ComponentError) { _ = try address() } catch {
            found.append(Problem("endpoint", error.description))
        }
        return found
    }

    /// The client as configured; reads certificates and throws what is wrong with them.
    public func client(_ logger: Logger) throws(ComponentError) -> ClientConfiguration {
        let address = try address()
        var client = ClientConfiguration(target: address.target)
        client.versions = .http2
        let isPlain = address.scheme == .http || (address.scheme != .https && tls.insecure)
        if !isPlain { client.tls = try tls.make(logger) }
        if !authority.isEmpty { client.authority = authority }
        client.waitsForConnection = waitForReady
        if let keepalive {
            var pings = ClientConfiguration.Keepalive()
            pings.time = keepalive.time
            pings.timeout = keepalive.timeout
            pings.permitWithoutStream = keepalive.permitWithoutStream
            client.keepalive = pings
        }
        return client
    }

    private func address() throws(ComponentError) -> Endpoint {
        try Endpoint(parsing: endpoint, defaultPort: 4317)
    }
}

/// What an HTTP client is configured with, with otelcol's keys.
public struct HTTPClientSettings: SettingGroup, Equatable {
    public var endpoint = ""
    public var proxyURL = ""
    public var tls = TLSClientSettings()
    public var headers: OrderedPairs<Secret> = [:]
    public var compression = ClientCompression.gzip
    public var compressionParameters = CompressionParameters()
    public var maxConnsPerHost = 0
    public var idleConnTimeout = Duration.seconds(90)
    public var forceAttemptHTTP2 = true
    public var auth: AuthenticatorSettings?

    public init() {}

    public static var fields: [Field<HTTPClientSettings>] {
        [
            Field(
                "endpoint", \.endpoint,
                "URL to send to, such as https://backend:4318; OTLP adds the path of the signal."),
            Field(
                "proxy_url", \.proxyURL, "URL of a proxy; empty follows HTTP_PROXY, HTTPS_PROXY and NO_PROXY."
            ) {
                $0.isEmpty || $0.hasPrefix("http://")
                    ? nil : "must be an http:// URL; others are not supported"
            },
            Field("tls", \.tls, "Encryption, for https:// URLs."),
            Field("headers", \.headers, "Headers sent with every request.", check: HeaderRules.http),
            Field("auth", \.auth, "Who sets the credentials of requests; nobody unless configured."),
            Field("compression", \.compression, "How requests are compressed."),
            Field("compression_params", \.compressionParameters, "Settings of the compression."),
            Field(
                "max_conns_per_host", \.maxConnsPerHost,
                "Most connections of each event loop; 0 is as many as sending_queue::num_consumers needs."
            ) {
                $0 < 0 ? "must not be negative" : nil
            },
            Field(
                "idle_conn_timeout", \.idleConnTimeout, "Time until an idle connection is closed; 0 is never."
            ) {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("force_attempt_http2", \.forceAttemptHTTP2, "Whether TLS connections offer HTTP/2."),
            .unsupported("disable_keep_alives", "connections are always kept; use idle_conn_timeout"),
            .unsupported("max_idle_conns", "use max_conns_per_host and idle_conn_timeout"),
            .unsupported("max_idle_conns_per_host", "use max_conns_per_host and idle_conn_timeout"),
            .unsupported("read_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("write_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("http2_read_idle_timeout", "pings over HTTP are not part of this version"),
            .unsupported("http2_ping_timeout", "pings over HTTP are not part of this version"),
            .unsupported("cookies", "cookies are not part of this version"),
            .unsupported("middlewares", "middlewares are not part of this version"),
        ]
    }

    /// The client for one URL; reads certificates and throws what is wrong with them.
    public func client(
        for url: Endpoint, connections: Int, _ logger: Logger
    ) throws(ComponentError) -> ClientConfiguration {
        var client = ClientConfiguration(target: url.target)
        client.versions = forceAttemptHTTP2 ? .negotiated : .http1
        if url.scheme == .https { client.tls = try tls.make(logger) }
        client.connectionsPerLane = maxConnsPerHost > 0 ? maxConnsPerHost : connections
        client.idleTimeout = idleConnTimeout > .zero ? idleConnTimeout : nil
        client.waitsForConnection = false
        if !proxyURL.isEmpty { client.proxy = .url(proxyURL) }
        // A Host header names the site that is meant; the connection still goes to the endpoint.
        client.authority = headers.pairs.last { $0.name.lowercased() == "host" }?.value.reveal()
        return client
    }
}
