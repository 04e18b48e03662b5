public import Wire

/// Reads compressed bodies from peers that nobody has to trust.
public enum Decompression {
    /// Decompresses a complete body.
    ///
    /// The limit holds while the output is produced: a bomb costs at most `limit` bytes of memory, in every
    /// format. So does `room`, which is asked before every allocation.
    ///
    /// - Parameters:
    ///   - bytes: the whole compressed body.
    ///   - algorithm: what `content-encoding` or `grpc-encoding` says it is.
    ///   - limit: the largest acceptable output in bytes; an output of exactly that size is accepted.
    ///   - room: the bytes there is memory for at the moment.
    /// - Returns: the content; no larger than `limit`, and without much unused memory behind it.
    /// - Throws: `CompressionError.tooLarge`, `.noRoom`, or `.corrupt` with the reason.
    public static func decompress(
        _ bytes: Bytes, _ algorithm: CompressionAlgorithm, limit: Int,
        room: @escaping @Sendable () -> Int = { .max }
    ) throws(CompressionError) -> Bytes {
        guard !bytes.isEmpty else {
            throw .corrupt(reason: "the \(algorithm.rawValue) body is empty")
        }
        let limit = OutputLimit(bytes: limit, room: room)
        return try bytes.withUnsafeBytes { (input) throws(CompressionError) -> Bytes in
            switch algorithm {
            case .gzip: try DeflateDecoding.gzip(input, limit: limit)
            case .zlib: try DeflateDecoding.zlib(input, limit: limit)
            case .deflate: try DeflateDecoding.zlibOrRaw(input, limit: limit)
            case .zstd: try ZstdDecoder.decode(input, limit: limit)
            case .snappy where SnappyFrames.begins(input): try SnappyFrames.decode(input, limit: limit)
            case .snappy: try SnappyBlock.decode(input, limit: limit)
            case .snappyFramed: try SnappyFrames.decode(input, limit: limit)
            }
        }
    }
}
