internal import Glibc

/// What a series has come to at some time.
enum SeriesValue {
    case int(Int64)
    case double(Double)
    case histogram(Explicit)
    case exponential(Exponential)

    /// A histogram with explicit bounds.
    struct Explicit {
        var count: UInt64
        /// `nil` when the point has none.
        var sum: Double?
        var bounds: [Double]
        var buckets: [UInt64]
    }

    /// A histogram with exponential buckets.
    struct Exponential {
        var count: UInt64
        var sum: Double?
        var scale: Int
        var zeroCount: UInt64
        var zeroThreshold: Double
        var positive: Buckets
        var negative: Buckets
    }

    /// Why there is no difference to an earlier value.
    enum Failure: String, Error, CaseIterable {
        /// The series has begun anew.
        case reset
        /// The buckets are others than before.
        case buckets = "bucket mismatch"
        /// The point is older than the one before.
        case order = "out of order"
    }

    /// Bytes that it takes to remember, about.
    var byteCount: Int {
        // What an array takes beside its elements.
        let array = 32
        return switch self {
        case .int, .double: 0
        case .histogram(let histogram): 2 * array + 8 * (histogram.bounds.count + histogram.buckets.count)
        case .exponential(let histogram):
            2 * array + 8 * (histogram.positive.counts.count + histogram.negative.counts.count)
        }
    }

    /// The same value with the sum of `former`, when its own is not a number.
    ///
    /// Not a number cannot be a base for the next difference: the sum before stays it.
    func withBaseSum(of former: SeriesValue?) -> SeriesValue {
        guard case .histogram(var histogram) = self, histogram.sum?.isNaN ?? false else { return self }
        if case .histogram(let former)? = former { histogram.sum = former.sum }
        return .histogram(histogram)
    }

    /// What was added since `former`.
    func difference(from former: SeriesValue) throws(Failure) -> SeriesValue {
        switch (self, former) {
        case (.int(let new), .int(let old)):
            let (difference, isTooLarge) = new.subtractingReportingOverflow(old)
            guard new >= old, !isTooLarge else { throw .reset }
            return .int(difference)
        case (.double(let new), .double(let old)):
            guard new >= old else { throw .reset }
            return .double(new - old)
        case (.histogram(let new), .histogram(let old)): return .histogram(try new.difference(from: old))
        case (.exponential(let new), .exponential(let old)):
            return .exponential(try new.difference(from: old))
        default: throw .reset
        }
    }
}

extension SeriesValue.Explicit {
    /// A lower count is taken as a new beginning, and then everything counts as new.
    ///
    /// A bucket that falls while the count rises does not say what is new: that is a beginning without a
    /// value.
    func difference(from former: Self) throws(SeriesValue.Failure) -> Self {
        guard buckets.count == former.buckets.count, bounds == former.bounds else { throw .buckets }
        guard count >= former.count else { return self }
        var result = self
        result.count -= former.count
        if let sum { result.sum = sum - (former.sum ?? 0) }
        for index in buckets.indices {
            guard buckets[index] >= former.buckets[index] else { throw .reset }
            result.buckets[index] -= former.buckets[index]
        }
        return result
    }
}

extension SeriesValue.Exponential {
    /// Numbers that do not fit come from no histogram that goes on: they are a new beginning too.
    func difference(from former: Self) throws(SeriesValue.Failure) -> Self {
        guard count >= former.count, zeroThreshold >= former.zeroThreshold, scale <= former.scale else {
            throw .reset
        }
        var old = former
        if zeroThreshold > old.zeroThreshold {
            // What the wider zero bucket swallows was counted in other buckets before.
            let bucket = try Self.bucket(of: zeroThreshold, scale: old.scale)
            try old.zeroCount.increase(by: old.positive.removeFirst(upTo: bucket))
            try old.zeroCount.increase(by: old.negative.removeFirst(upTo: bucket))
        }
        guard zeroCount >= old.zeroCount else { throw .reset }
        let lost = old.scale - scale
        var result = self
        result.count -= old.count
        if let sum { result.sum = sum - (old.sum ?? 0) }
        result.zeroCount -= old.zeroCount
        result.positive = try positive.difference(from: old.positive.coarser(by: lost))
        result.negative = try negative.difference(from: old.negative.coarser(by: lost))
        return result
    }

    /// The bucket that a number falls into: the greatest whose lower bound is below it.
    ///
    /// Offsets are 32 bits wide, so a bucket beyond 53 bits is as good as none.
    private static func bucket(of number: Double, scale: Int) throws(SeriesValue.Failure) -> Int {
        let position = (log2(number) * Double(sign: .plus, exponent: scale, significand: 1)).rounded(.up)
        guard position.magnitude < 0x1p53 else { throw .reset }
        return Int(position) - 1
    }
}

extension UInt64 {
    /// Adds, unless the sum is too large for the type.
    fileprivate mutating func increase(by other: UInt64) throws(SeriesValue.Failure) {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        guard !isTooLarge else { throw .reset }
        self = sum
    }
}

/// One side of an exponential histogram.
struct Buckets: Equatable {
    /// The index of the first bucket.
    var offset: Int
    var counts: [UInt64]

    /// Merges buckets as a scale that is lower by `lost` does.
    func coarser(by lost: Int) throws(SeriesValue.Failure) -> Buckets {
        guard lost > 0, !counts.isEmpty else { return self }
        let shift = min(lost, 62)
        let first = offset >> shift
        let last = (offset + counts.count - 1) >> shift
        var result = Buckets(offset: first, counts: Array(repeating: 0, count: last - first + 1))
        for (index, count) in counts.enumerated() {
            try result.counts[((offset + index) >> shift) - first].increase(by: count)
        }
        return result
    }

    /// Takes out the buckets up to an index and returns what was in them.
    mutating func removeFirst(upTo bucket: Int) throws(SeriesValue.Failure) -> UInt64 {
        guard bucket >= offset else { return 0 }
        let number = min(bucket - offset + 1, counts.count)
        var removed: UInt64 = 0
        for count in counts[..<number] { try removed.increase(by: count) }
        counts.removeFirst(number)
        offset += number
        return removed
    }

    /// What was added since `former`, which has the same scale; without empty buckets at the ends.
    func difference(from former: Buckets) throws(SeriesValue.Failure) -> Buckets {
        func count(_ buckets: Buckets, _ index: Int) -> UInt64 {
            let place = index - buckets.offset
            return buckets.counts.indices.contains(place) ? buckets.counts[place] : 0
        }
        for (place, old) in former.counts.enumerated() where old > count(self, former.offset + place) {
            throw .reset
        }
        var added = counts.enumerated().map { $0.element - count(former, offset + $0.offset) }
        while added.last == 0 { added.removeLast() }
        let leading = added.prefix { $0 == 0 }.count
        added.removeFirst(leading)
        return Buckets(offset: added.isEmpty ? 0 : offset + leading, counts: added)
    }
}
