internal import Glibc
internal import Telemetry
internal import Wire

/// Estimates a percentile from the buckets of a histogram.
struct Percentile {
    /// The part of all values that is at or below it, more than 0 and less than 1.
    let share: Double

    /// The estimate for a data point; NaN where nothing was counted.
    ///
    /// Throws where the buckets hold less than the count says.
    func value(of point: WireMessage, _ kind: MetricData.Kind) throws(EvaluationError) -> Double {
        let count = point.unsigned(4)
        guard count > 0 else { return .nan }
        let target = UInt64(saturating: (Double(count) * share).rounded(.up))
        let value =
            kind == .histogram
            ? explicit(HistogramPointView(point), target)
            : exponential(ExponentialHistogramPointView(point), target)
        guard let value else {
            throw .message("the buckets hold fewer values than the count \(count) of the data point")
        }
        return value
    }

    /// Inside of an explicit bucket values are taken to be spread evenly.
    private func explicit(_ point: HistogramPointView, _ target: UInt64) -> Double? {
        let (counts, bounds) = (point.bucketCounts, point.explicitBounds)
        guard !counts.isEmpty, !bounds.isEmpty else { return .nan }
        var before: UInt64 = 0
        for (index, count) in counts.enumerated() {
            guard before &+ count >= target else {
                before &+= count
                continue
            }
            let ratio = Double(target - before) / Double(count)
            if index >= bounds.count {
                let lower = bounds[bounds.count - 1]
                guard let max = point.max, max > lower else { return lower }
                return lower + ratio * (max - lower)
            }
            let upper = bounds[index]
            guard index == 0 else { return bounds[index - 1] + ratio * (upper - bounds[index - 1]) }
            // The first bucket has no lower bound of its own.
            guard let lower = point.min ?? (upper >= 0 ? 0 : nil) else { return upper }
            return lower + ratio * (upper - lower)
        }
        return nil
    }

    /// Inside of an exponential bucket the logarithms of values are taken to be spread evenly.
    private func exponential(_ point: ExponentialHistogramPointView, _ target: UInt64) -> Double? {
        let negative = point.negative?.bucketCounts ?? []
        let positive = point.positive?.bucketCounts ?? []
        guard !negative.isEmpty || !positive.isEmpty || point.zeroCount > 0 else { return .nan }
        let width = exp2(Double(-point.scale))
        var before: UInt64 = 0
        for (index, count) in negative.enumerated() {
            guard before &+ count >= target else {
                before &+= count
                continue
            }
            let ratio = Double(target - before) / Double(count)
            let place = Double((point.negative?.offset ?? 0) + index) + 1 - ratio
            return -exp2(place * width)
        }
        if before &+ point.zeroCount >= target {
            let ratio = Double(target - before) / Double(point.zeroCount)
            let isPositive = negative.isEmpty && !positive.isEmpty
            let isNegative = positive.isEmpty && !negative.isEmpty
            let lower = isPositive ? 0 : -point.zeroThreshold
            let upper = isNegative ? 0 : point.zeroThreshold
            return lower + ratio * (upper - lower)
        }
        before &+= point.zeroCount
        for (index, count) in positive.enumerated() {
            guard before &+ count >= target else {
                before &+= count
                continue
            }
            let ratio = Double(target - before) / Double(count)
            return exp2((Double((point.positive?.offset ?? 0) + index) + ratio) * width)
        }
        return nil
    }
}
