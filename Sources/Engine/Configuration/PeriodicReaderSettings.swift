internal import Pipeline
public import Settings

/// A reader that sends the metrics on, every so often.
public struct PeriodicReaderSettings: SettingGroup {
    public var interval = 60_000
    public var timeout = 30_000
    public var exporter = PeriodicExporterSettings()

    public init() {}

    public static var fields: [Field<PeriodicReaderSettings>] {
        [
            Field("interval", \.interval, "Milliseconds between two sendings.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field("timeout", \.timeout, "Milliseconds one sending may take.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field("exporter", \.exporter, "How the metrics are sent.", required: true),
        ]
    }
}

/// How the metrics are sent.
public struct PeriodicExporterSettings: SettingGroup {
    public var otlp = OwnMetricsOTLPSettings()

    public init() {}

    public static var fields: [Field<PeriodicExporterSettings>] {
        [
            Field("otlp", \.otlp, "As OTLP.", required: true),
            .unsupported("console", "use a pull reader and curl"),
        ]
    }
}

/// Where and how own metrics are sent as OTLP.
public struct OwnMetricsOTLPSettings: SettingGroup {
    /// The transport, as OpenTelemetry's environment variables name it.
    public enum Transport: String, CaseIterable, SettingChoice {
        case grpc
        case http = "http/protobuf"
    }

    /// How requests are compressed.
    public enum Compression: String, CaseIterable, SettingChoice {
        case gzip, none
    }

    public var transport = Transport.http
    public var endpoint = ""
    public var headers: OrderedPairs<Secret> = [:]
    public var insecure = false
    public var compression = Compression.gzip
    public var certificate = ""

    public init() {}

    public static var fields: [Field<OwnMetricsOTLPSettings>] {
        [
            Field("protocol", \.transport, "grpc or http/protobuf."),
            Field(
                "endpoint", \.endpoint, "host:port for gRPC; the whole URL, path included, for HTTP.",
                required: true),
            Field("headers", \.headers, "Headers sent with every request."),
            Field("insecure", \.insecure, "Whether gRPC goes without TLS."),
            Field("compression", \.compression, "How requests are compressed."),
            Field(
                "certificate", \.certificate,
                "PEM file of the authorities to trust; empty are those of the system."),
            .unsupported("client_certificate", "mutual TLS for own metrics is not part of this version"),
            .unsupported("client_key", "mutual TLS for own metrics is not part of this version"),
            .unsupported("temporality_preference", "own metrics are cumulative"),
            .unsupported("default_histogram_aggregation", "own histograms have fixed buckets"),
        ]
    }

    public func check() -> [Problem] {
        guard transport == .http, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") else {
            return []
        }
        return [Problem("endpoint", "must be a URL that begins with http:// or https://")]
    }

    /// The client that gRPC needs.
    var grpcClient: GRPCClientSettings {
        var client = GRPCClientSettings()
        client.endpoint = endpoint
        client.headers = headers
        client.compression = compression == .gzip ? .gzip : .none
        client.tls.insecure = insecure
        client.tls.caFile = certificate
        return client
    }

    /// The client that HTTP needs.
    var httpClient: HTTPClientSettings {
        var client = HTTPClientSettings()
        client.endpoint = endpoint
        client.headers = headers
        client.compression = compression == .gzip ? .gzip : .none
        client.tls.caFile = certificate
        return client
    }
}
