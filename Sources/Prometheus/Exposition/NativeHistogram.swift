/// A histogram with exponential buckets, as protobuf pages have it.
public struct NativeHistogram: Sendable, Hashable {
    /// The buckets on one side of zero: how many measurements are in each of some that follow one another.
    public struct Buckets: Sendable, Hashable {
        /// The index of the first bucket, as OTLP counts them: the lower bound of bucket 0 is 1.
        public internal(set) var offset: Int32 = 0
        public internal(set) var counts: [UInt64] = []
    }

    /// The buckets that a histogram may have on one side, gaps included.
    static let bucketLimit = 16 << 10

    /// Buckets grow by 2 to the power of 2 to the power of minus this.
    public internal(set) var schema: Int32 = 0
    public internal(set) var count: UInt64 = 0
    public internal(set) var sum = 0.0
    /// What is counted as zero: everything up to this, on both sides.
    public internal(set) var zeroThreshold = 0.0
    public internal(set) var zeroCount: UInt64 = 0
    public internal(set) var positive = Buckets()
    public internal(set) var negative = Buckets()
}
