internal import Telemetry

/// About one line for each item of a batch: what `verbosity: normal` prints.
struct DebugLines {
    private(set) var text = ""

    init(_ batch: Batch) {
        switch batch.signal {
        case .traces: add(batch.resourceSpans, "ResourceTraces", "ScopeTraces") { $0.add($1) }
        case .metrics: add(batch.resourceMetrics, "ResourceMetrics", "ScopeMetrics") { $0.add($1) }
        case .logs: add(batch.resourceLogs, "ResourceLog", "ScopeLog") { $0.add($1) }
        case .profiles:
            add(ProfileView.resources(of: batch), "ResourceProfiles", "ScopeProfiles") { $0.add($1) }
        }
    }

    private mutating func add<Record: MessageView>(
        _ groups: [ResourceGroup<Record>], _ resourceTitle: String, _ scopeTitle: String,
        _ add: (inout DebugLines, Record) -> Void
    ) {
        for (index, group) in groups.enumerated() {
            let url = Self.bracketed(group.schemaURL)
            line(["\(resourceTitle) #\(index)", url] + Self.pairs(group.resource.attributes))
            for (index, scope) in group.scopes.enumerated() {
                let version = scope.scope.version.isEmpty ? "" : "@" + scope.scope.version
                let url = Self.bracketed(scope.schemaURL)
                let name = scope.scope.name + version
                line(["\(scopeTitle) #\(index)", name, url] + Self.pairs(scope.scope.attributes))
                for record in scope.records { add(&self, record) }
            }
        }
    }

    private mutating func add(_ span: SpanView) {
        let ids = [DebugValue.hex(span.traceID), DebugValue.hex(span.spanID)]
        line([span.name] + ids + Self.pairs(span.attributes))
    }

    private mutating func add(_ record: LogRecordView) {
        line([record.body.map { DebugValue.text($0) } ?? ""] + Self.pairs(record.attributes))
    }

    private mutating func add(_ profile: ProfileView) {
        line([DebugValue.hex(profile.profileID), "samples=\(profile.samples.count)"])
    }

    private mutating func add(_ metric: MetricView) {
        switch metric.content {
        case .empty: break
        case .gauge(let points), .sum(let points, _, _):
            for point in points { add(metric, point, Self.value(point)) }
        case .histogram(let points, _): for point in points { add(metric, point, Self.value(point)) }
        case .exponentialHistogram(let points, _):
            for point in points { add(metric, point, Self.value(point)) }
        case .summary(let points): for point in points { add(metric, point, Self.value(point)) }
        }
    }

    private mutating func add(_ metric: MetricView, _ point: some PointView, _ value: [String]) {
        line(["\(metric.name){\(Self.pairs(point.attributes).joined(separator: ","))}"] + value)
    }

    private mutating func line(_ parts: [String]) {
        text += parts.filter { !$0.isEmpty }.joined(separator: " ")
        text += "\n"
    }

    // MARK: - Parts of lines

    private static func pairs(_ attributes: Messages<KeyValueView>) -> [String] {
        attributes.map { "\($0.key)=\(DebugValue.text($0.value))" }
    }

    private static func bracketed(_ text: String) -> String { text.isEmpty ? "" : "[\(text)]" }

    private static func value(_ point: NumberPointView) -> [String] {
        switch point.value {
        case .int(let int): ["\(int)"]
        case .double(let double): [DebugNumber.shortest(double)]
        case nil: []
        }
    }

    private static func value(_ point: HistogramPointView) -> [String] {
        let bounds = point.explicitBounds
        let buckets = point.bucketCounts.enumerated().map { index, count in
            bounds.indices.contains(index) ? "le\(DebugNumber.shortest(bounds[index]))=\(count)" : "\(count)"
        }
        return ["count=\(point.count)"] + statistics(point.sum, point.min, point.max) + buckets
    }

    private static func value(_ point: ExponentialHistogramPointView) -> [String] {
        var parts = ["count=\(point.count)"] + statistics(point.sum, point.min, point.max)
        for bucket in ExponentialBuckets(point.negative, scale: point.scale).reversed() {
            parts.append("ge\(DebugNumber.shortest(-bucket.upper))=\(bucket.count)")
        }
        if point.zeroCount > 0 {
            parts.append("zero_count\(DebugNumber.shortest(point.zeroThreshold))=\(point.zeroCount)")
        }
        for bucket in ExponentialBuckets(point.positive, scale: point.scale) {
            parts.append("le\(DebugNumber.shortest(bucket.upper))=\(bucket.count)")
        }
        return parts
    }

    private static func value(_ point: SummaryPointView) -> [String] {
        let quantiles = point.quantiles.map {
            "q\(DebugNumber.shortest($0.quantile))=\(DebugNumber.shortest($0.value))"
        }
        return ["count=\(point.count)", "sum=\(DebugNumber.fixed(point.sum))"] + quantiles
    }

    private static func statistics(_ sum: Double?, _ min: Double?, _ max: Double?) -> [String] {
        [("sum", sum), ("min", min), ("max", max)].compactMap { name, value in
            value.map { "\(name)=\(DebugNumber.shortest($0))" }
        }
    }
}
