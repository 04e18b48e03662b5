internal import CMalloc

/// How the allocator treats the buffers of requests.
enum MemoryPolicy {
    /// Tells glibc to keep freed buffers.
    ///
    /// By default it returns every body above 128 KiB to the kernel and pays for it in page faults with the
    /// next request, which costs more than reading and checking the body does.
    static func apply() {
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
    }
}
