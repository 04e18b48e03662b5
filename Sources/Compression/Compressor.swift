public import Wire

/// Compresses bodies with one algorithm at one level; any number of tasks may use the same value.
///
/// The default levels are those with the best ratio per CPU second for telemetry, not those of the command
/// line tools: gzip costs a ninth of zlib at level 1 and gives the same size.
public struct Compressor: Sendable {
    /// The algorithm, whose raw value names the result in a header.
    public let algorithm: CompressionAlgorithm
    private let method: Method

    private enum Method {
        case deflate(DeflateEncoding)
        case zstd(level: Int32)
        case snappyBlock
        case snappyFrames
    }

    /// Chooses an algorithm and a level of it.
    ///
    /// - Parameters:
    ///   - algorithm: what to write.
    ///   - level: one of `algorithm.levels`; nil for the default. Formats without levels accept 0.
    /// - Throws: `CompressionError.unsupportedLevel`, which says what the range is.
    public init(_ algorithm: CompressionAlgorithm, level: Int? = nil) throws(CompressionError) {
        if let level {
            guard algorithm.levels?.contains(level) ?? (level == 0) else {
                throw .unsupportedLevel(level, algorithm)
            }
        }
        self.algorithm = algorithm
        switch algorithm {
        case .gzip: method = .deflate(DeflateEncoding(container: .gzip, level: level))
        case .zlib, .deflate: method = .deflate(DeflateEncoding(container: .zlib, level: level))
        case .zstd: method = .zstd(level: Int32(level ?? 1))
        case .snappy: method = .snappyBlock
        case .snappyFramed: method = .snappyFrames
        }
    }

    /// Compresses `parts`, one after another, as one body.
    ///
    /// - Throws: `CompressionError.failed` when memory runs out.
    public func compress(_ parts: [Bytes]) throws(CompressionError) -> Bytes {
        switch method {
        case .deflate(let encoding): try encoding.encode(parts)
        case .zstd(let level): try ZstdEncoder.encode(parts, level: level)
        case .snappyBlock: try SnappyBlock.encode(parts.joined())
        case .snappyFrames: try SnappyFrames.encode(parts.joined())
        }
    }
}

extension [Bytes] {
    var byteCount: Int { reduce(0) { $0 + $1.count } }

    /// The parts in one piece; a single part is not copied.
    func joined() -> Bytes {
        if count == 1 { return self[0] }
        var builder = BytesBuilder(capacity: byteCount)
        for part in self { builder.append(part) }
        return builder.finish()
    }
}
