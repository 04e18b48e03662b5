internal import Glibc
internal import Telemetry

/// How measurements are put into buckets.
enum BucketLayout: Sendable {
    /// Up to each of these bounds, which rise, and above the last.
    case explicit([Double])
    /// Exponential buckets, at most so many: the finest resolution that all measurements fit into.
    case exponential(limit: Int)
}

/// Measurements that are not negative, as a histogram with one of the two kinds of buckets.
struct Distribution {
    /// The finest resolution, with which every histogram begins: a factor of 2^(2^-20).
    static let finestScale = 20
    /// Counts stay here once they are so high: the points of sums cannot say more.
    static let highestCount = UInt64(Int64.max)

    private(set) var count: UInt64 = 0
    private(set) var sum = 0.0
    /// For explicit bounds one more than there are bounds; for exponential ones those from `offset` on.
    private(set) var buckets: [UInt64] = []
    private(set) var scale = Distribution.finestScale
    /// The index of the first exponential bucket.
    private(set) var offset = 0
    private(set) var zeroCount: UInt64 = 0
    private(set) var minimum = Double.infinity
    private(set) var maximum = 0.0

    /// Adds a measurement that stands for `weight` of them; those beyond `highestCount` are left out.
    mutating func add(_ value: Double, weight: UInt64, _ layout: BucketLayout) {
        // Left out of the buckets too, since these have to add up to the count.
        let weight = min(weight, Self.highestCount - count)
        guard weight > 0 else { return }
        count += weight
        sum += value * Double(weight)
        switch layout {
        case .explicit(let bounds):
            if buckets.isEmpty { buckets = Array(repeating: 0, count: bounds.count + 1) }
            buckets[Self.place(of: value, in: bounds)] += weight
        case .exponential(let limit):
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            guard value > 0 else {
                zeroCount += weight
                return
            }
            addExponential(value, weight, limit)
        }
    }

    /// The first bound that is not below the value: a bucket ends with its bound, which belongs to it.
    private static func place(of value: Double, in bounds: [Double]) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func addExponential(_ value: Double, _ weight: UInt64, _ limit: Int) {
        var index = Self.bucket(of: value, scale: scale)
        guard !buckets.isEmpty else {
            offset = index
            buckets = [weight]
            return
        }
        var (low, high) = (min(offset, index), max(offset + buckets.count - 1, index))
        var lost = 0
        while high - low >= limit {
            low >>= 1
            high >>= 1
            lost += 1
        }
        if lost > 0 {
            coarsen(by: lost)
            index >>= lost
        }
        if index < offset {
            buckets.insert(contentsOf: repeatElement(0, count: offset - index), at: 0)
            offset = index
        } else if index - offset >= buckets.count {
            buckets.append(contentsOf: repeatElement(0, count: index - offset - buckets.count + 1))
        }
        buckets[index - offset] += weight
    }

    /// The bucket whose lower bound is the greatest below the value; the upper bound belongs to a bucket.
    static func bucket(of value: Double, scale: Int) -> Int {
        let whole = Int(
            (log2(value) * Double(sign: .plus, exponent: max(scale, 0), significand: 1)).rounded(.up))
        return scale < 0 ? (whole - 1) >> -scale : whole - 1
    }

    private mutating func coarsen(by lost: Int) {
        let first = offset >> lost
        let last = (offset + buckets.count - 1) >> lost
        var merged = [UInt64](repeating: 0, count: last - first + 1)
        for (place, count) in buckets.enumerated() { merged[((offset + place) >> lost) - first] += count }
        buckets = merged
        offset = first
        scale -= lost
    }
}

extension HistogramPointBuilder {
    /// Writes what was measured.
    func distribution(_ distribution: Distribution, bounds: [Double]) {
        count(distribution.count)
        sum(distribution.sum)
        buckets(counts: distribution.buckets, bounds: bounds)
    }
}

extension ExponentialHistogramPointBuilder {
    /// Writes what was measured.
    func distribution(_ distribution: Distribution) {
        count(distribution.count)
        sum(distribution.sum)
        scale(Int32(truncatingIfNeeded: distribution.scale))
        zeroCount(distribution.zeroCount)
        if !distribution.buckets.isEmpty {
            positive(offset: Int32(truncatingIfNeeded: distribution.offset), counts: distribution.buckets)
        }
        guard distribution.count > 0 else { return }
        min(distribution.minimum)
        max(distribution.maximum)
    }
}
