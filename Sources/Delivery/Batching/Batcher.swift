public import Pipeline
public import Telemetry

/// Collects batches of one signal into larger ones: pure accumulation, without a clock and without a queue.
///
/// Collecting appends chunks and copies nothing; only a maximum makes bytes move, where a batch has to be
/// cut. The owner passes the time in, and asks `due` when to come back.
public struct Batcher: Sendable {
    /// What sizes are counted in.
    public enum Sizer: Sendable {
        case items, bytes
    }

    /// When a portion goes, and how large it may be.
    public struct Limits: Sendable, Equatable {
        public var sizer: Sizer
        /// A portion of this size goes without waiting; 0 lets everything go at once.
        public var minimum: Int
        /// No portion is larger, unless a single item is.
        ///
        /// 0 is no limit; any other maximum is not less than `minimum`.
        public var maximum: Int
        /// Longest time that telemetry waits for more; zero lets everything go at once.
        public var timeout: Duration

        public init(sizer: Sizer = .items, minimum: Int, maximum: Int = 0, timeout: Duration) {
            self.sizer = sizer
            self.minimum = minimum
            self.maximum = maximum
            self.timeout = timeout
        }

        fileprivate var isImmediate: Bool { minimum == 0 || timeout == .zero }
    }

    /// Why a portion goes.
    public enum Trigger: Sendable {
        case size, timeout, flush
    }

    /// A batch that is ready to go.
    public struct Portion: Sendable {
        public let batch: Batch
        public let trigger: Trigger
    }

    private let limits: Limits
    private var pending: Batch?
    private var waitingSince = Instant(offset: .zero)

    /// Makes an empty batcher.
    public init(_ limits: Limits) {
        self.limits = limits
    }

    /// Takes `batch` in at `now` and returns what is large enough to go.
    ///
    /// Everything that is added must be of the same signal.
    public mutating func add(_ batch: consuming Batch, at now: Instant) -> [Portion] {
        guard batch.itemCount > 0 else { return [] }
        if pending == nil {
            pending = batch
            waitingSince = now
        } else {
            pending?.append(batch)
        }
        var portions: [Portion] = []
        while size > 0, limits.isImmediate || size >= limits.minimum, let batch = cut() {
            portions.append(Portion(batch: batch, trigger: .size))
            // What is left over came with this call: a portion takes the oldest items and is never smaller
            // than what waited before.
            waitingSince = now
        }
        return portions
    }

    /// When `takeDue` has something to give; `nil` when nothing waits.
    public var due: Instant? { pending == nil ? nil : waitingSince + limits.timeout }

    /// Whether nothing waits.
    public var isEmpty: Bool { pending == nil }

    /// Returns what has waited long enough at `now`.
    public mutating func takeDue(at now: Instant) -> [Portion] {
        guard let due, due <= now else { return [] }
        return takeAll(.timeout)
    }

    /// Returns everything.
    public mutating func flush() -> [Portion] { takeAll(.flush) }

    private mutating func takeAll(_ trigger: Trigger) -> [Portion] {
        var portions: [Portion] = []
        while let batch = cut() { portions.append(Portion(batch: batch, trigger: trigger)) }
        return portions
    }

    private var size: Int {
        switch limits.sizer {
        case .items: pending?.itemCount ?? 0
        case .bytes: pending?.byteCount ?? 0
        }
    }

    /// Takes the oldest items: all of them, or as many as the maximum allows.
    private mutating func cut() -> Batch? {
        guard limits.maximum > 0, size > limits.maximum else {
            defer { pending = nil }
            return pending
        }
        let portion =
            switch limits.sizer {
            case .items: pending?.removeFirst(items: limits.maximum)
            case .bytes: pending?.removeFirst(bytes: limits.maximum)
            }
        if pending?.itemCount == 0 { pending = nil }
        return portion
    }
}
