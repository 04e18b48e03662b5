internal import Telemetry
internal import Wire

extension PointGroup {
    /// DataPointFlags: no value was recorded.
    private static let noValue: UInt32 = 1
    private static let millisecond: UInt64 = 1_000_000

    /// The sum as far as it can only grow: one of negative values may shrink.
    var growingSum: Double { points.first.map { $0.bound < 0 } == true ? 0 : sum ?? 0 }

    static func nanoseconds(_ milliseconds: Int64) -> UInt64 {
        milliseconds > 0 ? UInt64(milliseconds).multipliedReportingOverflow(by: millisecond).partialValue : 0
    }

    private func writeTimes(to point: some PointBuilder, isCumulative: Bool = true) {
        if isCumulative, let start { point.startTime(Self.nanoseconds(start)) }
        point.time(Self.nanoseconds(time))
    }

    func write(to point: NumberPointBuilder, isCumulative: Bool) {
        writeTimes(to: point, isCumulative: isCumulative)
        point.attributes(attributes)
        guard !isStale else { return point.flags(Self.noValue) }
        point.value(.double(value ?? 0))
        for exemplar in exemplars { point.exemplar { exemplar.write(to: $0, else: time) } }
    }

    func write(to point: HistogramPointBuilder) {
        writeTimes(to: point)
        point.attributes(attributes)
        guard !isStale, let count else { return point.flags(Self.noValue) }
        point.count(UInt64(count))
        if let sum { point.sum(sum) }
        var bounds: [Double] = []
        var counts: [UInt64] = []
        var last = 0.0
        for bucket in points where bucket.bound < .infinity {
            if bounds.last == bucket.bound { continue }
            bounds.append(bucket.bound)
            counts.append(UInt64(bucket.value - last))
            last = bucket.value
        }
        counts.append(UInt64(count - last))
        point.buckets(counts: counts, bounds: bounds)
        for exemplar in exemplars { point.exemplar { exemplar.write(to: $0, else: time) } }
    }

    func write(to point: ExponentialHistogramPointBuilder) {
        writeTimes(to: point)
        point.attributes(attributes)
        guard !isStale, let native else { return point.flags(Self.noValue) }
        point.count(native.count)
        point.sum(native.sum)
        point.scale(native.schema)
        point.zeroThreshold(native.zeroThreshold)
        point.zeroCount(native.zeroCount)
        if !native.positive.counts.isEmpty {
            point.positive(offset: native.positive.offset, counts: native.positive.counts)
        }
        if !native.negative.counts.isEmpty {
            point.negative(offset: native.negative.offset, counts: native.negative.counts)
        }
        for exemplar in exemplars { point.exemplar { exemplar.write(to: $0, else: time) } }
    }

    func write(to point: SummaryPointBuilder) {
        writeTimes(to: point)
        point.attributes(attributes)
        guard !isStale, let count else { return point.flags(Self.noValue) }
        point.count(UInt64(count))
        point.sum(sum ?? 0)
        for quantile in points { point.quantile(quantile.bound, quantile.value) }
    }
}

extension Exemplar {
    /// Writes a measurement; `time` is when the data point was taken, for one that says nothing of it.
    func write(to exemplar: ExemplarBuilder, else time: Int64) {
        exemplar.time(PointGroup.nanoseconds(timestamp ?? time))
        exemplar.value(.double(value))
        for label in labels where !label.value.isEmpty {
            let id = Hexadecimal.bytes(of: label.value).map { Bytes($0) }
            let isID = id?.array.contains { $0 != 0 } == true
            switch label.name.lowercased() {
            case "trace_id" where isID && id?.count == 16: exemplar.traceID(id ?? .empty)
            case "span_id" where isID && id?.count == 8: exemplar.spanID(id ?? .empty)
            default: exemplar.attribute(label.name, .string(label.value))
            }
        }
    }
}
