public import Pipeline
public import Telemetry

/// Throws everything away; the engine counts it as delivered.
public struct NopExporter: DirectExporter {
    public static let name = "nop"
    public static let summary = "Throws everything away; for trying out a configuration."

    public init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}

    public func write(_ batch: Batch) throws(Rejection) {}
}
