internal import Glibc
internal import Telemetry

/// Puts what exponential buckets count into buckets with other bounds.
///
/// The counts are those of otelcol-contrib, with one more bucket at the end, which is always empty: it has
/// one bucket for each bound, and OTLP wants one more.
struct BucketDistribution {
    /// How the values of a bucket are spread that lies across bounds.
    enum Method: String, CaseIterable {
        case upper, midpoint, uniform, random
    }

    let method: Method
    /// In order, at least one.
    let bounds: [Double]
    /// 64 random bits.
    let random: () -> UInt64

    /// How many values are spread one by one at most; what is more is spread evenly.
    private static let singleLimit: UInt64 = 256

    /// The counts of a data point, one more than there are bounds.
    func counts(of point: ExponentialHistogramPointView) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: bounds.count + 1)
        let last = bounds.count - 1
        if bounds[0] == 0 { counts[0] &+= point.zeroCount }
        let width = exp2(Double(-point.scale))
        let offset = point.positive?.offset ?? 0
        for (place, count) in (point.positive?.bucketCounts ?? []).enumerated() where count > 0 {
            let lower = exp2(Double(offset + place) * width)
            let upper = exp2(Double(offset + place + 1) * width)
            if lower > bounds[last] {
                counts[last] &+= count
            } else if let index = (1..<bounds.count).first(where: {
                lower > bounds[$0 - 1] && upper <= bounds[$0]
            }) {
                counts[index - 1] &+= count
            } else {
                spread(count, lower, upper, &counts)
            }
        }
        return counts
    }

    private func spread(_ count: UInt64, _ lower: Double, _ upper: Double, _ counts: inout [UInt64]) {
        let last = bounds.count - 1
        switch method {
        case .upper: counts[bounds.firstIndex { upper <= $0 } ?? last] &+= count
        case .midpoint:
            let middle = (upper + lower) / 2
            counts[bounds.firstIndex { middle <= $0 }.map { max($0 - 1, 0) } ?? last] &+= count
        case .uniform:
            let (start, end) = crossed(lower, upper)
            let parts = UInt64(end - start + 1)
            for index in start...end {
                counts[index] &+= count / parts + (UInt64(index - start) < count % parts ? 1 : 0)
            }
        case .random: spreadRandomly(count, lower, upper, &counts)
        }
    }

    /// The first and the last bound that the bucket reaches.
    private func crossed(_ lower: Double, _ upper: Double) -> (Int, Int) {
        let last = bounds.count - 1
        let start = bounds.firstIndex { lower <= $0 } ?? last
        let end = bounds[start...].firstIndex { upper <= $0 } ?? last
        return (start, end)
    }

    private func spreadRandomly(
        _ count: UInt64, _ lower: Double, _ upper: Double, _ counts: inout [UInt64]
    ) {
        let (start, end) = crossed(lower, upper)
        guard end > start else {
            counts[start] &+= count
            return
        }
        var left = count
        for index in start...end {
            let from = index == 0 ? lower : bounds[index - 1]
            let overlap = min(bounds[index], upper) - max(from, lower)
            let part = UInt64(saturating: Double(count) * (overlap / (upper - lower)))
            let chosen = min(UInt64(saturating: fraction() * Double(part)), left)
            counts[index] &+= chosen
            left -= chosen
        }
        let parts = UInt64(end - start + 1)
        if left > Self.singleLimit {
            let each = (left - Self.singleLimit) / parts
            for index in start...end { counts[index] &+= each }
            left -= each * parts
        }
        while left > 0 {
            counts[start + Int(random() % parts)] &+= 1
            left -= 1
        }
    }

    /// A number from 0 to less than 1.
    private func fraction() -> Double { Double(random() >> 11) * 0x1p-53 }
}
