internal import NIOCore
internal import Wire

/// What is left to send of a request's body, copied out piece by piece.
struct OutgoingBody {
    private var parts: ArraySlice<Bytes>
    private var offset = 0
    /// The bytes that are left.
    private(set) var count: Int

    init(_ parts: [Bytes]) {
        self.parts = parts[...]
        count = parts.reduce(0) { $0 + $1.count }
    }

    /// The next bytes, as many as there are and `limit` at most.
    mutating func next(limit: Int, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        let size = min(limit, count)
        var buffer = allocator.buffer(capacity: size)
        while buffer.readableBytes < size, let part = parts.first {
            let end = min(part.count, offset + size - buffer.readableBytes)
            part[offset..<end].withUnsafeBytes { _ = buffer.writeBytes($0) }
            offset = end
            guard offset == part.count else { break }
            parts.removeFirst()
            offset = 0
        }
        count -= buffer.readableBytes
        return buffer
    }
}
