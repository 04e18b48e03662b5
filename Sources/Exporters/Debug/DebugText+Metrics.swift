internal import Telemetry

extension DebugText {
    mutating func add(_ metric: MetricView, number: Int) {
        line("Metric #\(number)")
        line("Descriptor:")
        line("     -> Name: \(metric.name)")
        line("     -> Description: \(metric.details)")
        line("     -> Unit: \(metric.unit)")
        switch metric.content {
        case .empty:
            describe("Empty", metric)
        case .gauge(let points):
            describe("Gauge", metric)
            for (index, point) in points.enumerated() { add(point, number: index) }
        case .sum(let points, let temporality, let isMonotonic):
            describe("Sum", metric)
            line("     -> IsMonotonic: \(isMonotonic)")
            describe(temporality)
            for (index, point) in points.enumerated() { add(point, number: index) }
        case .histogram(let points, let temporality):
            describe("Histogram", metric)
            describe(temporality)
            for (index, point) in points.enumerated() { add(point, number: index) }
        case .exponentialHistogram(let points, let temporality):
            describe("ExponentialHistogram", metric)
            describe(temporality)
            for (index, point) in points.enumerated() { add(point, number: index) }
        case .summary(let points):
            describe("Summary", metric)
            for (index, point) in points.enumerated() { add(point, number: index) }
        }
    }

    private mutating func describe(_ type: String, _ metric: MetricView) {
        line("     -> DataType: \(type)")
        attributes("     -> Metadata", metric.metadata, indentation: "     ")
    }

    private mutating func describe(_ temporality: Int) {
        let name = Self.name(in: ["Unspecified", "Delta", "Cumulative"], temporality)
        line("     -> AggregationTemporality: \(name)")
    }

    private mutating func begin(_ title: String, _ number: Int, _ point: some PointView) {
        line("\(title) #\(number)")
        attributes("Data point attributes", point.attributes)
        line("StartTimestamp: \(DebugValue.time(point.startTime))")
        line("Timestamp: \(DebugValue.time(point.time))")
        count("Flags", point.flags)
    }

    private mutating func add(_ point: NumberPointView, number: Int) {
        begin("NumberDataPoints", number, point)
        if let value = point.value { line("Value: \(Self.text(value))") }
        add(point.exemplars)
    }

    private mutating func add(_ point: HistogramPointView, number: Int) {
        begin("HistogramDataPoints", number, point)
        line("Count: \(point.count)")
        double("Sum", point.sum)
        double("Min", point.min)
        double("Max", point.max)
        for (index, bound) in point.explicitBounds.enumerated() {
            line("ExplicitBounds #\(index): \(DebugNumber.fixed(bound))")
        }
        for (index, count) in point.bucketCounts.enumerated() { line("Buckets #\(index), Count: \(count)") }
        add(point.exemplars)
    }

    private mutating func add(_ point: ExponentialHistogramPointView, number: Int) {
        begin("ExponentialHistogramDataPoints", number, point)
        line("Count: \(point.count)")
        double("Sum", point.sum)
        double("Min", point.min)
        double("Max", point.max)
        if point.zeroThreshold != 0 { double("ZeroThreshold", point.zeroThreshold) }
        for bucket in ExponentialBuckets(point.negative, scale: point.scale).reversed() {
            let range = "[\(DebugNumber.fixed(-bucket.upper)), \(DebugNumber.fixed(-bucket.lower)))"
            line("Bucket \(range), Count: \(bucket.count)")
        }
        if point.zeroCount != 0 { line("Bucket [0, 0], Count: \(point.zeroCount)") }
        for bucket in ExponentialBuckets(point.positive, scale: point.scale) {
            let range = "(\(DebugNumber.fixed(bucket.lower)), \(DebugNumber.fixed(bucket.upper))]"
            line("Bucket \(range), Count: \(bucket.count)")
        }
        add(point.exemplars)
    }

    private mutating func add(_ point: SummaryPointView, number: Int) {
        begin("SummaryDataPoints", number, point)
        line("Count: \(point.count)")
        line("Sum: \(DebugNumber.fixed(point.sum))")
        for (index, entry) in point.quantiles.enumerated() {
            let quantile = DebugNumber.fixed(entry.quantile)
            line("QuantileValue #\(index): Quantile \(quantile), Value \(DebugNumber.fixed(entry.value))")
        }
    }

    private mutating func add(_ exemplars: Messages<ExemplarView>) {
        for (index, exemplar) in exemplars.enumerated() {
            if index == 0 { line("Exemplars:") }
            line("Exemplar #\(index)")
            line("     -> Trace ID: \(DebugValue.hex(exemplar.traceID))")
            line("     -> Span ID: \(DebugValue.hex(exemplar.spanID))")
            line("     -> Timestamp: \(DebugValue.time(exemplar.time))")
            if let value = exemplar.value { line("     -> Value: \(Self.text(value))") }
            attributes("     -> FilteredAttributes", exemplar.filteredAttributes, indentation: "     ")
        }
    }

    private mutating func double(_ name: String, _ value: Double?) {
        if let value { line("\(name): \(DebugNumber.fixed(value))") }
    }

    private static func text(_ value: NumberValue) -> String {
        switch value {
        case .int(let int): "\(int)"
        case .double(let double): DebugNumber.fixed(double)
        }
    }
}
