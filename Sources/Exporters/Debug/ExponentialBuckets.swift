internal import Glibc
internal import Telemetry

/// The buckets on one side of an exponential histogram with their bounds (metrics data model, "Exponential
/// Scale"): bucket `i` holds what is above `base^i` and not above `base^(i+1)`, where `base = 2^(2^-scale)`.
struct ExponentialBuckets: Sequence, IteratorProtocol {
    private let counts: [UInt64]
    private let offset: Int
    /// The base as a power of two.
    private let exponent: Double
    private var position = 0

    init(_ buckets: BucketsView?, scale: Int) {
        counts = buckets?.bucketCounts ?? []
        offset = buckets?.offset ?? 0
        exponent = scalbn(1, Int32(clamping: -scale))
    }

    mutating func next() -> (lower: Double, upper: Double, count: UInt64)? {
        guard position < counts.count else { return nil }
        defer { position += 1 }
        let index = Double(offset) + Double(position)
        return (exp2(index * exponent), exp2((index + 1) * exponent), counts[position])
    }
}
