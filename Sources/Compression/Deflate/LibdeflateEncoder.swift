internal import CDeflate
internal import Wire

/// A compressor of libdeflate, for small bodies and for good ratios.
///
/// `@unchecked Sendable` is sound because the pool lends an encoder to one caller at a time.
final class LibdeflateEncoder: @unchecked Sendable {
    private static let pools = (0...9).map { _ in Pool<LibdeflateEncoder>() }

    private let compressor: OpaquePointer

    private init(level: Int) throws(CompressionError) {
        guard let compressor = libdeflate_alloc_compressor(Int32(level)) else {
            throw .failed(reason: "libdeflate could not allocate a compressor for level \(level)")
        }
        self.compressor = compressor
    }

    deinit { libdeflate_free_compressor(compressor) }

    static func encode(
        _ bytes: Bytes, container: DeflateContainer, level: Int
    ) throws(CompressionError) -> Bytes {
        try pools[level].lend { () throws(CompressionError) in
            try LibdeflateEncoder(level: level)
        } _: { (encoder) throws(CompressionError) -> Bytes in
            try encoder.encode(bytes, container: container)
        }
    }

    private func encode(_ bytes: Bytes, container: DeflateContainer) throws(CompressionError) -> Bytes {
        let bound =
            switch container {
            case .gzip: libdeflate_gzip_compress_bound(compressor, bytes.count)
            case .zlib: libdeflate_zlib_compress_bound(compressor, bytes.count)
            case .raw: libdeflate_deflate_compress_bound(compressor, bytes.count)
            }
        var builder = BytesBuilder(capacity: bound)
        builder.appendInPlace(minimum: bound) { room in
            bytes.withUnsafeBytes { input in
                write(input, into: room, container: container)
            }
        }
        guard builder.count > 0 else {
            throw .failed(reason: "libdeflate did not fit \(bytes.count) bytes into \(bound)")
        }
        return builder.finish()
    }

    private func write(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer, container: DeflateContainer
    ) -> Int {
        let (from, size) = (input.baseAddress, input.count)
        return switch container {
        case .gzip: libdeflate_gzip_compress(compressor, from, size, room.baseAddress, room.count)
        case .zlib: libdeflate_zlib_compress(compressor, from, size, room.baseAddress, room.count)
        case .raw: libdeflate_deflate_compress(compressor, from, size, room.baseAddress, room.count)
        }
    }
}
