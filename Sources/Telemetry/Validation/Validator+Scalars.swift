internal import Wire

extension Validator {
    /// Reads a length and checks that so much is left; returns where the value ends.
    @inline(__always)
    mutating func length(_ position: inout Int, _ end: Int, _ message: UInt8, _ number: Int) -> Int? {
        let start = position
        guard position < end else { return truncated(start, message, number) }
        var size = UInt64(base[position])
        position &+= 1
        if size >= 0x80 {
            position = start
            guard let long = varint(&position, end, message, number) else { return nil }
            size = long
        }
        guard size <= UInt64(end &- position) else { return truncated(start, message, number) }
        return position &+ Int(size)
    }

    /// Reads a varint of any length.
    @inline(__always)
    mutating func varint(_ position: inout Int, _ end: Int, _ message: UInt8, _ number: Int) -> UInt64? {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = base[position]
            position &+= 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                if shift == 63, byte > 1 { break }
                return value
            }
            shift &+= 7
            if shift > 63 { break }
        }
        _ = fail(shift > 56 ? .varintTooLong : .truncated, start, message, number)
        return nil
    }

    /// Checks a field that is not length-delimited, or not known; returns where the next field begins.
    @inline(__always)
    mutating func scalar(
        _ kind: UInt8, _ wire: UInt8, _ start: Int, _ end: Int, _ message: UInt8, _ number: Int
    ) -> Int? {
        var position = start
        switch (FieldShape.Check(rawValue: kind), wire) {
        case (.varint, 0), (.varints, 0), (.unknown, 0):
            if position < end, base[position] < 0x80 { return position &+ 1 }
            return varint(&position, end, message, number) == nil ? nil : position
        case (.fixed64, 1), (.fixed64s, 1), (.unknown, 1):
            return end &- start >= 8 ? start &+ 8 : truncated(start, message, number)
        case (.fixed32, 5), (.unknown, 5):
            return end &- start >= 4 ? start &+ 4 : truncated(start, message, number)
        case (.unknown, 2):
            return length(&position, end, message, number)
        case (.unknown, 3):
            return group(start, end, message, number)
        default:
            let reason: ValidationFault.Reason =
                wire == 4 ? .invalidGroup : wire > 5 ? .invalidTag : .wireType
            _ = fail(reason, start, message, number)
            return nil
        }
    }

    /// Steps over a group, which only unknown fields can be.
    private mutating func group(_ start: Int, _ end: Int, _ message: UInt8, _ number: Int) -> Int? {
        var cursor = Cursor(start..<end)
        let bytes = UnsafeRawBufferPointer(start: base, count: root).bytes
        do throws(WireError) {
            try cursor.skip(Tag(number, .startGroup), bytes)
            return cursor.position
        } catch {
            _ = fail(.invalidGroup, error.offset, message, number)
            return nil
        }
    }

    mutating func packedVarints(_ start: Int, _ end: Int, _ message: UInt8, _ number: Int) -> Bool {
        var position = start
        while position < end {
            guard varint(&position, end, message, number) != nil else { return false }
        }
        return true
    }

    /// Checks UTF-8.
    @inline(__always)
    mutating func text(_ start: Int, _ end: Int, _ message: UInt8, _ number: Int) -> Bool {
        isASCII(start, end) || longText(start, end, message, number)
    }

    @inline(never)
    private mutating func longText(_ start: Int, _ end: Int, _ message: UInt8, _ number: Int) -> Bool {
        let memory = UnsafeRawBufferPointer(start: base + start, count: end - start)
        guard let index = UTF8Check.firstInvalid(memory) else { return true }
        return fail(.notUTF8, start + index, message, number)
    }

    /// Whether every byte is below 0x80, sixteen bytes at a time.
    ///
    /// The last sixteen are read so that they end with the text, also when some of them have been looked at.
    /// Of a short text the last word begins before it, which is inside of the buffer once eight bytes of that
    /// have passed.
    @inline(__always)
    func isASCII(_ start: Int, _ end: Int) -> Bool {
        let high: UInt64 = 0x8080_8080_8080_8080
        let memory = UnsafeRawPointer(base)
        var position = start
        if end &- position >= 16 {
            var bytes = SIMD2<UInt64>(repeating: 0)
            while end &- position >= 16 {
                bytes |= memory.loadUnaligned(fromByteOffset: position, as: SIMD2<UInt64>.self)
                position &+= 16
            }
            bytes |= memory.loadUnaligned(fromByteOffset: end &- 16, as: SIMD2<UInt64>.self)
            return (bytes[0] | bytes[1]) & high == 0
        }
        if end &- position >= 8 {
            if memory.loadUnaligned(fromByteOffset: position, as: UInt64.self) & high != 0 { return false }
            position &+= 8
        }
        let rest = end &- position
        if rest == 0 { return true }
        if end >= 8 {
            let word = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self))
            return word &>> UInt64((8 &- rest) &* 8) & high == 0
        }
        while position < end {
            if base[position] >= 0x80 { return false }
            position &+= 1
        }
        return true
    }

    @inline(never)
    private mutating func truncated(_ start: Int, _ message: UInt8, _ number: Int) -> Int? {
        _ = fail(.truncated, start, message, number)
        return nil
    }
}
