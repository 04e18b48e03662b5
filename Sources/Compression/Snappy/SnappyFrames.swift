internal import CIsal
internal import CSnappy
internal import Wire

/// The Snappy framing format: chunks of at most 64 KiB of content, each with a masked CRC-32C.
enum SnappyFrames {
    private static let identifier: [UInt8] = [0xff, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8)
    private static let largestContent = 65_536

    private enum Kind {
        static let compressed: UInt8 = 0x00
        static let uncompressed: UInt8 = 0x01
        static let identifier: UInt8 = 0xff
        /// From here on a reader skips what it does not know.
        static let firstSkippable: UInt8 = 0x80
    }

    /// Whether `input` begins with the stream identifier of the framing format.
    static func begins(_ input: UnsafeRawBufferPointer) -> Bool {
        input.starts(with: identifier)
    }

    static func decode(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError) -> Bytes
    {
        guard begins(input) else {
            throw .corrupt(reason: "the body does not begin with the snappy stream identifier")
        }
        var output = try BoundedOutput(estimate: input.count * 2, limit: limit)
        var position = 0
        while position < input.count {
            let chunk = try chunk(of: input, at: position)
            try decode(chunk.kind, chunk.body, at: position, into: &output)
            position += 4 + chunk.body.count
        }
        return output.finish()
    }

    private static func chunk(
        of input: UnsafeRawBufferPointer, at position: Int
    ) throws(CompressionError) -> (kind: UInt8, body: UnsafeRawBufferPointer) {
        guard input.count - position >= 4 else {
            throw .corrupt(reason: "the snappy stream ends inside the chunk header at byte \(position)")
        }
        let header = input.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        let length = Int(UInt32(littleEndian: header) >> 8)
        guard input.count - position - 4 >= length else {
            throw .corrupt(reason: "the snappy stream ends inside the chunk at byte \(position)")
        }
        let body = input[(position + 4)..<(position + 4 + length)]
        return (input[position], UnsafeRawBufferPointer(rebasing: body))
    }

    private static func decode(
        _ kind: UInt8, _ body: UnsafeRawBufferPointer, at position: Int, into output: inout BoundedOutput
    ) throws(CompressionError) {
        switch kind {
        case Kind.identifier:
            guard body.elementsEqual(identifier.dropFirst(4)) else {
                throw .corrupt(reason: "the snappy stream identifier at byte \(position) is wrong")
            }
        case Kind.compressed, Kind.uncompressed:
            guard body.count >= 4 else {
                throw .corrupt(reason: "the snappy chunk at byte \(position) has no checksum")
            }
            let checksum = UInt32(littleEndian: body.loadUnaligned(as: UInt32.self))
            let content = UnsafeRawBufferPointer(rebasing: body.dropFirst(4))
            let isCompressed = kind == Kind.compressed
            let size = isCompressed ? try SnappyBlock.decodedSize(content) : content.count
            guard size <= largestContent else {
                throw .corrupt(reason: "the snappy chunk at byte \(position) is larger than 64 KiB")
            }
            try output.append { (room) throws(CompressionError) -> Int? in
                guard room.count >= size else { return nil }
                let target = UnsafeMutableRawBufferPointer(rebasing: room.prefix(size))
                if isCompressed {
                    _ = try SnappyBlock.decode(content, into: target)
                } else {
                    target.copyMemory(from: content)
                }
                guard maskedChecksum(UnsafeRawBufferPointer(target)) == checksum else {
                    throw .corrupt(reason: "the snappy chunk at byte \(position) has a wrong checksum")
                }
                return size
            }
        case Kind.firstSkippable...: return
        default: throw .corrupt(reason: "the snappy chunk at byte \(position) has unknown type \(kind)")
        }
    }

    static func encode(_ bytes: Bytes) throws(CompressionError) -> Bytes {
        var builder = BytesBuilder(capacity: bytes.count / 2 + 128)
        builder.append(identifier)
        var start = 0
        while start < bytes.count {
            let piece = bytes[start..<min(start + largestContent, bytes.count)]
            try append(piece, to: &builder)
            start += piece.count
        }
        return builder.finish()
    }

    private static func append(_ piece: Bytes, to builder: inout BytesBuilder) throws(CompressionError) {
        let compressed = try SnappyBlock.encode(piece)
        // The format asks for content as it is when compression saves less than an eighth.
        let isWorthIt = compressed.count < piece.count - piece.count / 8
        let content = isWorthIt ? compressed : piece
        let kind = isWorthIt ? Kind.compressed : Kind.uncompressed
        append(UInt32(kind) | UInt32(content.count + 4) << 8, to: &builder)
        append(piece.withUnsafeBytes { maskedChecksum($0) }, to: &builder)
        builder.append(content)
    }

    private static func append(_ value: UInt32, to builder: inout BytesBuilder) {
        withUnsafeBytes(of: value.littleEndian) { builder.append($0) }
    }

    /// CRC-32C, rotated and shifted as the framing format asks for (section 3).
    private static func maskedChecksum(_ content: UnsafeRawBufferPointer) -> UInt32 {
        // The library does not write through its argument; its declaration only lacks the const.
        let start = UnsafeMutablePointer(mutating: content.baseAddress?.assumingMemoryBound(to: UInt8.self))
        let crc = ~crc32_iscsi(start, Int32(content.count), 0xffff_ffff)
        return ((crc >> 15) | (crc << 17)) &+ 0xa282_ead8
    }
}
