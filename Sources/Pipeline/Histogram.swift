internal import Synchronization

/// A distribution over fixed bucket bounds, for the collector's own metrics.
public final class Histogram: Sendable {
    /// The state at one moment.
    public struct Snapshot: Sendable {
        /// Upper bounds, inclusive, ascending; the last bucket has none.
        public let bounds: [Double]
        /// Observations per bucket; one more than there are bounds.
        public let counts: [Int]
        public let sum: Double

        public var count: Int { counts.reduce(0, +) }
    }

    private let bounds: [Double]
    private let state: Mutex<(counts: [Int], sum: Double)>

    /// Makes an empty histogram; `bounds` are upper bounds in ascending order.
    public init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex((Array(repeating: 0, count: bounds.count + 1), 0))
    }

    /// Counts one observation.
    public func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    public var snapshot: Snapshot {
        state.withLock { Snapshot(bounds: bounds, counts: $0.counts, sum: $0.sum) }
    }
}
