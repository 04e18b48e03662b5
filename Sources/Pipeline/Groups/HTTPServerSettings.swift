public import Compression
public import Logging
public import Settings
public import Transport

/// What an HTTP server is configured with, with otelcol's keys.
public struct HTTPServerSettings: SettingGroup, Equatable {
    public var endpoint = "localhost:4318"
    public var transport = GRPCServerSettings.SocketKind.tcp
    public var tls: TLSServerSettings?
    public var cors: CORSSettings?
    public var auth: HTTPServerAuthenticationSettings?
    public var maxRequestBodySize = 64 << 20
    public var includeMetadata = false
    public var responseHeaders: OrderedPairs<Secret> = [:]
    public var compressionAlgorithms = ContentEncoding.allCases
    public var readTimeout = Duration.zero
    public var readHeaderTimeout = Duration.seconds(60)
    public var writeTimeout = Duration.seconds(30)
    public var idleTimeout = Duration.seconds(60)
    public var keepAlivesEnabled = true

    public init() {}

    /// Defaults on another address.
    public init(endpoint: String) {
        self.endpoint = endpoint
    }

    public static var fields: [Field<HTTPServerSettings>] {
        [
            Field(
                "endpoint", \.endpoint,
                "Where to listen: host:port, :port for every address, or a socket's path."),
            Field("transport", \.transport, "Kind of the socket: tcp or unix."),
            Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
            Field("cors", \.cors, "Which web pages of other origins may send; none unless configured."),
            Field("auth", \.auth, "Who checks the credentials of requests; nobody unless configured."),
            Field(
                "max_request_body_size", \.maxRequestBodySize,
                "Largest body in bytes, before and after decompression; 0 is 64 MiB, which OTLP recommends."
            ) { $0 < 0 ? "must not be negative" : nil },
            Field("include_metadata", \.includeMetadata, "Whether processors can see the request's headers."),
            Field(
                "response_headers", \.responseHeaders, "Headers added to every response.",
                check: HeaderRules.http),
            Field(
                "compression_algorithms", \.compressionAlgorithms,
                "Values of content-encoding that are accepted."),
            Field(
                "read_timeout", \.readTimeout, "Time a request may take to arrive; 0 is no limit.",
                check: notNegative),
            Field(
                "read_header_timeout", \.readHeaderTimeout, "Time its headers may take.", check: notNegative),
            Field(
                "write_timeout", \.writeTimeout, "Time a client may take nothing of a response.",
                check: notNegative),
            Field(
                "idle_timeout", \.idleTimeout, "Time until an idle connection ends; 0 is never.",
                check: notNegative),
            Field(
                "keep_alives_enabled", \.keepAlivesEnabled,
                "Whether connections are kept for further requests."),
            .unsupported("middlewares", "middlewares are not part of this version"),
        ]
    }

    public func check() -> [Problem] { ListenAddress.problems(endpoint, transport) }

    private static let notNegative: @Sendable (Duration) -> String? = {
        $0 < .zero ? "must not be negative" : nil
    }

    /// The largest body in bytes.
    public var maxBodyBytes: Int { maxRequestBodySize == 0 ? 64 << 20 : maxRequestBodySize }

    /// The server as configured; reads certificates and throws what is wrong with them.
    public func server(_ logger: Logger) throws(ComponentError) -> ServerConfiguration {
        var server = ServerConfiguration(address: try ListenAddress(endpoint, transport))
        if let tls { server.tls = try tls.make(logger) }
        server.maxBufferedBytes = max(server.maxBufferedBytes, 4 * maxBodyBytes)
        server.readTimeout = readTimeout > .zero ? readTimeout : nil
        server.readHeaderTimeout = readHeaderTimeout > .zero ? readHeaderTimeout : nil
        server.writeTimeout = writeTimeout > .zero ? writeTimeout : nil
        server.idleTimeout = idleTimeout > .zero ? idleTimeout : nil
        server.maxConnectionIdle = server.idleTimeout
        server.keepAlive = keepAlivesEnabled
        return server
    }
}

/// A value of `content-encoding`.
public enum ContentEncoding: String, CaseIterable, SettingChoice {
    case identity = ""
    case gzip, zstd, zlib, snappy, deflate
    case snappyFramed = "x-snappy-framed"

    /// How the encoding is undone; `nil` for identity.
    public var algorithm: CompressionAlgorithm? { CompressionAlgorithm(rawValue: rawValue) }
}

/// `cors`: which web pages may send.
public struct CORSSettings: SettingGroup, Equatable {
    public var allowedOrigins: [String] = []
    public var allowedHeaders: [String] = []
    public var exposedHeaders: [String] = []
    public var maxAge = 0

    public init() {}

    public static var fields: [Field<CORSSettings>] {
        [
            Field(
                "allowed_origins", \.allowedOrigins,
                "Origins such as https://app.example.com; one * in each stands for anything."
            ) { origins in
                origins.first { $0.count { $0 == "*" } > 1 }.map { "'\($0)' has more than one *" }
            },
            Field(
                "allowed_headers", \.allowedHeaders,
                "Request headers allowed beside the safe ones; * allows all."),
            Field("exposed_headers", \.exposedHeaders, "Response headers that pages may read."),
            Field("max_age", \.maxAge, "Seconds for which browsers remember the answer; 0 leaves it to them.")
            {
                $0 < 0 ? "must not be negative" : nil
            },
        ]
    }

    /// Whether a page of `origin` may send.
    public func allows(origin: String) -> Bool {
        let origin = origin.lowercased()
        return allowedOrigins.contains { Self.matches(pattern: $0.lowercased(), origin) }
    }

    /// Whether every page may send.
    public var allowsAll: Bool { allowedOrigins.contains("*") }

    private static func matches(pattern: String, _ text: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return pattern == text }
        let (head, tail) = (pattern[..<star], pattern[pattern.index(after: star)...])
        return text.utf8.count >= head.utf8.count + tail.utf8.count && text.hasPrefix(head)
            && text.hasSuffix(tail)
    }
}
