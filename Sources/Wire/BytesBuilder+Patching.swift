// What the writer needs beyond appending: it goes back to fill in lengths.
extension BytesBuilder {
    /// Forgets everything after the first `count` bytes and keeps the memory.
    @inlinable
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= written, "truncating to more than was written")
        written = count
    }

    /// Appends the bytes of an integer, the lowest first.
    @inlinable
    public mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size)
        memory.storeBytes(of: value.littleEndian, toByteOffset: written, as: Value.self)
        written += size
    }

    /// Appends `number` zero bytes, at most ten.
    @inlinable
    mutating func appendZeros(_ number: Int) {
        reserve(16)
        memory.storeBytes(of: 0, toByteOffset: written, as: UInt64.self)
        memory.storeBytes(of: 0, toByteOffset: written + 8, as: UInt64.self)
        written += number
    }

    /// Appends a varint where ten bytes have been reserved.
    @inlinable
    mutating func appendVarintUnchecked(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            memory.storeBytes(
                of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: written, as: UInt8.self)
            written += 1
            rest >>= 7
        }
        memory.storeBytes(of: UInt8(rest), toByteOffset: written, as: UInt8.self)
        written += 1
    }

    /// Moves everything from index `source` on so that it begins at index `target`, and ends accordingly.
    @usableFromInline
    mutating func move(from source: Int, to target: Int) {
        precondition(source >= 0 && source <= written && target >= 0, "moving outside of what was written")
        let length = written - source
        if target > source { reserve(target - source) }
        (memory + target).copyMemory(from: memory + source, byteCount: length)
        written = target + length
    }

    /// Writes a varint over bytes that were appended before.
    @inlinable
    mutating func patchVarint(_ value: UInt64, at index: Int) {
        var (rest, index) = (value, index)
        while rest >= 0x80 {
            precondition(index < written, "patching outside of what was written")
            memory.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: index, as: UInt8.self)
            index += 1
            rest >>= 7
        }
        precondition(index < written, "patching outside of what was written")
        memory.storeBytes(of: UInt8(rest), toByteOffset: index, as: UInt8.self)
    }
}
