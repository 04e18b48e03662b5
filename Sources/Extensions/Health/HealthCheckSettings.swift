public import Pipeline
public import Settings

/// The keys that `health_check` and `healthcheckv2` share, as in otelcol.
public struct HealthCheckSettings: SettingGroup {
    public var endpoint = "localhost:13133"
    public var path = "/"
    public var tls: TLSServerSettings?
    public var responseBody = ResponseBody()
    public var useV2 = false
    public var http = Presence(HealthHTTPSettings())
    public var grpc = Presence(HealthGRPCSettings())
    public var componentHealth: ComponentHealthSettings?

    public init() {}

    public static var fields: [Field<HealthCheckSettings>] {
        [
            Field("endpoint", \.endpoint, "Where to listen: host:port, or :port for every address."),
            Field("path", \.path, "Path that answers.", check: absolutePath),
            Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
            Field("response_body", \.responseBody, "Texts to answer with, instead of JSON."),
            Field(
                "use_v2", \.useV2,
                "Whether http and grpc below count, and the keys above do not."),
            Field("http", \.http, "Status of the collector and its pipelines as JSON; needs use_v2."),
            Field("grpc", \.grpc, "Status as the gRPC health service; needs use_v2."),
            Field(
                "component_health", \.componentHealth,
                "Which errors of components make the collector unhealthy; none unless configured."),
            .unsupported("check_collector_pipeline", "otelcol does not use it any more; leave it out"),
        ]
    }

    public func check() -> [Problem] {
        if useV2 {
            guard !http.isPresent, !grpc.isPresent else { return [] }
            return [Problem("use_v2", "needs at least one of http and grpc")]
        }
        var problems: [Problem] = []
        let reason = "counts only with use_v2: true"
        if http.isPresent { problems.append(Problem("http", reason)) }
        if grpc.isPresent { problems.append(Problem("grpc", reason)) }
        if componentHealth != nil { problems.append(Problem("component_health", reason)) }
        return problems
    }

    /// `response_body`.
    public struct ResponseBody: SettingGroup {
        public var healthy = ""
        public var unhealthy = ""

        public init() {}

        public static var fields: [Field<ResponseBody>] {
            [
                Field("healthy", \.healthy, "Body while everything runs."),
                Field("unhealthy", \.unhealthy, "Body otherwise."),
            ]
        }
    }

    static let absolutePath: @Sendable (String) -> String? = {
        $0.hasPrefix("/") ? nil : "must begin with a slash"
    }
}

/// `http` of the second version.
public struct HealthHTTPSettings: SettingGroup {
    public var endpoint = "localhost:13133"
    public var transport = GRPCServerSettings.SocketKind.tcp
    public var tls: TLSServerSettings?
    public var auth: HTTPServerAuthenticationSettings?
    public var status = StatusEndpoint()
    public var config = ConfigEndpoint()

    public init() {}

    public static var fields: [Field<HealthHTTPSettings>] {
        [
            Field("endpoint", \.endpoint, "Where to listen: host:port, :port, or a socket's path."),
            Field("transport", \.transport, "Kind of the socket: tcp or unix."),
            Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
            Field("auth", \.auth, "Who checks the credentials of requests; nobody unless configured."),
            Field("status", \.status, "The endpoint that tells the status."),
            Field("config", \.config, "The endpoint that would tell the configuration."),
            .unsupported("cors", "web pages of other origins have no business here"),
            .unsupported("compression_algorithms", "requests have no body"),
            .unsupported("max_request_body_size", "requests have no body"),
            .unsupported("include_metadata", "requests go nowhere from here"),
            .unsupported("middlewares", "middlewares are not part of this version"),
        ]
    }

    /// `status`.
    public struct StatusEndpoint: SettingGroup {
        public var enabled = true
        public var path = "/status"
        public var verbose = false

        public init() {}

        public static var fields: [Field<StatusEndpoint>] {
            [
                Field("enabled", \.enabled, "Whether the endpoint is there."),
                Field("path", \.path, "Path that answers.", check: HealthCheckSettings.absolutePath),
                Field("verbose", \.verbose, "Whether every answer has all parts, as with ?verbose."),
                .unsupported("include_attributes", "the status of a component has no attributes"),
            ]
        }
    }

    /// `config`.
    public struct ConfigEndpoint: SettingGroup {
        public var enabled = false

        public init() {}

        public static var fields: [Field<ConfigEndpoint>] {
            [
                Field("enabled", \.enabled, "Must be false: the admin API shows the configuration.") {
                    $0
                        ? "is not supported: otelcol's endpoint shows secrets; the admin API shows the "
                            + "configuration without them"
                        : nil
                },
                .unsupported("path", "the endpoint is not supported; see enabled"),
            ]
        }
    }
}

/// `grpc` of the second version.
public struct HealthGRPCSettings: SettingGroup {
    public var endpoint = "localhost:13132"
    public var transport = GRPCServerSettings.SocketKind.tcp
    public var tls: TLSServerSettings?
    public var maxConcurrentStreams = 100
    public var keepalive = GRPCServerKeepaliveSettings()

    public init() {}

    public static var fields: [Field<HealthGRPCSettings>] {
        [
            Field("endpoint", \.endpoint, "Where to listen: host:port, :port, or a socket's path."),
            Field("transport", \.transport, "Kind of the socket: tcp or unix."),
            Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
            Field(
                "max_concurrent_streams", \.maxConcurrentStreams,
                "Requests under way on one connection; 0 is 100."
            ) { (0...100_000).contains($0) ? nil : "must be from 0 to 100000" },
            Field("keepalive", \.keepalive, "When connections are checked and ended."),
            .unsupported(
                "auth", "probes over gRPC bring no credentials; use tls::client_ca_file"),
            .unsupported("max_recv_msg_size_mib", "a request has a few bytes; leave it out"),
            .unsupported("include_metadata", "requests go nowhere from here"),
            .unsupported("read_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("write_buffer_size", "buffers size themselves; leave it out"),
            .unsupported("middlewares", "middlewares are not part of this version"),
        ]
    }
}

/// `component_health`: which errors of components make the collector unhealthy.
public struct ComponentHealthSettings: SettingGroup {
    public var includePermanentErrors = false
    public var includeRecoverableErrors = false
    public var recoveryDuration = Duration.seconds(60)

    public init() {}

    public static var fields: [Field<ComponentHealthSettings>] {
        [
            Field(
                "include_permanent_errors", \.includePermanentErrors,
                "Whether errors count that only a person or another configuration can mend."),
            Field(
                "include_recoverable_errors", \.includeRecoverableErrors,
                "Whether errors count that may pass, once recovery_duration is over."),
            Field(
                "recovery_duration", \.recoveryDuration, "Time that a recoverable error has for passing."
            ) { $0 < .zero ? "must not be negative" : nil },
        ]
    }
}
