/// The kinds of telemetry that OTLP carries.
public enum Signal: String, CaseIterable, Sendable {
    case traces, metrics, logs, profiles
}
