public import Pipeline

/// Answers with the status of the collector and of each pipeline over HTTP and gRPC (otelcol's
/// healthcheckv2).
///
/// As in otelcol it needs `use_v2: true`; without it, it is `HealthCheck`.
public struct HealthCheckV2: Extension {
    public typealias Configuration = HealthCheckSettings

    public static let name = "healthcheckv2"
    public static let summary = "Answers with the status of every pipeline and component over HTTP and gRPC."

    private let service: HealthService

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        service = try HealthService(configuration, in: context)
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        try await service.run(session)
    }
}
