public import Pipeline
public import Telemetry

/// Hands everything from the pipelines that end in it to the pipelines that begin with it: joins pipelines,
/// and splits them.
public struct ForwardConnector: Connector {
    public static let name = "forward"
    public static let summary = "Joins and splits pipelines of the same signal."
    public static let conversions = Signal.allCases.map { (from: $0, to: $0) }

    public init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}

    public mutating func consume(
        _ batch: consuming Batch, into outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        try outlets.send(batch)
    }
}
