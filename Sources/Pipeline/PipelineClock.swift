internal import Glibc

/// Time and randomness as a component sees them.
public protocol PipelineClock: Sendable {
    /// A point on a clock that only moves forward.
    var now: Instant { get }
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    var unixNanoseconds: UInt64 { get }
    /// Returns after `duration`, or throws `CancellationError`.
    func sleep(for duration: Duration) async throws
    /// A number in `0..<1`.
    func random() -> Double
}

/// A point in time of a `PipelineClock`; only differences mean something.
public struct Instant: Sendable, Comparable, Hashable {
    /// Time since the clock's own beginning.
    public let offset: Duration

    public init(offset: Duration) { self.offset = offset }

    public static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    public static func + (instant: Self, duration: Duration) -> Self {
        Self(offset: instant.offset + duration)
    }
    public static func - (left: Self, right: Self) -> Duration { left.offset - right.offset }
}

/// The machine's clock.
public struct SystemClock: PipelineClock {
    private static let start = ContinuousClock.now

    public init() {}

    public var now: Instant { Instant(offset: ContinuousClock.now - Self.start) }

    public var unixNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    public func sleep(for duration: Duration) async throws {
        try await ContinuousClock().sleep(for: duration)
    }

    public func random() -> Double { Double.random(in: 0..<1) }
}
