/// How much a decoder may write.
struct OutputLimit: Sendable {
    /// The largest acceptable output in bytes.
    let bytes: Int
    /// The bytes there is memory for at the moment.
    let room: @Sendable () -> Int

    /// Makes sure that memory of `size` bytes may be allocated.
    func checkRoom(for size: Int) throws(CompressionError) {
        guard size <= room() else { throw .noRoom }
    }
}
