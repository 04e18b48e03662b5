internal import Wire

extension Batch {
    /// Takes the oldest items out, as many as `items` or all there are, and returns them.
    public mutating func removeFirst(items: Int) -> Batch {
        removeFirst(limit: items) { $0.itemCount }
    }

    /// Takes the oldest items out, as many as fit in `bytes`, but one at least, and returns them.
    public mutating func removeFirst(bytes: Int) -> Batch {
        removeFirst(limit: bytes) { $0.bytes.count }
    }

    private mutating func removeFirst(limit: Int, size: (Chunk) -> Int) -> Batch {
        var (taken, total) = (0, 0)
        for chunk in chunks {
            total += size(chunk)
            if total > limit, taken > 0 { break }
            taken += 1
        }
        let head = Batch(signal: signal, trusted: Array(chunks[..<taken]), origin: origin)
        chunks.removeFirst(taken)
        itemCount -= head.itemCount
        byteCount -= head.byteCount
        return head
    }
}
