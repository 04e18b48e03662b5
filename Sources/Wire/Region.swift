internal import Glibc
internal import Synchronization

/// One allocation that any number of `Bytes` share; freed with the last of them.
///
/// `@unchecked Sendable` is sound because the memory is written only by the `BytesBuilder` that made it,
/// before the region is first handed out, and is read-only from then on; `free` runs once, in `deinit`.
@usableFromInline
final class Region: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    private let size: Int

    /// Takes over `size` bytes of memory that came from `malloc`.
    init(owning memory: UnsafeMutableRawPointer, size: Int) {
        self.memory = memory
        self.size = size
        LiveMemory.total.wrappingAdd(size, ordering: .relaxed)
    }

    deinit {
        free(memory)
        LiveMemory.total.wrappingSubtract(size, ordering: .relaxed)
    }
}

/// How much memory all `Bytes` of the process hold together.
///
/// This is what admission control looks at: every body, batch and queue entry is made of `Bytes`, so the
/// figure is exact where a process's resident size also counts memory that the allocator keeps for later.
public enum LiveMemory {
    fileprivate static let total = Atomic<Int>(0)

    /// Bytes allocated and not yet freed, including unused capacity at the end of a buffer.
    public static var bytes: Int { total.load(ordering: .relaxed) }
}
