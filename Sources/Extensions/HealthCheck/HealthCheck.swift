public import Pipeline

/// Answers the probes of orchestrators (otelcol's health_check).
///
/// 200 while every receiver runs, 503 before that and while the collector stops. A backend that does not
/// answer changes nothing: restarting the collector would not mend it. With `use_v2` it is `HealthCheckV2`.
public struct HealthCheck: Extension {
    public typealias Configuration = HealthCheckSettings

    public static let name = "health_check"
    public static let summary = "Answers health probes over HTTP."

    private let service: HealthService

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        service = try HealthService(configuration, in: context)
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        try await service.run(session)
    }
}
