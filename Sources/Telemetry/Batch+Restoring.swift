public import Wire

extension Batch {
    /// Makes a batch of chunks that were validated before and come back from a disk with a good checksum.
    ///
    /// Nothing is validated here: the chunks are the bytes of a `Batch` that this program wrote, and the
    /// checksum says that they have not changed. Validating them again would cost more than reading them.
    /// Bytes from anywhere else go through `init(validating:as:)`.
    public init(restoring chunks: [(bytes: Bytes, itemCount: Int)], signal: Signal, origin: Origin?) {
        let chunks = chunks.map { Chunk(bytes: $0.bytes, itemCount: $0.itemCount) }
        self.init(signal: signal, trusted: chunks, origin: origin)
    }
}
