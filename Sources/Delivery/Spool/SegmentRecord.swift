internal import Compression
internal import Telemetry
internal import Wire

/// How a record looks in a segment.
///
/// CRC-32 of everything behind it (u32), length of the record (u32), kind (u8, 1), three zeros, items (u32),
/// number of chunks (u32), time (u64, nanoseconds since 1970), length of the origin (u32), length of the note
/// (u32); then for each chunk its length and its items (u32 each); then origin, note and chunks.
enum SegmentRecord {
    /// Bytes of the part that every record begins with.
    static let headerSize = 36
    /// No record is longer, because its length has 32 bits.
    static let sizeLimit = Int(UInt32.max)

    /// What the first `headerSize` bytes of a record say.
    struct Facts: Equatable {
        let checksum: UInt32
        /// Bytes of the whole record.
        let length: Int
        let itemCount: Int
        let chunkCount: Int
        let time: UInt64
        let originLength: Int
        let noteLength: Int

        /// Bytes of telemetry.
        var byteCount: Int { length - SegmentRecord.headerSize - 8 * chunkCount - originLength - noteLength }
    }

    /// A record that is ready to be written: its head and its chunks, which are not copied.
    struct Encoded {
        let pieces: [Bytes]
        let size: Int
    }

    static func encode(_ batch: Batch, note: Bytes, time: UInt64) -> Encoded? {
        let origin = batch.origin.map { OriginCoding.encode($0) } ?? .empty
        let headSize = headerSize + 8 * batch.chunks.count + origin.count + note.count
        let size = headSize + batch.byteCount
        guard size <= sizeLimit, batch.itemCount <= Int(UInt32.max) else { return nil }
        var tail = BytesBuilder(capacity: headSize)
        tail.append(littleEndian: UInt32(size))
        tail.append(littleEndian: kind)
        tail.append(littleEndian: UInt32(batch.itemCount))
        tail.append(littleEndian: UInt32(batch.chunks.count))
        tail.append(littleEndian: time)
        tail.append(littleEndian: UInt32(origin.count))
        tail.append(littleEndian: UInt32(note.count))
        for chunk in batch.chunks {
            tail.append(littleEndian: UInt32(chunk.bytes.count))
            tail.append(littleEndian: UInt32(chunk.itemCount))
        }
        tail.append(origin)
        tail.append(note)
        var checksum = Checksum()
        tail.withUnsafeBytes { checksum.update($0) }
        for chunk in batch.chunks { checksum.update(chunk.bytes) }
        var front = BytesBuilder(capacity: 4)
        front.append(littleEndian: checksum.value)
        return Encoded(pieces: [front.finish(), tail.finish()] + batch.chunks.map { $0.bytes }, size: size)
    }

    /// Reads the first `headerSize` bytes of a record; `nil` when they contradict themselves.
    static func readHeader(_ memory: UnsafeRawBufferPointer) -> Facts? {
        guard memory.count >= headerSize, memory.littleEndian(at: 8, as: UInt32.self) == kind else {
            return nil
        }
        func number(_ offset: Int) -> Int { Int(memory.littleEndian(at: offset, as: UInt32.self)) }
        let facts = Facts(
            checksum: memory.littleEndian(at: 0, as: UInt32.self), length: number(4), itemCount: number(12),
            chunkCount: number(16), time: memory.littleEndian(at: 20, as: UInt64.self),
            originLength: number(28), noteLength: number(32))
        return facts.byteCount >= 0 ? facts : nil
    }

    /// Reads a whole record; its chunks share the memory of `bytes`.
    ///
    /// `nil` when a single bit differs from what was written.
    static func decode(_ bytes: Bytes, signal: Signal) -> (batch: Batch, note: Bytes)? {
        bytes.withUnsafeBytes { memory in
            guard let facts = readHeader(memory), facts.length == memory.count,
                Checksum(of: UnsafeRawBufferPointer(rebasing: memory[4...])).value == facts.checksum
            else {
                return nil
            }
            let originStart = headerSize + 8 * facts.chunkCount
            let noteStart = originStart + facts.originLength
            var start = noteStart + facts.noteLength
            let note = bytes[noteStart..<start]
            var chunks: [(bytes: Bytes, itemCount: Int)] = []
            chunks.reserveCapacity(facts.chunkCount)
            for index in 0..<facts.chunkCount {
                let entry = headerSize + 8 * index
                let length = Int(memory.littleEndian(at: entry, as: UInt32.self))
                guard length <= memory.count - start else { return nil }
                let items = Int(memory.littleEndian(at: entry + 4, as: UInt32.self))
                chunks.append((bytes[start..<start + length], items))
                start += length
            }
            guard start == memory.count else { return nil }
            let origin = OriginCoding.decode(bytes[originStart..<noteStart])
            return (Batch(restoring: chunks, signal: signal, origin: origin), note)
        }
    }

    /// Reads what stands before the chunks of a record that is known to be good.
    static func decodeHead(_ bytes: Bytes) -> (origin: Origin?, note: Bytes)? {
        guard let facts = bytes.withUnsafeBytes({ readHeader($0) }) else { return nil }
        let originStart = headerSize + 8 * facts.chunkCount
        let noteStart = originStart + facts.originLength
        guard bytes.count >= noteStart + facts.noteLength else { return nil }
        let origin = OriginCoding.decode(bytes[originStart..<noteStart])
        return (origin, bytes[noteStart..<noteStart + facts.noteLength])
    }

    private static let kind: UInt32 = 1
}
