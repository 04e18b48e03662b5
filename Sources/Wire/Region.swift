internal import Glibc

/// One allocation that any number of `Bytes` share; freed with the last of them.
///
/// `@unchecked Sendable` is sound because the memory is written only by the `BytesBuilder` that made it,
/// before the region is first handed out, and is read-only from then on; `free` runs once, in `deinit`.
@usableFromInline
final class Region: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    let size: Int

    /// Takes over `size` bytes of memory that came from `malloc` and have been counted as live.
    init(owning memory: UnsafeMutableRawPointer, size: Int) {
        self.memory = memory
        self.size = size
    }

    deinit {
        free(memory)
        LiveMemory.add(-size - LiveMemory.overhead)
    }
}
