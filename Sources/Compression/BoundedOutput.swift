internal import Wire

/// What a decoder writes into: memory that grows while it is needed and never beyond a limit, or beyond what
/// there is memory for.
///
/// Decoders here write a whole stream at once into room of a guessed size. When the guess was too small the
/// room is doubled and that stream decoded again: at most twice the work of the last attempt, and no
/// window or second buffer beside the output.
struct BoundedOutput: ~Copyable {
    private var builder: BytesBuilder
    private var capacity: Int
    private let limit: OutputLimit

    /// Room for `estimate` bytes, or for as many as the limit allows when that is less.
    init(estimate: Int, limit: OutputLimit) throws(CompressionError) {
        self.limit = limit
        capacity = min(max(estimate, 64), max(limit.bytes, 0))
        try limit.checkRoom(for: capacity)
        builder = BytesBuilder(capacity: capacity)
    }

    /// Appends what `decode` wrote into the room it was lent; it returns nil when the room was too small.
    mutating func append(
        _ decode: (UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int?
    ) throws(CompressionError) {
        while true {
            let free = capacity - builder.count
            var fitted = false
            try builder.appendInPlace(minimum: free) { (lent) throws(CompressionError) -> Int in
                let room = UnsafeMutableRawBufferPointer(rebasing: lent.prefix(free))
                guard let written = try decode(room) else { return 0 }
                fitted = true
                return written
            }
            if fitted { return }
            try grow()
        }
    }

    /// Freezes the output, which is copied only when it would hold on to far more memory than it fills.
    consuming func finish() -> Bytes {
        let wasted = capacity - builder.count
        guard wasted > builder.count + 4096 else { return builder.finish() }
        return builder.withUnsafeBytes { Bytes(copying: $0) }
    }

    private mutating func grow() throws(CompressionError) {
        guard capacity < limit.bytes else { throw .tooLarge(limit: limit.bytes) }
        let size = min(capacity * 2, limit.bytes)
        try limit.checkRoom(for: size)
        // A builder of its own rather than `reserve`, which may take more than the limit.
        capacity = size
        var larger = BytesBuilder(capacity: capacity)
        builder.withUnsafeBytes { larger.append($0) }
        builder = larger
    }
}
