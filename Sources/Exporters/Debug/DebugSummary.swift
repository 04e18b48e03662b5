internal import Logging
internal import Telemetry

/// One line about a batch: how many resources and items it has.
struct DebugSummary {
    /// `Traces`, `Metrics`, `Logs` or `Profiles`.
    let title: String
    private let counts: [(name: String, count: Int)]

    init(_ batch: Batch) {
        switch batch.signal {
        case .traces:
            title = "Traces"
            counts = [("resource spans", batch.resourceSpans.count), ("spans", batch.itemCount)]
        case .metrics:
            title = "Metrics"
            let resources = batch.resourceMetrics
            let metrics = resources.reduce(0) { $0 + $1.scopes.reduce(0) { $0 + $1.records.count } }
            counts = [
                ("resource metrics", resources.count), ("metrics", metrics), ("data points", batch.itemCount),
            ]
        case .logs:
            title = "Logs"
            counts = [("resource logs", batch.resourceLogs.count), ("log records", batch.itemCount)]
        case .profiles:
            title = "Profiles"
            counts = [
                ("resource profiles", ProfileView.resources(of: batch).count),
                ("sample records", batch.itemCount),
            ]
        }
    }

    /// For a structured log.
    var metadata: Logger.Metadata {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.name, "\($0.count)") })
    }

    /// For standard output: `Traces	{"resource spans": 1, "spans": 2}` with a line end.
    var line: String {
        "\(title)\t{" + counts.map { "\"\($0.name)\": \($0.count)" }.joined(separator: ", ") + "}\n"
    }
}
