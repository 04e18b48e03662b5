/// What a file of the system's time zone database says (RFC 8536, versions 2 to 4).
struct ZoneFile: Sendable {
    private struct Kind {
        let offset: Int
        let abbreviation: String
    }

    /// Moments at which another kind of time begins, ascending, in seconds since 1970.
    private let transitions: [Int64]
    private let kindIndices: [UInt8]
    private let kinds: [Kind]
    /// The rule for everything after the last transition.
    private let tail: ZoneRule?

    /// Reads a file; `nil` when it is none.
    init?(_ bytes: [UInt8]) {
        guard let first = Header(bytes, at: 0), first.version >= UInt8(ascii: "2") else { return nil }
        // The first half has times of 32 bits, for programs of the past.
        let second = Header.size + first.length(timeSize: 4)
        guard let header = Header(bytes, at: second) else { return nil }
        let start = second + Header.size
        let footer = start + header.length(timeSize: 8)
        guard bytes.count >= footer, header.kinds > 0 else { return nil }
        transitions = (0..<header.transitions).map {
            Int64(bitPattern: Self.integer(bytes, start + $0 * 8, 8))
        }
        let indices = start + header.transitions * 8
        kindIndices = Array(bytes[indices..<indices + header.transitions])
        let kindStart = indices + header.transitions
        let names = kindStart + header.kinds * 6
        kinds = (0..<header.kinds).map { index in
            let at = kindStart + index * 6
            let offset = Int(Int32(truncatingIfNeeded: Self.integer(bytes, at, 4)))
            let name = bytes[min(names + Int(bytes[at + 5]), footer)..<footer].prefix { $0 != 0 }
            return Kind(offset: offset, abbreviation: String(decoding: name, as: UTF8.self))
        }
        guard kindIndices.allSatisfy({ Int($0) < header.kinds }) else { return nil }
        let text = bytes[footer...].dropFirst().prefix { $0 != 0x0A }
        tail = ZoneRule(String(decoding: text, as: UTF8.self))
    }

    /// Seconds ahead of UTC, and the abbreviation, at a moment.
    func rule(at seconds: Int64) -> (offset: Int, abbreviation: String) {
        guard let last = transitions.last, seconds < last else {
            if let tail { return tail.rule(at: seconds) }
            return kind(kindIndices.last.map(Int.init) ?? 0)
        }
        // The first transition after the moment.
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return kind(low == 0 ? 0 : Int(kindIndices[low - 1]))
    }

    private func kind(_ index: Int) -> (offset: Int, abbreviation: String) {
        (kinds[index].offset, kinds[index].abbreviation)
    }

    /// An integer with its highest byte first.
    private static func integer(_ bytes: [UInt8], _ start: Int, _ size: Int) -> UInt64 {
        bytes[start..<start + size].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private struct Header {
        static let size = 44
        let version: UInt8
        let utcIndicators, standardIndicators, leaps, transitions, kinds, characters: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard bytes.count >= start + Self.size, bytes[start...].starts(with: Array("TZif".utf8)) else {
                return nil
            }
            version = bytes[start + 4]
            let counts = (0..<6).map { Int(ZoneFile.integer(bytes, start + 20 + $0 * 4, 4)) }
            // No file comes near to this; sums of counts cannot overflow then.
            guard counts.allSatisfy({ $0 < 1 << 20 }) else { return nil }
            (utcIndicators, standardIndicators, leaps) = (counts[0], counts[1], counts[2])
            (transitions, kinds, characters) = (counts[3], counts[4], counts[5])
        }

        func length(timeSize: Int) -> Int {
            transitions * (timeSize + 1) + kinds * 6 + characters + leaps * (timeSize + 4)
                + standardIndicators
                + utcIndicators
        }
    }
}
