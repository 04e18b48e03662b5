internal import Telemetry

/// Writes series of requests as metrics, in batches of about a mebibyte.
struct ServiceGraphWriter: ~Copyable {
    /// Bytes after which a batch is cut.
    private static let byteLimit = 1 << 20

    private let layout: BucketLayout
    /// The time of the points, in nanoseconds since 1970.
    private let time: UInt64
    private var builder = MetricsBuilder(capacity: 16 << 10)
    private var batches: [Batch] = []

    typealias Entries = ArraySlice<SeriesTable<EdgeSeries>.Entry>

    init(_ rules: ServiceGraphRules, _ now: UInt64) {
        layout = rules.layout
        time = now - min(rules.offset, now)
        builder.resource()
        builder.scope("traces_service_graph")
    }

    /// Whether a batch was cut, so that it is time to let others work.
    var isFull: Bool { !batches.isEmpty }

    /// About how many bytes a series becomes.
    static func size(of entry: SeriesTable<EdgeSeries>.Entry) -> Int {
        let buckets = entry.value.server.buckets.count + entry.value.client.buckets.count
        return 256 + 3 * entry.attributes.byteCount + 8 * buckets
    }

    /// What was written.
    consuming func finish() -> [Batch] {
        var batches = batches
        let last = builder.finish()
        if last.itemCount > 0 { batches.append(last) }
        return batches
    }

    /// Writes all metrics of some series.
    mutating func write(_ entries: Entries) {
        guard !entries.isEmpty else { return }
        sum("traces_service_graph_request_total", entries) { $0.total }
        let failed = entries.filter { $0.value.failed > 0 }
        if !failed.isEmpty { sum("traces_service_graph_request_failed_total", failed[...]) { $0.failed } }
        durations("traces_service_graph_request_server", entries) { $0.server }
        durations("traces_service_graph_request_client", entries) { $0.client }
        guard builder.byteCount >= Self.byteLimit else { return }
        var next = MetricsBuilder(capacity: 16 << 10)
        next.resource()
        next.scope("traces_service_graph")
        swap(&builder, &next)
        batches.append(next.finish())
    }

    private mutating func sum(_ name: String, _ entries: Entries, _ value: (EdgeSeries) -> UInt64) {
        let time = time
        builder.sum(.init(name), .cumulative, isMonotonic: true) { points in
            for entry in entries {
                points.point { point in
                    point.startTime(entry.value.start)
                    point.time(time)
                    point.value(.int(Int64(clamping: value(entry.value))))
                    point.attributes(entry.attributes)
                }
            }
        }
    }

    private mutating func durations(
        _ name: String, _ entries: Entries, _ value: (EdgeSeries) -> Distribution
    ) {
        let time = time
        let header = MetricsBuilder.Header(name, unit: "s")
        switch layout {
        case .explicit(let bounds):
            builder.histogram(header, .cumulative) { points in
                for entry in entries {
                    points.point { point in
                        point.startTime(entry.value.start)
                        point.time(time)
                        point.distribution(value(entry.value), bounds: bounds)
                        point.attributes(entry.attributes)
                    }
                }
            }
        case .exponential:
            builder.exponentialHistogram(header, .cumulative) { points in
                for entry in entries {
                    points.point { point in
                        point.startTime(entry.value.start)
                        point.time(time)
                        point.distribution(value(entry.value))
                        point.attributes(entry.attributes)
                    }
                }
            }
        }
    }
}
