internal import Telemetry
internal import Wire

/// A place among the series of a resource, where writing goes on.
struct SeriesPlace {
    var measure = 0
    var series = 0
}

/// Writes series as metrics, in batches of about a mebibyte.
struct SpanMetricsWriter: ~Copyable {
    /// Bytes after which a batch is cut.
    private static let byteLimit = 1 << 20

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

    /// Writes series of a resource from a place on; when a batch is full before all were written, says where
    /// it goes on.
    mutating func write(
        _ resource: ResourceSeries, from start: SeriesPlace, _ timestamps: inout PointTimes
    ) -> SeriesPlace? {
        guard var place = Self.next(resource, start) else { return nil }
        builder.resource { $0.attributes(resource.attributes) }
        builder.scope("spanmetricsconnector")
        while true {
            let end = write(resource, at: place, &timestamps)
            if rules.exemplars > 0 {
                resource.forgetExemplars(of: place.measure, in: place.series..<end)
            }
            place.series = end
            let next = Self.next(resource, place)
            if builder.byteCount >= Self.byteLimit {
                cut()
                return next
            }
            guard let next else { return nil }
            place = next
        }
    }

    /// The first place with a series, from `place` on.
    private static func next(_ resource: ResourceSeries, _ place: SeriesPlace) -> SeriesPlace? {
        var place = place
        while place.measure < resource.tables.count {
            if place.series < resource.tables[place.measure].entries.count { return place }
            place = SeriesPlace(measure: place.measure + 1)
        }
        return nil
    }

    /// Writes some series of a measure; returns the index of the first that follows.
    private mutating func write(
        _ resource: ResourceSeries, at place: SeriesPlace, _ timestamps: inout PointTimes
    ) -> Int {
        let measure = rules.measures[place.measure]
        let table = resource.tables[place.measure]
        let range = table.part(from: place.series) { entry in
            64 + entry.attributes.byteCount + 8 * entry.value.durations.buckets.count
                + 64 * entry.value.exemplars.count
        }
        let entries = table.entries[range]
        let starts = entries.map { start(of: $0, resource, place.measure, &timestamps) }[...]
        if measure.countsCalls { sum("calls", entries, starts) }
        if measure.hasDurations { durations(entries, starts) }
        if measure.isOfEvents { sum("events", entries, starts) }
        return range.upperBound
    }

    private typealias Entries = ArraySlice<SeriesTable<SpanSeries>.Entry>

    private mutating func cut() {
        var next = MetricsBuilder(capacity: 16 << 10)
        swap(&builder, &next)
        batches.append(next.finish())
    }

    /// Where the point of a series begins: with delta temporality where the point before ended.
    private func start(
        of entry: SeriesTable<SpanSeries>.Entry, _ resource: ResourceSeries, _ measure: Int,
        _ timestamps: inout PointTimes
    ) -> UInt64 {
        guard rules.isDelta else { return entry.value.start }
        let former = timestamps.move(
            resource.key.hash, measure, entry.hash, to: time, limit: rules.limits.timestamps)
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
