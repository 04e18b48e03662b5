internal import CSnappy
internal import Wire

/// The Snappy block format: one length and one compressed block.
enum SnappyBlock {
    /// A three-byte copy element yields 64 bytes; no block expands by more.
    private static let largestRatio = 22

    static func decode(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError) -> Bytes
    {
        let size = try decodedSize(input)
        guard size <= limit.bytes else { throw .tooLarge(limit: limit.bytes) }
        try limit.checkRoom(for: size)
        var builder = BytesBuilder(capacity: size)
        try builder.appendInPlace(minimum: size) { (room) throws(CompressionError) -> Int in
            try decode(input, into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(size)))
        }
        return builder.finish()
    }

    /// The size that the block declares, refused when no block of that length can reach it.
    static func decodedSize(_ input: UnsafeRawBufferPointer) throws(CompressionError) -> Int {
        var size = 0
        let status = snappy_uncompressed_length(input.baseAddress, input.count, &size)
        guard status == SNAPPY_OK else { throw .corrupt(reason: "the snappy block has no valid length") }
        guard size / largestRatio <= input.count else {
            throw .corrupt(reason: "the snappy block of \(input.count) bytes declares \(size) bytes")
        }
        return size
    }

    /// Decodes into room of exactly the declared size.
    static func decode(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        var written = room.count
        guard snappy_uncompress(input.baseAddress, input.count, room.baseAddress, &written) == SNAPPY_OK
        else {
            throw .corrupt(reason: "the snappy block is truncated or damaged")
        }
        return written
    }

    static func encode(_ bytes: Bytes) throws(CompressionError) -> Bytes {
        var builder = BytesBuilder(capacity: snappy_max_compressed_length(bytes.count))
        try bytes.withUnsafeBytes { (input) throws(CompressionError) in
            try append(input, to: &builder)
        }
        return builder.finish()
    }

    /// Appends `input` as one block.
    static func append(
        _ input: UnsafeRawBufferPointer, to builder: inout BytesBuilder
    ) throws(CompressionError) {
        let bound = snappy_max_compressed_length(input.count)
        try builder.appendInPlace(minimum: bound) { (room) throws(CompressionError) -> Int in
            var written = room.count
            let status = snappy_compress(input.baseAddress, input.count, room.baseAddress, &written)
            guard status == SNAPPY_OK else {
                throw .failed(reason: "snappy could not compress \(input.count) bytes")
            }
            return written
        }
    }
}
