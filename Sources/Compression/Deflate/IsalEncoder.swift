internal import CIsal
internal import Wire

/// A deflate stream of ISA-L, which reads the parts of a body where they are.
///
/// `@unchecked Sendable` is sound because the pool lends an encoder to one caller at a time.
final class IsalEncoder: @unchecked Sendable {
    private static let pools = (0...3).map { _ in Pool<IsalEncoder>() }

    private let stream: UnsafeMutablePointer<isal_zstream>
    private let levelBuffer: UnsafeMutableRawBufferPointer
    private let level: Int

    private init(level: Int) {
        self.level = level
        let size =
            switch level {
            case 0: 0
            case 3: apus_isal_level3_buffer_size
            default: apus_isal_level1_buffer_size
            }
        stream = .allocate(capacity: 1)
        levelBuffer = .allocate(byteCount: size, alignment: 64)
    }

    deinit {
        stream.deallocate()
        levelBuffer.deallocate()
    }

    /// Compresses `parts` as one stream; `level` is 0, 1 or 3 and `container` gzip or zlib.
    static func encode(
        _ parts: [Bytes], container: DeflateContainer, level: Int
    ) throws(CompressionError) -> Bytes {
        try pools[level].lend { () throws(CompressionError) in
            IsalEncoder(level: level)
        } _: { (encoder) throws(CompressionError) -> Bytes in
            try encoder.encode(parts, container: container)
        }
    }

    private func encode(_ parts: [Bytes], container: DeflateContainer) throws(CompressionError) -> Bytes {
        start(container)
        // Telemetry shrinks to a third; room for half of it is seldom outgrown.
        var builder = BytesBuilder(capacity: parts.byteCount / 2 + 512)
        let pieces = parts.isEmpty ? [Bytes.empty] : parts
        for (index, part) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            try part.withUnsafeBytes { (input) throws(CompressionError) in
                try feed(input, isLast: isLast, into: &builder)
            }
        }
        return builder.finish()
    }

    private func start(_ container: DeflateContainer) {
        isal_deflate_init(stream)
        stream.pointee.level = UInt32(level)
        stream.pointee.level_buf = levelBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.level_buf_size = UInt32(levelBuffer.count)
        stream.pointee.gzip_flag = UInt16(container == .gzip ? IGZIP_GZIP : IGZIP_ZLIB)
        stream.pointee.flush = UInt16(NO_FLUSH)
    }

    /// Feeds one part, in pieces that fit the library's 32-bit sizes.
    private func feed(
        _ input: UnsafeRawBufferPointer, isLast: Bool, into builder: inout BytesBuilder
    ) throws(CompressionError) {
        var rest = input[...]
        repeat {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = rest.dropFirst(piece.count)
            // ISA-L does not write through `next_in`; its declaration only lacks the const.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(piece.count)
            stream.pointee.end_of_stream = isLast && rest.isEmpty ? 1 : 0
            try drain(into: &builder)
        } while !rest.isEmpty
    }

    /// Runs the encoder until it has taken its input and left room in the output, so nothing is pending.
    private func drain(into builder: inout BytesBuilder) throws(CompressionError) {
        repeat {
            try builder.appendInPlace(minimum: 512) { (room) throws(CompressionError) -> Int in
                let size = min(room.count, 1 << 30)
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(size)
                let status = isal_deflate(stream)
                guard status == COMP_OK else {
                    throw .failed(reason: "ISA-L could not compress (status \(status))")
                }
                return size - Int(stream.pointee.avail_out)
            }
        } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
    }
}
