extension Validator {
    /// Checks a KeyValue: at once when it is laid out as every encoder does it and all ASCII, by the table
    /// otherwise.
    ///
    /// Predicted are a key and then a value that hold nothing else: a string, a boolean, an integer or a
    /// double. Attributes are most of all telemetry, and this is more than twice as fast as the table.
    @inline(__always)
    mutating func keyValue(_ start: Int, _ end: Int, depth: Int) -> Bool {
        // Another level of values would begin: the table decides whether that is too deep.
        if depth < Self.nestingLimit, isPredictedKeyValue(start, end) { return true }
        return walk(MessageKind.keyValue.rawValue, start, end, depth: depth)
    }

    /// Steps over KeyValues of the same field that come one after another and are predicted; returns where
    /// the first field begins that is not.
    @inline(__always)
    func endOfRun(of tag: UInt8, _ start: Int, _ end: Int, depth: Int) -> Int {
        var position = start
        guard depth < Self.nestingLimit, tag < 0x80 else { return position }
        while end &- position >= 2, base[position] == tag {
            let length = Int(base[position &+ 1])
            let stop = position &+ 2 &+ length
            guard length < 0x80, stop <= end, isPredictedKeyValue(position &+ 2, stop) else { break }
            position = stop
        }
        return position
    }

    @inline(__always)
    private func isPredictedKeyValue(_ start: Int, _ end: Int) -> Bool {
        guard end &- start >= 6, base[start] == 0x0A else { return false }
        let keyLength = Int(base[start &+ 1])
        let value = start &+ 2 &+ keyLength
        guard keyLength < 0x80, end &- value >= 4, base[value] == 0x12 else { return false }
        let valueLength = Int(base[value &+ 1])
        guard valueLength < 0x80, value &+ 2 &+ valueLength == end else { return false }
        switch base[value &+ 2] {
        case 0x0A:
            // Tags and lengths are below 0x80 themselves, so one check covers the key and the value.
            return value &+ 4 &+ Int(base[value &+ 3]) == end && isASCII(start, end)
        case 0x10:
            return valueLength == 2 && base[value &+ 3] < 0x80 && isASCII(start, value)
        case 0x18:
            return isVarint(value &+ 3, end) && isASCII(start, value)
        case 0x21:
            return valueLength == 9 && isASCII(start, value)
        default:
            return false
        }
    }

    /// Whether a varint of up to nine bytes is all there is.
    @inline(__always)
    private func isVarint(_ start: Int, _ end: Int) -> Bool {
        guard end &- start <= 9 else { return false }
        var position = start
        while position < end &- 1 {
            if base[position] < 0x80 { return false }
            position &+= 1
        }
        return base[position] < 0x80
    }
}
