internal import CZstd
internal import Wire

/// A compression context of zstd, which reads the parts of a body where they are.
///
/// `@unchecked Sendable` is sound because the pool lends an encoder to one caller at a time.
final class ZstdEncoder: @unchecked Sendable {
    private static let pool = Pool<ZstdEncoder>()
    /// 8 MiB, the largest window that every receiver has to accept (RFC 8878, section 3.1.1.1.2).
    private static let largestWindowLog: Int32 = 23

    private let context: OpaquePointer

    private init() throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else {
            throw .failed(reason: "zstd could not allocate a compression context")
        }
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    static func encode(_ parts: [Bytes], level: Int32) throws(CompressionError) -> Bytes {
        try pool.lend { () throws(CompressionError) in
            try ZstdEncoder()
        } _: { (encoder) throws(CompressionError) -> Bytes in
            try encoder.encode(parts, level: level)
        }
    }

    private func encode(_ parts: [Bytes], level: Int32) throws(CompressionError) -> Bytes {
        let size = parts.byteCount
        try check(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
        let window = ZSTD_cParam_getBounds(ZSTD_c_windowLog)
        if level >= 17, window.upperBound >= Self.largestWindowLog {
            try check(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, Self.largestWindowLog))
        }
        // Written into the frame, so that the receiver can allocate once.
        try check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(size)))
        let bound = ZSTD_compressBound(size)
        var builder = BytesBuilder(capacity: parts.count == 1 ? bound : size / 2 + 512)
        let pieces = parts.isEmpty ? [Bytes.empty] : parts
        for (index, part) in pieces.enumerated() {
            try feed(part, isLast: index == pieces.count - 1, into: &builder)
        }
        return builder.finish()
    }

    private func feed(
        _ part: Bytes, isLast: Bool, into builder: inout BytesBuilder
    ) throws(CompressionError) {
        let directive = isLast ? ZSTD_e_end : ZSTD_e_continue
        try part.withUnsafeBytes { (memory) throws(CompressionError) in
            var input = ZSTD_inBuffer(src: memory.baseAddress, size: memory.count, pos: 0)
            var pending = 1
            while isLast ? pending > 0 : input.pos < input.size {
                try builder.appendInPlace(minimum: 512) { (room) throws(CompressionError) -> Int in
                    var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                    pending = ZSTD_compressStream2(context, &output, &input, directive)
                    try check(pending)
                    return output.pos
                }
            }
        }
    }

    private func check(_ result: Int) throws(CompressionError) {
        guard ZSTD_isError(result) != 0 else { return }
        throw .failed(reason: "zstd could not compress: \(String(cString: ZSTD_getErrorName(result)))")
    }
}
