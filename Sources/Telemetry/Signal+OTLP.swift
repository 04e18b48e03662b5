/// Where OTLP puts each signal (OTLP 1.11, sections OTLP/gRPC and OTLP/HTTP).
extension Signal {
    /// The gRPC method, such as `/opentelemetry.proto.collector.trace.v1.TraceService/Export`.
    public var exportMethod: String {
        switch self {
        case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        case .profiles: "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
        }
    }

    /// The path of OTLP/HTTP requests, such as `/v1/traces`.
    public var exportPath: String {
        switch self {
        case .traces: "/v1/traces"
        case .metrics: "/v1/metrics"
        case .logs: "/v1/logs"
        case .profiles: "/v1development/profiles"
        }
    }
}
