import FoundationEssentials
import OTLPOracle
import SwiftProtobuf
import Telemetry

extension OTLP.MetricsData {
    init(viewing batch: Batch) {
        self.init()
        resourceMetrics = batch.resourceMetrics.map { group in
            .with { data in
                if group.message.has(1) { data.resource = .init(group.resource) }
                data.schemaURL = group.schemaURL
                data.scopeMetrics = group.scopes.map { scope in
                    .with {
                        if scope.message.has(1) { $0.scope = .init(scope.scope) }
                        $0.schemaURL = scope.schemaURL
                        $0.metrics = scope.records.map { .init($0) }
                    }
                }
            }
        }
    }
}

extension OTLP.Metric {
    init(_ view: MetricView) {
        self.init()
        name = view.name
        description_p = view.details
        unit = view.unit
        metadata = view.metadata.map { .init($0) }
        switch view.content {
        case .empty: break
        case .gauge(let points): data = .gauge(.with { $0.dataPoints = points.map { .init($0) } })
        case .sum(let points, let temporality, let isMonotonic):
            sum.dataPoints = points.map { .init($0) }
            sum.aggregationTemporality = OTLP.Temporality(rawValue: temporality) ?? .unspecified
            sum.isMonotonic = isMonotonic
        case .histogram(let points, let temporality):
            histogram.dataPoints = points.map { .init($0) }
            histogram.aggregationTemporality = OTLP.Temporality(rawValue: temporality) ?? .unspecified
        case .exponentialHistogram(let points, let temporality):
            exponentialHistogram.dataPoints = points.map { .init($0) }
            exponentialHistogram.aggregationTemporality = .init(rawValue: temporality) ?? .unspecified
        case .summary(let points): data = .summary(.with { $0.dataPoints = points.map { .init($0) } })
        }
    }
}

extension OTLP.NumberDataPoint {
    init(_ view: NumberPointView) {
        self.init()
        startTimeUnixNano = view.startTime
        timeUnixNano = view.time
        attributes = view.attributes.map { .init($0) }
        exemplars = view.exemplars.map { .init($0) }
        flags = view.flags
        switch view.value {
        case .double(let number): asDouble = number
        case .int(let number): asInt = number
        case nil: break
        }
    }
}

extension OTLP.Exemplar {
    init(_ view: ExemplarView) {
        self.init()
        timeUnixNano = view.time
        filteredAttributes = view.filteredAttributes.map { .init($0) }
        spanID = Data(view.spanID)
        traceID = Data(view.traceID)
        switch view.value {
        case .double(let number): asDouble = number
        case .int(let number): asInt = number
        case nil: break
        }
    }
}

extension OTLP.HistogramDataPoint {
    init(_ view: HistogramPointView) {
        self.init()
        startTimeUnixNano = view.startTime
        timeUnixNano = view.time
        attributes = view.attributes.map { .init($0) }
        exemplars = view.exemplars.map { .init($0) }
        flags = view.flags
        count = view.count
        bucketCounts = view.bucketCounts
        explicitBounds = view.explicitBounds
        if let value = view.sum { sum = value }
        if let value = view.min { min = value }
        if let value = view.max { max = value }
    }
}

extension OTLP.ExponentialHistogramDataPoint {
    init(_ view: ExponentialHistogramPointView) {
        self.init()
        startTimeUnixNano = view.startTime
        timeUnixNano = view.time
        attributes = view.attributes.map { .init($0) }
        exemplars = view.exemplars.map { .init($0) }
        flags = view.flags
        count = view.count
        scale = Int32(view.scale)
        zeroCount = view.zeroCount
        zeroThreshold = view.zeroThreshold
        if let value = view.sum { sum = value }
        if let value = view.min { min = value }
        if let value = view.max { max = value }
        if let buckets = view.positive { positive = .init(buckets) }
        if let buckets = view.negative { negative = .init(buckets) }
    }
}

extension OTLP.ExponentialHistogramDataPoint.Buckets {
    init(_ view: BucketsView) {
        self.init()
        offset = Int32(view.offset)
        bucketCounts = view.bucketCounts
    }
}

extension OTLP.SummaryDataPoint {
    init(_ view: SummaryPointView) {
        self.init()
        startTimeUnixNano = view.startTime
        timeUnixNano = view.time
        attributes = view.attributes.map { .init($0) }
        flags = view.flags
        count = view.count
        sum = view.sum
        quantileValues = view.quantiles.map { quantile in
            .with {
                $0.quantile = quantile.quantile
                $0.value = quantile.value
            }
        }
    }
}
