internal import Wire

/// How memory is measured; the engine measures the process, tests measure what they like.
public struct MemoryProbe: Sendable {
    /// Bytes held by all telemetry of the process.
    public var live: @Sendable () -> Int
    /// Bytes of the process that are in memory; `nil` when that is unknown.
    public var resident: @Sendable () -> Int?
    /// Gives memory the allocator keeps for later back to the system; may take milliseconds.
    public var trim: @Sendable () -> Void
    /// Learns of new limits, `nil` when there are none any more, so that the allocator can keep less.
    public var limited: @Sendable (MemoryLimits?) -> Void
    /// Bytes the process may use: the limit of its cgroup, or what the machine has.
    public var total: @Sendable () throws(ComponentError) -> Int

    /// Counts telemetry as the process does, unless told otherwise.
    public init(
        live: (@Sendable () -> Int)? = nil,
        resident: @escaping @Sendable () -> Int? = { nil },
        trim: @escaping @Sendable () -> Void = {},
        limited: @escaping @Sendable (MemoryLimits?) -> Void = { _ in },
        total: @escaping @Sendable () throws(ComponentError) -> Int
    ) {
        self.live = live ?? { LiveMemory.bytes }
        self.resident = resident
        self.trim = trim
        self.limited = limited
        self.total = total
    }
}
