/// A way of making a body smaller; the raw value is its token in `content-encoding` and `grpc-encoding`.
public enum CompressionAlgorithm: String, CaseIterable, Sendable {
    /// RFC 1952; several members in a row are read as one stream.
    case gzip
    /// RFC 1950.
    case zlib
    /// RFC 1950 as HTTP means it; raw RFC 1951 streams, which some senders produce, are read as well.
    case deflate
    /// RFC 8878.
    case zstd
    /// The Snappy block format when written; block or framed when read.
    case snappy
    /// The Snappy framing format, with checksums.
    case snappyFramed = "x-snappy-framed"

    /// The levels a `Compressor` accepts; nil where the format has none and only 0 means anything.
    ///
    /// For gzip, zlib and deflate -1 is the default, -2 the least work, 0 no compression. zstd stops at 19
    /// because higher levels use windows that receivers refuse.
    public var levels: ClosedRange<Int>? {
        switch self {
        case .gzip, .zlib, .deflate: -2...9
        case .zstd: 1...19
        case .snappy, .snappyFramed: nil
        }
    }
}
