internal import Pipeline
internal import Settings

/// The section `service`: what is switched on and how it is joined.
struct ServiceSettings: SettingGroup {
    var extensions: [String] = []
    var pipelines: [String: PipelineSettings] = [:]
    var telemetry = TelemetrySettings()
    var shutdownTimeout = Duration.seconds(25)

    init() {}

    static var fields: [Field<ServiceSettings>] {
        [
            Field("extensions", \.extensions, "Extensions to start, in this order."),
            Field(
                "pipelines", \.pipelines,
                "Pipelines by id: a signal (traces, metrics, logs, profiles) and, after a slash, a name."),
            Field("telemetry", \.telemetry, "How the collector reports about itself."),
            Field(
                "shutdown_timeout", \.shutdownTimeout,
                "Time to deliver what was accepted when the process stops; an addition to otelcol's keys."
            ) { $0 < .zero ? "must not be negative" : nil },
        ]
    }
}

/// One pipeline as written.
struct PipelineSettings: SettingGroup {
    var receivers: [String] = []
    var processors: [String] = []
    var exporters: [String] = []

    init() {}

    static var fields: [Field<PipelineSettings>] {
        [
            Field("receivers", \.receivers, "Receivers, or connectors, that feed the pipeline."),
            Field("processors", \.processors, "Processors, in the order data meets them."),
            Field("exporters", \.exporters, "Exporters, or connectors, that take what the pipeline gives."),
        ]
    }
}
