internal import Wire

/// The formats around deflate: members, wrappers, and what senders get wrong about them.
enum DeflateDecoding {
    /// Deflate cannot expand by more than this (RFC 1951: 258 bytes from two bits).
    private static let largestRatio = 1032

    /// One or more gzip members; anything else behind a member is an error.
    static func gzip(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError) -> Bytes {
        // The last four bytes of a member are its size, honest in all but the rarest streams.
        let claimed = input.count >= 18 ? littleEndian32(input, at: input.count - 4) : 0
        let output = try BoundedOutput(estimate: min(claimed, input.count * largestRatio), limit: limit)
        return try decode(input, container: .gzip, into: output, members: true)
    }

    static func zlib(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError) -> Bytes {
        let output = try BoundedOutput(estimate: guess(input), limit: limit)
        return try decode(input, container: .zlib, into: output, members: false)
    }

    /// zlib when the header says so and the stream agrees, else a raw deflate stream.
    static func zlibOrRaw(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError)
        -> Bytes
    {
        guard hasZlibHeader(input) else { return try raw(input, limit: limit) }
        do {
            return try zlib(input, limit: limit)
        } catch .corrupt(let reason) {
            // A raw stream may begin like a zlib header by chance; what is broken either way is reported
            // as the zlib stream that it looks like.
            do {
                return try raw(input, limit: limit)
            } catch .noRoom {
                throw .noRoom
            } catch {
                throw .corrupt(reason: reason)
            }
        }
    }

    private static func raw(_ input: UnsafeRawBufferPointer, limit: OutputLimit) throws(CompressionError)
        -> Bytes
    {
        let output = try BoundedOutput(estimate: guess(input), limit: limit)
        return try decode(input, container: .raw, into: output, members: false)
    }

    private static func decode(
        _ input: UnsafeRawBufferPointer, container: DeflateContainer, into output: consuming BoundedOutput,
        members: Bool
    ) throws(CompressionError) -> Bytes {
        var position = 0
        repeat {
            let rest = UnsafeRawBufferPointer(rebasing: input[position...])
            let start = position
            try LibdeflateDecoder.lend { (decoder) throws(CompressionError) in
                try output.append { (room) throws(CompressionError) -> Int? in
                    let stream = try decoder.decode(rest, container: container, at: start, into: room)
                    position = start + (stream?.consumed ?? 0)
                    return stream?.produced
                }
            }
        } while members && position < input.count
        guard position == input.count else {
            let extra = input.count - position
            throw .corrupt(reason: "\(extra) bytes follow the end of the \(container.rawValue) stream")
        }
        return output.finish()
    }

    private static func guess(_ input: UnsafeRawBufferPointer) -> Int {
        max(input.count * 4, 1024)
    }

    private static func hasZlibHeader(_ input: UnsafeRawBufferPointer) -> Bool {
        guard input.count >= 6 else { return false }
        let (method, flags) = (input[0], input[1])
        return method & 0x0f == 8 && method >> 4 <= 7 && (Int(method) << 8 | Int(flags)) % 31 == 0
    }

    private static func littleEndian32(_ input: UnsafeRawBufferPointer, at offset: Int) -> Int {
        Int(UInt32(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
