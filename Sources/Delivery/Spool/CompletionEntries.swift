internal import Compression
internal import Wire

/// The content of a completion file: which records of a segment are done.
///
/// Entries of eight bytes, in no order: the index of the record (u32) and the CRC-32 of the number of the
/// segment (u64) and the index (u32), so that neither damage nor a file in the wrong place marks a record.
enum CompletionEntries {
    /// Bytes of one entry.
    static let entrySize = 8

    static func encode(_ indexes: [UInt32], segment: UInt64) -> Bytes {
        var builder = BytesBuilder(capacity: entrySize * indexes.count)
        for index in indexes {
            builder.append(littleEndian: index)
            builder.append(littleEndian: check(index, segment))
        }
        return builder.finish()
    }

    /// The records that are done; entries that are damaged or cut off are passed over, and their records are
    /// delivered once more.
    static func decode(_ bytes: Bytes, segment: UInt64) -> Set<UInt32> {
        var indexes: Set<UInt32> = []
        bytes.withUnsafeBytes { memory in
            for offset in stride(from: 0, to: memory.count / entrySize * entrySize, by: entrySize) {
                let index = memory.littleEndian(at: offset, as: UInt32.self)
                let found = memory.littleEndian(at: offset + 4, as: UInt32.self)
                if found == check(index, segment) { indexes.insert(index) }
            }
        }
        return indexes
    }

    private static func check(_ index: UInt32, _ segment: UInt64) -> UInt32 {
        var checksum = Checksum()
        withUnsafeBytes(of: segment.littleEndian) { checksum.update($0) }
        withUnsafeBytes(of: index.littleEndian) { checksum.update($0) }
        return checksum.value
    }
}
