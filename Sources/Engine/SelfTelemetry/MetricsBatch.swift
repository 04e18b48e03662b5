internal import Pipeline
internal import Telemetry

/// The collector's own metrics as OTLP.
struct MetricsBatch {
    /// When counting began, in nanoseconds since 1970.
    let start: UInt64
    /// Attributes of the collector, such as `service.name`.
    let resource: [(key: String, value: String)]

    /// A batch with every series as it is `now`.
    func make(_ families: [Metrics.Family], now: UInt64) -> Batch {
        var builder = MetricsBuilder()
        builder.resource { attributes in
            for (key, value) in resource { attributes.attribute(key, .string(value)) }
        }
        builder.scope("apus")
        for family in families where !family.samples.isEmpty {
            let header = MetricsBuilder.Header(family.name, unit: family.unit, details: family.help)
            switch family.kind {
            case .counter:
                builder.sum(header, .cumulative, isMonotonic: true) { write(family.samples, now, to: $0) }
            case .gauge:
                builder.gauge(header) { write(family.samples, now, to: $0) }
            case .histogram:
                builder.histogram(header, .cumulative) { writeHistograms(family.samples, now, to: $0) }
            }
        }
        return builder.finish()
    }

    private func write(
        _ samples: [Metrics.Sample], _ now: UInt64, to points: PointsBuilder<NumberPointBuilder>
    ) {
        for sample in samples {
            guard case .number(let value) = sample.value else { continue }
            points.point { point in
                point.startTime(start)
                point.time(now)
                point.value(.double(value))
                for (name, value) in sample.labels { point.attribute(name, .string(value)) }
            }
        }
    }

    private func writeHistograms(
        _ samples: [Metrics.Sample], _ now: UInt64, to points: PointsBuilder<HistogramPointBuilder>
    ) {
        for sample in samples {
            guard case .histogram(let histogram) = sample.value else { continue }
            points.point { point in
                point.startTime(start)
                point.time(now)
                point.count(UInt64(histogram.count))
                point.sum(histogram.sum)
                point.buckets(counts: histogram.counts.map { UInt64($0) }, bounds: histogram.bounds)
                for (name, value) in sample.labels { point.attribute(name, .string(value)) }
            }
        }
    }
}
