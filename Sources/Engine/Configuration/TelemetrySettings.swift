internal import Pipeline
public import Settings

/// `service::telemetry`: how the collector reports about itself.
public struct TelemetrySettings: SettingGroup {
    public var logs = LogSettings()
    public var metrics = OwnMetricsSettings()
    public var resource: [String: String?] = [:]

    public init() {}

    public static var fields: [Field<TelemetrySettings>] {
        [
            Field("logs", \.logs, "The collector's own log."),
            Field("metrics", \.metrics, "The collector's own metrics."),
            Field(
                "resource", \.resource,
                "Attributes of the collector itself, published with its own metrics; null removes one."
            ),
            .unsupported("traces", "the collector does not trace itself in this version"),
        ]
    }

    /// Who the collector says it is: what it knows by itself, changed and added to by `resource`.
    public func resourceAttributes(version: String, instance: String) -> [(key: String, value: String)] {
        var attributes: [String: String?] = [
            "service.name": "apus", "service.version": version, "service.instance.id": instance,
        ]
        for (key, value) in resource { attributes[key] = .some(value) }
        return attributes.compactMap { key, value in value.map { (key, $0) } }.sorted { $0.key < $1.key }
    }
}

/// Tells one run of a collector from every other.
enum InstanceID {
    /// A random UUID (RFC 9562, version 4).
    static func random() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return groups.joined(separator: "-")
    }
}

/// `service::telemetry::logs`.
public struct LogSettings: SettingGroup {
    /// How much is logged.
    public enum Level: String, CaseIterable, SettingChoice {
        case debug, info, warn, error
    }

    /// How a line looks.
    public enum Encoding: String, CaseIterable, SettingChoice {
        case console, json
    }

    public var level = Level.info
    public var componentLevels: [String: Level] = [:]
    public var encoding = Encoding.console
    public var outputPaths = ["stderr"]
    public var initialFields: [String: String] = [:]
    public var sampling = LogSamplingSettings()
    public var disableCaller = true
    public var disableStacktrace = true

    public init() {}

    public static var fields: [Field<LogSettings>] {
        [
            Field(
                "level", \.level, "The least important lines that are written: debug, info, warn or error."),
            Field(
                "component_levels", \.componentLevels,
                "Levels for single components, by id, such as `otlp/2: debug`; an addition to otelcol's keys."
            ),
            Field("encoding", \.encoding, "How a line looks: console for people, json for machines."),
            Field("output_paths", \.outputPaths, "Where lines go: stderr, stdout or the paths of files."),
            Field("initial_fields", \.initialFields, "Fields added to every line."),
            Field("sampling", \.sampling, "Which of many equal lines are written."),
            Field(
                "disable_caller", \.disableCaller,
                "Accepted for otelcol's sake; lines never name source files."
            ) {
                $0 ? nil : "lines cannot name source files; leave it out or set it to true"
            },
            Field(
                "disable_stacktrace", \.disableStacktrace,
                "Accepted for otelcol's sake; there are no stack traces."
            ) {
                $0 ? nil : "lines cannot carry stack traces; leave it out or set it to true"
            },
            .unsupported("development", "there is no development mode"),
            .unsupported("error_output_paths", "errors of the log itself have nowhere to go"),
            .unsupported("processors", "sending the log by OTLP is not part of this version"),
        ]
    }
}

/// `service::telemetry::logs::sampling`.
public struct LogSamplingSettings: SettingGroup {
    public var enabled = true
    public var tick = Duration.seconds(10)
    public var initial = 10
    public var thereafter = 100

    public init() {}

    public static var fields: [Field<LogSamplingSettings>] {
        [
            Field("enabled", \.enabled, "Whether repeated lines are sampled."),
            Field("tick", \.tick, "The time in which equal lines are counted.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field("initial", \.initial, "Equal lines written in each tick before sampling begins.") {
                $0 < 0 ? "must not be negative" : nil
            },
            Field("thereafter", \.thereafter, "Then one in this many is written; 0 is none.") {
                $0 < 0 ? "must not be negative" : nil
            },
        ]
    }
}
