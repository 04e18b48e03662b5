extension RandomTelemetry {
    /// About `size` data points in random groups.
    public mutating func metrics() -> OTLP.MetricsData {
        var data = OTLP.MetricsData()
        for group in groups() {
            var resourceMetrics = OTLP.ResourceMetrics()
            if !source.once(in: 8) { resourceMetrics.resource = resource() }
            resourceMetrics.schemaURL = source.text()
            let first = source.integer(in: 0...group)
            resourceMetrics.scopeMetrics = [first, group - first].map { scopeMetrics($0) }
            data.resourceMetrics.append(extended(resourceMetrics))
        }
        return data
    }

    private mutating func scopeMetrics(_ points: Int) -> OTLP.ScopeMetrics {
        var scopeMetrics = OTLP.ScopeMetrics()
        if !source.once(in: 8) { scopeMetrics.scope = scope() }
        scopeMetrics.schemaURL = source.text()
        var left = points
        while left > 0 {
            let count = source.integer(in: 0...min(left, 6))
            scopeMetrics.metrics.append(metric(points: count))
            left -= max(count, 1)
        }
        return extended(scopeMetrics)
    }

    /// One random metric of a random kind, now and then of none.
    public mutating func metric(points: Int) -> OTLP.Metric {
        var metric = OTLP.Metric()
        metric.name = source.text()
        metric.description_p = source.text()
        metric.unit = source.text()
        if source.once(in: 3) { metric.metadata = attributes() }
        switch source.integer(in: 0...10) {
        case 0, 1:
            metric.gauge.dataPoints = (0..<points).map { _ in numberPoint() }
            metric.gauge = extended(metric.gauge)
        case 2, 3:
            metric.sum.dataPoints = (0..<points).map { _ in numberPoint() }
            metric.sum.aggregationTemporality = temporality()
            metric.sum.isMonotonic = source.once(in: 2)
            metric.sum = extended(metric.sum)
        case 4, 5:
            metric.histogram.dataPoints = (0..<points).map { _ in histogramPoint() }
            metric.histogram.aggregationTemporality = temporality()
        case 6, 7:
            metric.exponentialHistogram.dataPoints = (0..<points).map { _ in exponentialPoint() }
            metric.exponentialHistogram.aggregationTemporality = temporality()
        case 8, 9: metric.summary.dataPoints = (0..<points).map { _ in summaryPoint() }
        default: break
        }
        return extended(metric)
    }

    private mutating func temporality() -> OTLP.Temporality {
        OTLP.Temporality(rawValue: source.integer(in: 0...3)) ?? .unspecified
    }

    private mutating func numberPoint() -> OTLP.NumberDataPoint {
        var point = OTLP.NumberDataPoint()
        point.attributes = attributes()
        point.startTimeUnixNano = source.any()
        point.timeUnixNano = source.any()
        switch source.integer(in: 0...2) {
        case 0: point.asDouble = source.double()
        case 1: point.asInt = source.any()
        default: break
        }
        point.exemplars = (0..<source.integer(in: 0...2)).map { _ in exemplar() }
        point.flags = sparse()
        return extended(point)
    }

    private mutating func histogramPoint() -> OTLP.HistogramDataPoint {
        var point = OTLP.HistogramDataPoint()
        point.attributes = attributes()
        point.startTimeUnixNano = source.any()
        point.timeUnixNano = source.any()
        point.count = source.any()
        if source.once(in: 2) { point.sum = source.double() }
        point.bucketCounts = (0..<source.integer(in: 0...12)).map { _ in source.any() }
        point.explicitBounds = (0..<source.integer(in: 0...12)).map { _ in source.double() }
        point.exemplars = (0..<source.integer(in: 0...2)).map { _ in exemplar() }
        point.flags = sparse()
        if source.once(in: 2) { point.min = source.double() }
        if source.once(in: 2) { point.max = source.double() }
        return extended(point)
    }

    private mutating func exponentialPoint() -> OTLP.ExponentialHistogramDataPoint {
        var point = OTLP.ExponentialHistogramDataPoint()
        point.attributes = attributes()
        point.startTimeUnixNano = source.any()
        point.timeUnixNano = source.any()
        point.count = source.any()
        if source.once(in: 2) { point.sum = source.double() }
        point.scale = source.any()
        point.zeroCount = source.any()
        if source.once(in: 2) { point.positive = buckets() }
        if source.once(in: 2) { point.negative = buckets() }
        point.flags = sparse()
        point.exemplars = (0..<source.integer(in: 0...2)).map { _ in exemplar() }
        if source.once(in: 2) { point.min = source.double() }
        if source.once(in: 2) { point.max = source.double() }
        point.zeroThreshold = source.double()
        return extended(point)
    }

    private mutating func buckets() -> OTLP.ExponentialHistogramDataPoint.Buckets {
        var buckets = OTLP.ExponentialHistogramDataPoint.Buckets()
        buckets.offset = source.any()
        buckets.bucketCounts = (0..<source.integer(in: 0...12)).map { _ in source.any() }
        return extended(buckets)
    }

    private mutating func summaryPoint() -> OTLP.SummaryDataPoint {
        var point = OTLP.SummaryDataPoint()
        point.attributes = attributes()
        point.startTimeUnixNano = source.any()
        point.timeUnixNano = source.any()
        point.count = source.any()
        point.sum = source.double()
        point.quantileValues = (0..<source.integer(in: 0...4)).map { _ in
            var value = OTLP.SummaryDataPoint.ValueAtQuantile()
            value.quantile = source.double()
            value.value = source.double()
            return extended(value)
        }
        point.flags = sparse()
        return extended(point)
    }

    private mutating func exemplar() -> OTLP.Exemplar {
        var exemplar = OTLP.Exemplar()
        exemplar.filteredAttributes = attributes()
        exemplar.timeUnixNano = source.any()
        switch source.integer(in: 0...2) {
        case 0: exemplar.asDouble = source.double()
        case 1: exemplar.asInt = source.any()
        default: break
        }
        exemplar.spanID = source.identifier(8)
        exemplar.traceID = source.identifier(16)
        return extended(exemplar)
    }
}
