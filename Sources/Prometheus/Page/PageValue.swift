internal import Telemetry

/// The value of a series of a page.
enum PageValue {
    case number(NumberValue)
    case histogram(CumulativeBuckets, sum: Double?)
    case native(NativeHistogram)
    case summary(PageSummary)

    /// About how many bytes it takes beside its place in the series.
    var byteCount: Int {
        switch self {
        case .number: 0
        case .histogram(let buckets, _): 64 + 16 * buckets.bounds.count
        case .native(let native): 64 + 8 * (native.positive.counts.count + native.negative.counts.count)
        case .summary(let summary): 32 + 16 * summary.quantiles.count
        }
    }

    /// How many lines it has on a page of text, with the one that tells since when it counts.
    var lineCount: Int {
        switch self {
        case .number: 2
        case .histogram(let buckets, _): 4 + buckets.bounds.count
        case .native: 4
        case .summary(let summary): 3 + summary.quantiles.count
        }
    }

    /// Whether it is of the same kind as another value, and has the same bounds.
    func hasBuckets(of other: PageValue) -> Bool {
        switch (self, other) {
        case (.number, .number), (.native, .native), (.summary, .summary): true
        case (.histogram(let own, _), .histogram(let others, _)): own.bounds == others.bounds
        default: false
        }
    }

    /// The value after a delta; deltas of another kind begin anew.
    func adding(_ delta: PageValue) throws(PageRefusal) -> PageValue {
        switch (self, delta) {
        case (.number(let old), .number(let new)): .number(Self.sum(old, new))
        case (.histogram(let old, let oldSum), .histogram(let new, let newSum)):
            if let buckets = old.adding(new) {
                .histogram(buckets, sum: oldSum.flatMap { old in newSum.map { old + $0 } })
            } else {
                delta
            }
        case (.native(var old), .native(let new)):
            try Self.add(new, to: &old)
        default: delta
        }
    }

    private static func add(
        _ new: NativeHistogram, to old: inout NativeHistogram
    ) throws(PageRefusal) -> PageValue {
        do throws(SeriesRefusal) {
            try old.add(new)
        } catch {
            throw PageRefusal(error)
        }
        return .native(old)
    }

    private static func sum(_ old: NumberValue, _ new: NumberValue) -> NumberValue {
        if case (.int(let old), .int(let new)) = (old, new) {
            let (sum, overflow) = old.addingReportingOverflow(new)
            if !overflow { return .int(sum) }
        }
        return .double(Double(old) + Double(new))
    }
}

/// The value of a summary.
struct PageSummary {
    let count: UInt64
    let sum: Double
    /// Sorted, none twice.
    let quantiles: [(quantile: Double, value: Double)]

    init(_ point: SummaryPointView) {
        count = point.count
        sum = point.sum
        // Sorted, equal ones are neighbours, in the order in which they came: the last of them counts.
        let sorted = point.quantiles.enumerated().filter { (0...1).contains($0.element.quantile) }
            .sorted { ($0.element.quantile, $0.offset) < ($1.element.quantile, $1.offset) }
        var found: [(quantile: Double, value: Double)] = []
        for (_, entry) in sorted {
            if found.last?.quantile == entry.quantile { found.removeLast() }
            found.append((entry.quantile, entry.value))
        }
        quantiles = found
    }
}

extension CumulativeBuckets {
    /// The sum of two histograms; `nil` when their bounds differ.
    func adding(_ other: CumulativeBuckets) -> CumulativeBuckets? {
        guard bounds == other.bounds else { return nil }
        return CumulativeBuckets(
            bounds: bounds, cumulativeCounts: zip(counts, other.counts).map { $0 &+ $1 },
            count: count &+ other.count)
    }
}

extension NativeHistogram {
    /// Adds another one, as coarse as the coarser of both and as is needed for the number of buckets.
    mutating func add(_ other: NativeHistogram) throws(SeriesRefusal) {
        // No bucket counts more than all of them.
        let (total, isTooMuch) = count.addingReportingOverflow(other.count)
        guard !isTooMuch, total <= Int64.max else { throw .count }
        var coarsest = min(schema, other.schema)
        while true {
            let (own, their) = (Int(schema - coarsest), Int(other.schema - coarsest))
            do throws(SeriesRefusal) {
                let positive = try positive.adding(other.positive, coarserBy: own, their)
                negative = try negative.adding(other.negative, coarserBy: own, their)
                self.positive = positive
                break
            } catch {
                coarsest -= 1
                guard Int(coarsest) >= Self.schemas.lowerBound else { throw error }
            }
        }
        schema = coarsest
        count = total
        sum += other.sum
        zeroCount &+= other.zeroCount
        zeroThreshold = max(zeroThreshold, other.zeroThreshold)
    }
}

extension NativeHistogram.Buckets {
    fileprivate func adding(
        _ other: Self, coarserBy own: Int, _ their: Int
    ) throws(SeriesRefusal) -> Self {
        let left = try Self(offset: Int(offset), counts: counts, coarserBy: own)
        let right = try Self(offset: Int(other.offset), counts: other.counts, coarserBy: their)
        if left.counts.isEmpty { return right }
        if right.counts.isEmpty { return left }
        let start = Int(min(left.offset, right.offset))
        let end = max(Int(left.offset) + left.counts.count, Int(right.offset) + right.counts.count)
        guard end - start <= NativeHistogram.bucketLimit else { throw .buckets }
        var counts = [UInt64](repeating: 0, count: end - start)
        for side in [left, right] {
            for (index, count) in side.counts.enumerated() {
                counts[Int(side.offset) + index - start] &+= count
            }
        }
        return try Self(offset: start, counts: counts, coarserBy: 0)
    }
}
