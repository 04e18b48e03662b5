public import Settings
public import Telemetry

/// The kind of telemetry that a statement is about.
public enum OTTLContext: String, SettingChoice {
    case resource, scope, span, spanevent, metric, datapoint, log

    /// Where the rewriter shows it.
    public var place: Places {
        switch self {
        case .resource: .resource
        case .scope: .scope
        case .metric: .metric
        case .spanevent: .event
        case .span, .datapoint, .log: .record
        }
    }
}
