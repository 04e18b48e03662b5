internal import Pipeline
internal import Telemetry
internal import Wire

/// Converts the points of one batch.
struct SeriesConversion {
    private let rules: CumulativeToDelta.Rules
    private let tracker: SeriesTracker
    /// What identifies the resource, the scope and the metric that the walk is in.
    private var resource = SeriesIdentity()
    private var scope = SeriesIdentity()
    private var metric: SeriesIdentity?
    /// Points that were taken out, by rule.
    private(set) var dropped: [String: Int] = [:]

    init(_ rules: CumulativeToDelta.Rules, _ tracker: SeriesTracker) {
        self.rules = rules
        self.tracker = tracker
    }

    mutating func look(at draft: Draft) {
        switch draft.kind {
        case .resource:
            resource = SeriesIdentity()
            resource.addAttributes(of: draft)
        case .scope:
            scope = resource
            draft.withData(1) { scope.add($0) }
            draft.withData(2) { scope.add($0) }
            scope.addAttributes(of: draft)
        case .metric: look(atMetric: draft)
        case .numberPoint, .histogramPoint, .exponentialHistogramPoint: convert(draft)
        default: break
        }
    }

    /// Decides about a metric, and makes its data delta.
    private mutating func look(atMetric draft: Draft) {
        metric = nil
        let types: [(Int, CumulativeToDelta.MetricType)] = [
            (7, .sum), (9, .histogram), (10, .exponentialhistogram),
        ]
        guard let (field, type) = types.first(where: { draft.hasField($0.0) }),
            let data = draft.message(field), data.unsigned(2) == 2, type != .sum || data.unsigned(3) != 0,
            draft.withData(1, { rules.convert($0, type) })
        else { return }
        var identity = scope
        identity.add(UInt64(field))
        draft.withData(1) { identity.add($0) }
        draft.withData(3) { identity.add($0) }
        metric = identity
        draft.setField(2, of: field, .unsigned(1))
    }

    private mutating func convert(_ point: Draft) {
        guard var identity = metric else { return }
        let flags = point.unsigned(point.kind == .numberPoint ? 8 : 10)
        guard flags & 1 == 0 else { return drop(point, "no value") }
        guard let value = Self.value(of: point) else { return }
        let started = point.unsigned(2)
        let time = point.unsigned(3)
        identity.addAttributes(of: point)
        identity.add(started)
        if case .double = value { identity.add(4) }
        var hasSum = true
        if case .histogram(let histogram) = value, histogram.sum?.isNaN ?? false { hasSum = false }
        switch tracker.put(value, time, identity) {
        case .difference(let difference, let since):
            write(difference, to: point, withSum: hasSum)
            setStart(since, point)
        case .first:
            let isKept =
                switch rules.initialValue {
                case .keep: true
                case .drop: false
                case .auto: started >= tracker.start && started != time
                }
            guard isKept else { return drop(point, "initial") }
            write(value, to: point, withSum: hasSum)
        case .failed(let failure): drop(point, failure.rawValue)
        }
    }

    private mutating func drop(_ point: Draft, _ rule: String) {
        dropped[rule, default: 0] += 1
        point.drop()
    }

    private func setStart(_ time: UInt64, _ point: Draft) {
        if time == 0 { point.removeField(2) } else { point.setField(2, .fixed64(time)) }
    }

    /// The value of a point; `nil` when it has none, or one that is not a number.
    private static func value(of point: Draft) -> SeriesValue? {
        switch point.kind {
        case .histogramPoint:
            let view = HistogramPointView(point.current)
            return .histogram(
                .init(
                    count: view.count, sum: view.sum, bounds: view.explicitBounds, buckets: view.bucketCounts)
            )
        case .exponentialHistogramPoint:
            let view = ExponentialHistogramPointView(point.current)
            func buckets(_ view: BucketsView?) -> Buckets {
                Buckets(offset: view?.offset ?? 0, counts: view?.bucketCounts ?? [])
            }
            return .exponential(
                .init(
                    count: view.count, sum: view.sum, scale: view.scale, zeroCount: view.zeroCount,
                    zeroThreshold: view.zeroThreshold, positive: buckets(view.positive),
                    negative: buckets(view.negative)))
        default:
            if point.hasField(6) { return .int(Int64(bitPattern: point.unsigned(6))) }
            let number = Double(bitPattern: point.unsigned(4))
            return point.hasField(4) && !number.isNaN ? .double(number) : nil
        }
    }

    private func write(_ value: SeriesValue, to point: Draft, withSum: Bool) {
        switch value {
        case .int(let number): point.setField(6, .fixed64(UInt64(bitPattern: number)))
        case .double(let number): point.setField(4, .double(number))
        case .histogram(let histogram):
            point.setField(4, .fixed64(histogram.count))
            if withSum, let sum = histogram.sum { point.setField(5, .double(sum)) }
            point.removeField(6)
            if !histogram.buckets.isEmpty { point.setField(6, .packedFixed64(histogram.buckets)) }
            point.removeField(11)
            point.removeField(12)
        case .exponential(let histogram):
            point.setField(4, .fixed64(histogram.count))
            if let sum = histogram.sum { point.setField(5, .double(sum)) }
            point.setField(7, .fixed64(histogram.zeroCount))
            for (field, buckets) in [(8, histogram.positive), (9, histogram.negative)] {
                point.removeField(field)
                guard !buckets.counts.isEmpty else { continue }
                point.setField(1, of: field, .zigZag(Int32(clamping: buckets.offset)))
                point.setField(2, of: field, .packedVarints(buckets.counts))
            }
            point.removeField(12)
            point.removeField(13)
        }
    }
}
