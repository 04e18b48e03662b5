internal import Synchronization

/// How much memory all `Bytes` of the process hold together, those that are still being written included.
///
/// This is what admission control looks at: every body, batch and queue entry is made of `Bytes`, so the
/// figure is exact where a process's resident size also counts memory that the allocator keeps for later.
public enum LiveMemory {
    private static let total = Atomic<Int>(0)

    /// Bytes allocated and not yet freed, including unused capacity at the end of a buffer.
    public static var bytes: Int { total.load(ordering: .relaxed) }

    /// Counts memory that was allocated; a negative number counts memory that was freed.
    static func add(_ bytes: Int) { total.wrappingAdd(bytes, ordering: .relaxed) }
}
