internal import Wire

/// Steps from field to field of a validated message: the hot loop of splitting and rewriting.
///
/// It reads through a pointer that its user keeps alive, and still checks every bound: a message that is not
/// what validation promised ends early and is never read past.
struct FieldWalker {
    let base: UnsafePointer<UInt8>
    /// Where the next field begins.
    private(set) var position: Int
    let end: Int

    /// Number of the field that was read last.
    private(set) var number = 0
    /// Its wire type.
    private(set) var wire: UInt8 = 0
    /// Where it begins: its tag.
    private(set) var start = 0
    /// Where its value begins; the value ends at `position`.
    private(set) var valueStart = 0

    init(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
        self.base = base
        position = start
        self.end = end
    }

    /// Where the value is.
    var value: Range<Int> { valueStart..<position }

    /// Whether the field is a string, bytes or a message.
    var isLengthDelimited: Bool { wire == 2 }

    /// Moves on to the next field; `false` at the end of the message.
    @inline(__always)
    mutating func next() -> Bool {
        guard position < end else { return false }
        start = position
        let tag = varint()
        number = Int(truncatingIfNeeded: tag &>> 3)
        wire = UInt8(truncatingIfNeeded: tag & 7)
        valueStart = position
        switch wire {
        case 0: _ = varint()
        case 1: position &+= 8
        case 5: position &+= 4
        case 2:
            let length = varint()
            valueStart = position
            guard length <= UInt64(truncatingIfNeeded: max(end &- position, 0)) else { return stop() }
            position &+= Int(truncatingIfNeeded: length)
        default: position = afterGroup()
        }
        return position <= end ? true : stop()
    }

    @inline(__always)
    private mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = base[position]
            position &+= 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        position = end &+ 1
        return 0
    }

    private mutating func stop() -> Bool {
        position = end
        return false
    }

    /// Where a group that begins here ends.
    private func afterGroup() -> Int {
        guard wire == 3 else { return end + 1 }
        var cursor = Cursor(position..<end)
        let bytes = UnsafeRawBufferPointer(start: base, count: end).bytes
        do throws(WireError) {
            try cursor.skip(Tag(number, .startGroup), bytes)
            return cursor.position
        } catch {
            return end + 1
        }
    }
}
