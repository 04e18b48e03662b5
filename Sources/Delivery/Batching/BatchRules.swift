/// When batches go, and what is never mixed in one.
public struct BatchRules: Sendable, Equatable {
    /// When a batch goes, and how large it may be.
    public var limits: Batcher.Limits
    /// Senders that differ in one of these metadata keys, which are lower-case, are kept apart.
    public var keys: [String]
    /// Combinations of metadata values at a time and lane; 0 is no limit.
    public var capacity: Int
    /// How long a combination is remembered after its last telemetry.
    public var idleTime: Duration

    /// Bounds of the histograms of how many items are sent together, as otelcol has them.
    public static let sendSizeBounds: [Double] = [
        10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000,
        20_000, 30_000, 50_000, 100_000,
    ]

    /// Makes rules of keys in any case and order.
    public init(limits: Batcher.Limits, keys: [String], capacity: Int, idleTime: Duration) {
        self.limits = limits
        self.keys = keys.map { $0.lowercased() }.sorted()
        self.capacity = capacity
        self.idleTime = idleTime
    }
}
