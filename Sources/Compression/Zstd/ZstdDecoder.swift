internal import CZstd
internal import Wire

/// A decompression context of zstd.
///
/// Whole frames are decoded straight into the output, which serves as the window: a frame that declares a
/// huge window costs nothing.
///
/// `@unchecked Sendable` is sound because the pool lends a decoder to one caller at a time.
final class ZstdDecoder: @unchecked Sendable {
    private static let pool = Pool<ZstdDecoder>()

    private let context: OpaquePointer

    private init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw .failed(reason: "zstd could not allocate a decompression context")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    static func decode(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError) -> Bytes
    {
        var output = try BoundedOutput(estimate: try estimate(input, limit: limit), limit: limit)
        try pool.lend { () throws(CompressionError) in
            try ZstdDecoder()
        } _: { (decoder) throws(CompressionError) in
            try output.append { (room) throws(CompressionError) -> Int? in
                try decoder.decode(input, into: room)
            }
        }
        return output.finish()
    }

    private func decode(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int? {
        let result = ZSTD_decompressDCtx(
            context, room.baseAddress, room.count, input.baseAddress, input.count)
        guard ZSTD_isError(result) != 0 else { return result }
        guard ZSTD_getErrorCode(result) != ZSTD_error_dstSize_tooSmall else { return nil }
        throw .corrupt(reason: "the zstd stream is damaged: \(String(cString: ZSTD_getErrorName(result)))")
    }

    /// What the first frame says about its size, or a guess.
    private static func estimate(
        _ input: UnsafeRawBufferPointer, limit: OutputLimit
    ) throws(CompressionError) -> Int {
        let size = ZSTD_getFrameContentSize(input.baseAddress, input.count)
        switch size {
        // ZSTD_CONTENTSIZE_ERROR
        case UInt64.max - 1: throw .corrupt(reason: "the body does not begin with a zstd frame")
        // ZSTD_CONTENTSIZE_UNKNOWN
        case UInt64.max: return max(input.count * 8, 16 * 1024)
        default:
            guard size <= UInt64(max(limit.bytes, 0)) else { throw .tooLarge(limit: limit.bytes) }
            return Int(size)
        }
    }
}
