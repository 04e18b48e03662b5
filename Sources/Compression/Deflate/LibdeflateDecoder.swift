internal import CDeflate

/// A decompressor of libdeflate, which writes a whole stream into room that is large enough.
///
/// `@unchecked Sendable` is sound because the pool lends a decoder to one caller at a time.
final class LibdeflateDecoder: @unchecked Sendable {
    private static let pool = Pool<LibdeflateDecoder>()

    private let decompressor: OpaquePointer

    private init() throws(CompressionError) {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw .failed(reason: "libdeflate could not allocate a decompressor")
        }
        self.decompressor = decompressor
    }

    deinit { libdeflate_free_decompressor(decompressor) }

    static func lend(
        _ body: (LibdeflateDecoder) throws(CompressionError) -> Void
    ) throws(CompressionError) {
        try pool.lend { () throws(CompressionError) in
            try LibdeflateDecoder()
        } _: { decoder throws(CompressionError) in
            try body(decoder)
        }
    }

    /// Decodes the stream at the beginning of `input`, which begins at `offset` of the body; nil when `room`
    /// is too small for it.
    func decode(
        _ input: UnsafeRawBufferPointer, container: DeflateContainer, at offset: Int,
        into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> (consumed: Int, produced: Int)? {
        var consumed = 0
        var produced = 0
        let (from, size) = (input.baseAddress, input.count)
        let (to, space) = (room.baseAddress, room.count)
        let result =
            switch container {
            case .gzip:
                libdeflate_gzip_decompress_ex(decompressor, from, size, to, space, &consumed, &produced)
            case .zlib:
                libdeflate_zlib_decompress_ex(decompressor, from, size, to, space, &consumed, &produced)
            case .raw:
                libdeflate_deflate_decompress_ex(decompressor, from, size, to, space, &consumed, &produced)
            }
        switch result {
        case LIBDEFLATE_SUCCESS: return (consumed, produced)
        case LIBDEFLATE_INSUFFICIENT_SPACE: return nil
        default:
            let name = container.rawValue
            throw .corrupt(reason: "the \(name) stream at byte \(offset) is truncated or damaged")
        }
    }
}
