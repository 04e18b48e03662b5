internal import CMalloc

/// How the allocator treats the buffers of requests.
enum AllocatorPolicy {
    private static let largestKept = 32 << 20
    private static let smallestKept = 1 << 20
    private static let keptShare = 64

    /// Tells glibc to keep freed buffers: all but very large ones, or as much as a limit on memory allows.
    ///
    /// By default it returns every body above 128 KiB to the kernel and pays for it in page faults with the
    /// next request, which costs more than reading and checking the body does. But what it keeps, it keeps
    /// for each thread, and at the end of a thread's heap even `malloc_trim` leaves it alone, so under a
    /// limit of 128 MiB two threads could fill it with nothing.
    ///
    /// - Parameter limit: The most memory the process should use, in bytes; nil when there is no limit.
    static func apply(limit: Int?) {
        let kept = max(smallestKept, min(largestKept, (limit ?? .max) / keptShare))
        mallopt(M_MMAP_THRESHOLD, Int32(kept))
        mallopt(M_TRIM_THRESHOLD, Int32(kept * 2))
    }
}
