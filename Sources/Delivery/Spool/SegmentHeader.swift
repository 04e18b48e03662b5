internal import Compression
internal import Telemetry
internal import Wire

/// The first bytes of a segment: what the file is.
///
/// `apusspol`, version (u16), signal (u8), 0 (u8), CRC-32 of all that (u32); integers are little-endian
/// everywhere in the files of a spool.
enum SegmentHeader {
    /// Bytes of the header.
    static let size = 16

    private static let magic: [UInt8] = Array("apusspol".utf8)
    private static let version: UInt16 = 1

    /// What the first bytes of a file say about it.
    enum Finding: Equatable {
        case good(Signal)
        /// The process or the machine ended before the header was written, so there are no records either.
        case torn
        /// It is something else; the text says what is wrong.
        case bad(String)
    }

    static func encode(_ signal: Signal) -> Bytes {
        var builder = BytesBuilder(capacity: size)
        builder.append(magic)
        builder.append(littleEndian: version)
        builder.append(code(of: signal))
        builder.append(UInt8(0))
        let checksum = builder.withUnsafeBytes { Checksum(of: $0).value }
        builder.append(littleEndian: checksum)
        return builder.finish()
    }

    /// Judges the first bytes of a file, `size` of them unless the file is shorter.
    static func read(_ memory: UnsafeRawBufferPointer) -> Finding {
        // A header of zeros is what some file systems leave after a loss of power.
        guard memory.contains(where: { $0 != 0 }) else { return .torn }
        guard memory.count >= size else {
            return Signal.allCases.contains { isPrefix(memory, of: encode($0)) }
                ? .torn : .bad("it does not begin as a segment does")
        }
        guard memory.prefix(magic.count).elementsEqual(magic) else {
            return .bad("it does not begin as a segment does")
        }
        guard
            Checksum(of: UnsafeRawBufferPointer(rebasing: memory[..<12])).value
                == memory.littleEndian(at: 12, as: UInt32.self)
        else {
            return .bad("its header is damaged")
        }
        let found = memory.littleEndian(at: 8, as: UInt16.self)
        guard found == version else {
            return .bad("its format has version \(found), this program reads \(version)")
        }
        guard let signal = Signal.allCases.first(where: { code(of: $0) == memory[10] }), memory[11] == 0
        else {
            return .bad("it holds a signal that this program does not know")
        }
        return .good(signal)
    }

    private static func isPrefix(_ memory: UnsafeRawBufferPointer, of header: Bytes) -> Bool {
        header.withUnsafeBytes { $0.prefix(memory.count).elementsEqual(memory) }
    }

    private static func code(of signal: Signal) -> UInt8 {
        switch signal {
        case .traces: 1
        case .metrics: 2
        case .logs: 3
        case .profiles: 4
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The integer at byte `offset`, which is inside, the lowest byte first.
    func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type)
        -> Value
    {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
