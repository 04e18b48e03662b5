/// Validation of UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF).
public enum UTF8Check {
    /// Index of the first byte that is not part of valid UTF-8, or `nil` when all of it is valid.
    ///
    /// Runs of ASCII are checked eight bytes at a time.
    public static func firstInvalid(_ memory: UnsafeRawBufferPointer) -> Int? {
        guard let base = memory.baseAddress else { return nil }
        var index = 0
        let end = memory.count
        while index < end {
            if end - index >= 8 {
                let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
            }
            if base.load(fromByteOffset: index, as: UInt8.self) < 0x80 {
                index += 1
                continue
            }
            let length = sequenceLength(base + index, available: end - index)
            guard length > 0 else { return index }
            index += length
        }
        return nil
    }

    /// Length of the sequence that begins with a byte of 0x80 or more; 0 when it is not valid.
    private static func sequenceLength(_ start: UnsafeRawPointer, available: Int) -> Int {
        let lead = start.load(as: UInt8.self)
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard available >= length else { return 0 }
        guard second.contains(start.load(fromByteOffset: 1, as: UInt8.self)) else { return 0 }
        for index in 2..<max(length, 2) {
            guard start.load(fromByteOffset: index, as: UInt8.self) & 0xC0 == 0x80 else { return 0 }
        }
        return length
    }
}
