/// A text that is looked for in others, whatever the case of letters of ASCII.
///
/// Eight bytes are looked at in one go: the rest is compared only where the first and the last are right.
struct TextNeedle: Sendable {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// In small letters.
    let bytes: [UInt8]
    private let first: Pattern
    private let last: Pattern

    /// A byte, eight times.
    private struct Pattern {
        let value: UInt64
        /// Makes capital letters small, where it is about a letter.
        let fold: UInt64

        init(_ byte: UInt8) {
            value = UInt64(byte) &* TextNeedle.ones
            fold = TextNeedle.isLetter(byte) ? 0x20 &* TextNeedle.ones : 0
        }

        /// Zero in each byte that is right.
        func differences(_ word: UInt64) -> UInt64 { (word | fold) ^ value }
    }

    init(_ text: String) {
        bytes = text.utf8.map(Self.small)
        first = Pattern(bytes.first ?? 0)
        last = Pattern(bytes.last ?? 0)
    }

    /// Whether it is in every text.
    var isEmpty: Bool { bytes.isEmpty }

    func isIn(_ text: String) -> Bool { first(in: Array(text.utf8), from: 0) != nil }

    /// Where it is in a text first, from a place on.
    func first(in text: [UInt8], from start: Int) -> Int? {
        guard !bytes.isEmpty else { return start }
        return text.withUnsafeBytes { text in
            let end = text.count - bytes.count
            var place = start
            while place + bytes.count + 7 <= text.count {
                let differences =
                    first.differences(text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                    | last.differences(
                        text.loadUnaligned(fromByteOffset: place + bytes.count - 1, as: UInt64.self))
                // The highest bit of each byte that is zero; perhaps of some behind one.
                var hits = (differences &- Self.ones) & ~differences & (0x80 &* Self.ones)
                while hits != 0 {
                    let candidate = place + hits.trailingZeroBitCount / 8
                    if isAt(candidate, in: text) { return candidate }
                    hits &= hits - 1
                }
                place += 8
            }
            while place <= end {
                if isAt(place, in: text) { return place }
                place += 1
            }
            return nil
        }
    }

    private func isAt(_ place: Int, in text: UnsafeRawBufferPointer) -> Bool {
        for index in bytes.indices where Self.small(text[place + index]) != bytes[index] { return false }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func small(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }
}
