internal import Glibc

/// A time zone of the IANA database, read from its compiled form (RFC 8536).
struct ZoneFile: Sendable, Hashable {
    /// Where distributions keep the zones.
    static let directory = "/usr/share/zoneinfo"
    /// The most bytes that a zone may have.
    private static let maximumSize = 1 << 20

    /// When another offset begins to hold, in seconds since 1970, in order.
    private let transitions: [Int64]
    /// The offsets of the transitions, in seconds east of Greenwich.
    private let offsets: [Int]
    /// The offset before the first transition.
    private let first: Int
    /// The rule after the last one.
    private let rule: TimeZoneRule?

    /// Greenwich.
    static let utc = ZoneFile(transitions: [], offsets: [], first: 0, rule: nil)

    private init(transitions: [Int64], offsets: [Int], first: Int, rule: TimeZoneRule?) {
        self.transitions = transitions
        self.offsets = offsets
        self.first = first
        self.rule = rule
    }

    /// The zone of a name such as `Europe/Berlin`; `nil` when this machine does not have it.
    init?(named name: String, in directory: String = ZoneFile.directory) {
        if name == "UTC" {
            self = .utc
            return
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { Self.isNameByte($0) }
        }
        guard isName, name.utf8.count <= 64, let bytes = Self.content(of: "\(directory)/\(name)") else {
            return nil
        }
        self.init(bytes)
    }

    /// Reads the bytes of a zone file; `nil` when they are none.
    init?(_ bytes: [UInt8]) {
        var reader = ZoneReader(bytes: bytes)
        guard let header = reader.header() else { return nil }
        // The first block has 32-bit times, for readers of long ago.
        guard header.version >= 2 else { return nil }
        reader.skip(header.size(ofTimes: 4))
        guard let header = reader.header(), header.typeCount > 0,
            let times = reader.numbers(header.timeCount, bytes: 8),
            let indices = reader.numbers(header.timeCount, bytes: 1)
        else { return nil }
        var types: [Int] = []
        for _ in 0..<header.typeCount {
            guard let offset = reader.number(bytes: 4) else { return nil }
            reader.skip(2)
            types.append(Int(Int32(truncatingIfNeeded: offset)))
        }
        reader.skip(
            header.characterCount + header.leapCount * 12 + header.standardCount + header.universalCount)
        guard let footer = reader.footer(), indices.allSatisfy({ types.indices.contains(Int($0)) }) else {
            return nil
        }
        self.init(
            transitions: times, offsets: indices.map { types[Int($0)] }, first: types[0],
            rule: TimeZoneRule(footer))
    }

    /// Seconds east of Greenwich at a moment, in seconds since 1970.
    func offset(at moment: Int64) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: moment) ?? first }
        if moment >= last, let rule { return rule.offset(at: moment) }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[low - 1]
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"):
            true
        default: false
        }
    }

    private static func content(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "rbe") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumSize)
        let count = fread(&bytes, 1, maximumSize, file)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }
}

/// Reads numbers of a zone file, the high byte first.
private struct ZoneReader {
    struct Header {
        let version: Int
        let universalCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let characterCount: Int

        func size(ofTimes bytes: Int) -> Int {
            timeCount * (bytes + 1) + typeCount * 6 + characterCount + leapCount * (bytes + 4) + standardCount
                + universalCount
        }
    }

    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) { place += count }

    mutating func header() -> Header? {
        guard place + 44 <= bytes.count, bytes[place..<place + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        let version = Int(bytes[place + 4]) - 48
        place += 20
        guard let counts = numbers(6, bytes: 4)?.map({ Int($0) }), counts.allSatisfy({ $0 <= bytes.count })
        else { return nil }
        return Header(
            version: version, universalCount: counts[0], standardCount: counts[1], leapCount: counts[2],
            timeCount: counts[3], typeCount: counts[4], characterCount: counts[5])
    }

    mutating func number(bytes count: Int) -> Int64? {
        guard place >= 0, place + count <= bytes.count else { return nil }
        defer { place += count }
        let value = bytes[place..<place + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: value)
    }

    mutating func numbers(_ count: Int, bytes size: Int) -> [Int64]? {
        guard count >= 0, place + count * size <= bytes.count else { return nil }
        var result: [Int64] = []
        for _ in 0..<count {
            guard let number = number(bytes: size) else { return nil }
            result.append(number)
        }
        return result
    }

    /// The text between the last two line feeds.
    mutating func footer() -> String? {
        guard place < bytes.count, bytes[place] == 10,
            let end = bytes[(place + 1)...].firstIndex(of: 10)
        else { return nil }
        return String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
    }
}
