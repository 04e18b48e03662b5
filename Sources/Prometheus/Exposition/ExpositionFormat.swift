/// How a page of metrics is written.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// The text format of Prometheus (0.0.4, 1.0.0).
    case text
    /// OpenMetrics (0.0.1, 1.0.0).
    case openMetrics
    /// Messages `io.prometheus.client.MetricFamily`, each after its length.
    case protobuf

    /// The format that a `content-type` names; `nil` when it is none of these.
    public init?(contentType: String) {
        let parts = contentType.split(separator: ";").map { $0.lowercased().trimming(" ") }
        switch parts.first {
        case "text/plain": self = .text
        case "application/openmetrics-text": self = .openMetrics
        case "application/vnd.google.protobuf":
            let parameters = parts.dropFirst()
            let isOurs = parameters.contains("proto=io.prometheus.client.metricfamily")
            guard isOurs, parameters.contains("encoding=delimited") else { return nil }
            self = .protobuf
        default: return nil
        }
    }
}

/// A format with its version, as `scrape_protocols` lists them; the raw value is how it is written there.
public enum ScrapeProtocol: String, CaseIterable, Sendable {
    case protobuf = "PrometheusProto"
    case openMetrics001 = "OpenMetricsText0.0.1"
    case openMetrics100 = "OpenMetricsText1.0.0"
    case text004 = "PrometheusText0.0.4"
    case text100 = "PrometheusText1.0.0"

    /// What is asked for when nobody says otherwise, best first.
    public static let standard: [ScrapeProtocol] = [.openMetrics100, .openMetrics001, .text100, .text004]
    /// The same with the only format that has native histograms before it.
    public static let withNativeHistograms: [ScrapeProtocol] = [.protobuf] + standard

    /// The format that is read when this one is taken for an answer that does not say what it is.
    public var format: ExpositionFormat {
        switch self {
        case .protobuf: .protobuf
        case .openMetrics001, .openMetrics100: .openMetrics
        case .text004, .text100: .text
        }
    }

    private var mediaType: String {
        switch self {
        case .protobuf:
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
        case .openMetrics001: "application/openmetrics-text;version=0.0.1"
        case .openMetrics100: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
        case .text004: "text/plain;version=0.0.4"
        case .text100: "text/plain;version=1.0.0;escaping=allow-utf-8"
        }
    }

    /// The value of `accept` for some protocols, best first, with anything else as the last choice.
    public static func accept(_ protocols: [ScrapeProtocol]) -> String {
        let weights = protocols.enumerated().map { index, choice in
            "\(choice.mediaType);q=0.\(max(protocols.count + 1 - index, 1))"
        }
        return (weights + ["*/*;q=0.1"]).joined(separator: ",")
    }
}
