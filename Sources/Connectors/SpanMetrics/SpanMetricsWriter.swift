internal import Telemetry
internal import Wire

/// Writes series as metrics, in batches of about a mebibyte.
struct SpanMetricsWriter: ~Copyable {
    /// Bytes after which a batch is cut, and points after which this is looked at.
    private static let limit = (bytes: 1 << 20, points: 1000)

    let rules: SpanMetricsRules
    /// The time of the points, in nanoseconds since 1970.
    private let time: UInt64
    private var builder = MetricsBuilder(capacity: 16 << 10)
    private var batches: [Batch] = []

    init(_ rules: SpanMetricsRules, _ time: UInt64) {
        self.rules = rules
        self.time = time
    }

    /// Whether a batch was cut, so that it is time to let others work.
    var isFull: Bool { !batches.isEmpty }

    /// What was written.
    consuming func finish() -> [Batch] {
        var batches = batches
        let last = builder.finish()
        if last.itemCount > 0 { batches.append(last) }
        return batches
    }

    /// Writes all series of a resource.
    mutating func write(_ resource: ResourceSeries, _ timestamps: inout PointTimes) {
        guard resource.seriesCount > 0 else { return }
        begin(resource)
        for (index, measure) in rules.measures.enumerated() {
            let entries = resource.tables[index].entries
            let starts = entries.map { start(of: $0, resource, index, &timestamps) }
            for first in stride(from: 0, to: entries.count, by: Self.limit.points) {
                let range = first..<min(first + Self.limit.points, entries.count)
                if measure.countsCalls { sum("calls", entries[range], starts[range]) }
                if measure.hasDurations { durations(entries[range], starts[range]) }
                if measure.isOfEvents { sum("events", entries[range], starts[range]) }
                if builder.byteCount >= Self.limit.bytes { cut(resource) }
            }
        }
    }

    private typealias Entries = ArraySlice<SeriesTable<SpanSeries>.Entry>

    private mutating func begin(_ resource: ResourceSeries) {
        builder.resource { $0.attributes(resource.attributes) }
        builder.scope("spanmetricsconnector")
    }

    private mutating func cut(_ resource: ResourceSeries) {
        var next = MetricsBuilder(capacity: 16 << 10)
        swap(&builder, &next)
        batches.append(next.finish())
        begin(resource)
    }

    /// Where the point of a series begins: with delta temporality where the point before ended.
    private func start(
        of entry: SeriesTable<SpanSeries>.Entry, _ resource: ResourceSeries, _ measure: Int,
        _ timestamps: inout PointTimes
    ) -> UInt64 {
        guard rules.isDelta else { return entry.value.start }
        let former = timestamps.move(
            resource.hash, measure, entry.hash, to: time, limit: rules.limits.timestamps)
        return former ?? entry.value.start
    }

    private var temporality: MetricsBuilder.Temporality { rules.isDelta ? .delta : .cumulative }

    private mutating func sum(_ name: String, _ entries: Entries, _ starts: ArraySlice<UInt64>) {
        let time = time
        builder.sum(.init(rules.namespace + name), temporality, isMonotonic: true) { points in
            for (entry, start) in zip(entries, starts) {
                points.point { point in
                    point.startTime(start)
                    point.time(time)
                    point.value(.int(Int64(clamping: entry.value.count)))
                    point.attributes(entry.attributes)
                    for exemplar in entry.value.exemplars {
                        point.exemplar { $0.write(exemplar, time) }
                    }
                }
            }
        }
    }

    private mutating func durations(_ entries: Entries, _ starts: ArraySlice<UInt64>) {
        let time = time
        let header = MetricsBuilder.Header(rules.namespace + "duration", unit: rules.unit.rawValue)
        switch rules.layout {
        case .explicit(let bounds):
            builder.histogram(header, temporality) { points in
                for (entry, start) in zip(entries, starts) {
                    points.point { point in
                        point.startTime(start)
                        point.time(time)
                        point.distribution(entry.value.durations, bounds: bounds)
                        point.attributes(entry.attributes)
                        for exemplar in entry.value.exemplars {
                            point.exemplar { $0.write(exemplar, time) }
                        }
                    }
                }
            }
        case .exponential:
            builder.exponentialHistogram(header, temporality) { points in
                for (entry, start) in zip(entries, starts) {
                    points.point { point in
                        point.startTime(start)
                        point.time(time)
                        point.distribution(entry.value.durations)
                        point.attributes(entry.attributes)
                        for exemplar in entry.value.exemplars {
                            point.exemplar { $0.write(exemplar, time) }
                        }
                    }
                }
            }
        }
    }
}

extension ExemplarBuilder {
    /// Writes an example of a span.
    fileprivate func write(_ exemplar: SpanSeries.Exemplar, _ time: UInt64) {
        self.time(time)
        value(.double(exemplar.duration))
        traceID(withUnsafeBytes(of: exemplar.ids.trace) { Bytes(copying: $0) })
        if exemplar.ids.span != 0 {
            spanID(withUnsafeBytes(of: exemplar.ids.span) { Bytes(copying: $0) })
        }
    }
}
