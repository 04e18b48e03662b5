public import Telemetry

extension Signal {
    /// What otelcol calls one item of the signal in the names of its own metrics.
    public var itemName: String {
        switch self {
        case .traces: "spans"
        case .metrics: "metric_points"
        case .logs: "log_records"
        case .profiles: "profile_samples"
        }
    }
}
