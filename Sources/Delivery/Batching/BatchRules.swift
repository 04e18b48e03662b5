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

    /// Makes rules of keys in any case and order.
    public init(limits: Batcher.Limits, keys: [String], capacity: Int, idleTime: Duration) {
        self.limits = limits
        self.keys = keys.map { $0.lowercased() }.sorted()
        self.capacity = capacity
        self.idleTime = idleTime
    }
}
