internal import Pipeline
public import Settings

/// `service::telemetry::metrics`: how the collector's own metrics are published.
public struct OwnMetricsSettings: SettingGroup {
    /// How much is published.
    public enum Level: String, CaseIterable, SettingChoice {
        case none, basic, normal, detailed
    }

    public var level = Level.normal
    public var readers: [MetricsReaderSettings] = [MetricsReaderSettings.standard]

    public init() {}

    public static var fields: [Field<OwnMetricsSettings>] {
        [
            Field("level", \.level, "How much is published: none, basic, normal or detailed."),
            Field(
                "readers", \.readers,
                "Who gets the metrics; the standard is a page on 127.0.0.1:8888/metrics."),
            .unsupported(
                "address", "write it as a reader: {pull: {exporter: {prometheus: {host: …, port: …}}}}"),
            .unsupported("views", "choosing single metrics is not part of this version"),
        ]
    }
}

/// One entry of `readers`: one of its keys.
public struct MetricsReaderSettings: SettingGroup {
    public var pull: PullReaderSettings?
    public var periodic: PeriodicReaderSettings?

    public init() {}

    /// What holds when no reader is configured: otelcol's names without the additions of OpenMetrics.
    static var standard: MetricsReaderSettings {
        var reader = MetricsReaderSettings()
        reader.pull = PullReaderSettings()
        return reader
    }

    public static var fields: [Field<MetricsReaderSettings>] {
        [
            Field("pull", \.pull, "A reader that others ask."),
            Field("periodic", \.periodic, "A reader that sends the metrics on, every so often."),
        ]
    }

    public func check() -> [Problem] {
        (pull == nil) == (periodic == nil) ? [Problem("", "a reader is either pull or periodic")] : []
    }
}

/// A reader that others ask.
public struct PullReaderSettings: SettingGroup {
    public var exporter = PullExporterSettings()

    public init() {}

    public static var fields: [Field<PullReaderSettings>] {
        [Field("exporter", \.exporter, "The form in which others ask.", required: true)]
    }
}

/// The form in which others ask for the metrics.
public struct PullExporterSettings: SettingGroup {
    public var prometheus = PrometheusPageSettings()

    public init() {}

    public static var fields: [Field<PullExporterSettings>] {
        [Field("prometheus", \.prometheus, "A page in the Prometheus text format.", required: true)]
    }
}

/// Where the page is and how its metrics are named.
public struct PrometheusPageSettings: SettingGroup {
    public var host = "127.0.0.1"
    public var port = 8888
    public var withoutTypeSuffix = true
    public var withoutUnits = true
    public var withoutScopeInfo = true

    public init() {}

    public static var fields: [Field<PrometheusPageSettings>] {
        [
            Field("host", \.host, "The address to listen on."),
            Field("port", \.port, "The port to listen on.") {
                (0...65535).contains($0) ? nil : "must be a port, from 0 to 65535"
            },
            Field("without_type_suffix", \.withoutTypeSuffix, "Whether counters go without `_total`."),
            Field(
                "without_units", \.withoutUnits, "Whether names go without their unit, such as `_seconds`."),
            Field(
                "without_scope_info", \.withoutScopeInfo,
                "Whether series go without the scope that made them."
            ) {
                $0 ? nil : "scope information is not part of this version; leave it out or set it to true"
            },
        ]
    }
}
