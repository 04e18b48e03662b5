internal import Synchronization

/// How much memory all `Bytes` of the process hold together, those that are still being written included.
///
/// This is what admission control looks at: every body, batch and queue entry is made of `Bytes`, so the
/// figure follows the telemetry, where a process's resident size also counts memory that the allocator keeps
/// for later.
public enum LiveMemory {
    private static let total = Atomic<Int>(0)

    /// Bytes allocated and not yet freed, including unused capacity at the end of a buffer and `overhead` for
    /// each.
    public static var bytes: Int { total.load(ordering: .relaxed) }

    /// What an allocation costs beside its bytes: the object that counts references, the allocator's own, the
    /// entries of the lists it is in.
    ///
    /// It matters for tiny bodies only, and there it is more than half.
    static let overhead = 128

    /// Counts memory that was allocated; a negative number counts memory that was freed.
    static func add(_ bytes: Int) { total.wrappingAdd(bytes, ordering: .relaxed) }
}
