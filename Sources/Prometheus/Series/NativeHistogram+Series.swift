public import Telemetry

extension NativeHistogram {
    /// What is counted as zero when a data point does not say it.
    private static let standardZeroThreshold = 1e-128
    /// The finest and the coarsest schema that there are.
    static let schemas: ClosedRange<Int> = -4...8

    /// Takes a data point of an exponential histogram; one that is finer than any schema is made coarser.
    public init(_ point: ExponentialHistogramPointView) throws(SeriesRefusal) {
        self.init()
        let scale = point.scale
        guard scale >= Self.schemas.lowerBound else { throw .scale }
        let finest = min(scale, Self.schemas.upperBound)
        schema = Int32(finest)
        count = point.count
        sum = point.sum ?? 0
        zeroCount = point.zeroCount
        zeroThreshold = point.zeroThreshold == 0 ? Self.standardZeroThreshold : point.zeroThreshold
        positive = try Buckets(point.positive, coarserBy: scale - finest)
        negative = try Buckets(point.negative, coarserBy: scale - finest)
        guard hasRightCount else { throw .count }
    }

    /// Whether all that is counted is in the buckets; what is not a number is in none, and then the sum is
    /// none either.
    private var hasRightCount: Bool {
        var counted = zeroCount
        for own in [positive.counts, negative.counts].joined() {
            let (sum, isTooMuch) = counted.addingReportingOverflow(own)
            if isTooMuch { return false }
            counted = sum
        }
        // Prometheus keeps signed differences between buckets.
        guard count <= Int64.max else { return false }
        return sum.isNaN ? counted <= count : counted == count
    }
}

extension NativeHistogram.Buckets {
    /// Some buckets that follow one another, with a gap before them.
    public struct Span: Sendable, Hashable {
        /// Empty buckets since the end of the span before; for the first one, the index of its first bucket
        /// as Prometheus counts them: the upper bound of bucket 0 is 1.
        public let offset: Int32
        public internal(set) var length: UInt32
    }

    init(_ buckets: BucketsView?, coarserBy shift: Int) throws(SeriesRefusal) {
        self.init()
        guard let buckets else { return }
        try self.init(offset: buckets.offset, counts: buckets.bucketCounts, coarserBy: shift)
    }

    /// Buckets of which 2 to the power of `shift` become one; empty ones at the ends are left out.
    init(offset: Int, counts: [UInt64], coarserBy shift: Int) throws(SeriesRefusal) {
        self.init()
        guard let first = counts.firstIndex(where: { $0 != 0 }),
            let last = counts.lastIndex(where: { $0 != 0 })
        else { return }
        let start = (offset + first) >> shift
        let size = ((offset + last) >> shift) - start + 1
        // One less, because Prometheus counts from one more.
        guard size <= NativeHistogram.bucketLimit, let offset32 = Int32(exactly: start),
            start + size < Int(Int32.max)
        else { throw .buckets }
        self.offset = offset32
        self.counts = [UInt64](repeating: 0, count: size)
        for index in first...last {
            let place = ((offset + index) >> shift) - start
            let (sum, isTooMuch) = self.counts[place].addingReportingOverflow(counts[index])
            guard !isTooMuch else { throw .count }
            self.counts[place] = sum
        }
    }

    /// The buckets as Prometheus sends them: spans, and what each bucket has more than the one before it.
    ///
    /// More than two empty buckets in a row are a gap between spans.
    public var spans: (spans: [Span], deltas: [Int64]) {
        var (spans, deltas): ([Span], [Int64]) = ([], [])
        var (next, last) = (0, Int64(0))
        for (index, count) in counts.enumerated() where count != 0 {
            let gap = index - next
            if spans.isEmpty {
                spans.append(Span(offset: offset &+ Int32(index) &+ 1, length: 0))
            } else if gap > 2 {
                spans.append(Span(offset: Int32(gap), length: 0))
            } else {
                for _ in 0..<gap {
                    deltas.append(-last)
                    last = 0
                }
                spans[spans.count - 1].length += UInt32(gap)
            }
            let value = Int64(clamping: count)
            deltas.append(value - last)
            last = value
            spans[spans.count - 1].length += 1
            next = index + 1
        }
        return (spans, deltas)
    }
}
