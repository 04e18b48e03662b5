/// An IPv4 or IPv6 address: its text (RFC 4291, RFC 5952) and its octets.
struct InternetAddress: Equatable, CustomStringConvertible {
    /// 4 or 16 octets.
    let octets: [UInt8]

    /// Takes 4 or 16 octets; an IPv4 address that is mapped into IPv6 is an IPv4 address.
    init(octets: [UInt8]) {
        let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.octets = octets.count == 16 && octets.starts(with: prefix) ? Array(octets[12...]) : octets
    }

    /// Reads the text of an address; `nil` when it is none.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard let octets = Self.version6(bytes) else { return nil }
            self.init(octets: octets)
        } else {
            guard let octets = Self.version4(bytes[...]) else { return nil }
            self.init(octets: octets)
        }
    }

    /// Whether it is an IPv6 address.
    var isVersion6: Bool { octets.count == 16 }

    var description: String {
        guard isVersion6 else { return octets.map { String($0) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(octets[2 * $0]) << 8 | UInt16(octets[2 * $0 + 1]) }
        let digits = groups.map { String($0, radix: 16) }
        guard let zeros = Self.longestZeros(groups) else { return digits.joined(separator: ":") }
        let (head, tail) = (digits[..<zeros.lowerBound], digits[zeros.upperBound...])
        return "\(head.joined(separator: ":"))::\(tail.joined(separator: ":"))"
    }

    /// The first of the longest runs of two zeros or more.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
        var (longest, start): (Range<Int>, Int) = (0..<1, 0)
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        return longest.count > 1 ? longest : nil
    }

    private static func version4(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            let isDecimal = part.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            guard isDecimal, (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            octets.append(octet)
        }
        return octets
    }

    private static func version6(_ bytes: [UInt8]) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        let gap = zip(bytes, bytes.dropFirst()).enumerated().first { $1.0 == colon && $1.1 == colon }?.offset
        guard let gap else {
            let octets = groups(bytes[...])
            return octets?.count == 16 ? octets : nil
        }
        guard let head = groups(bytes[..<gap]), let tail = groups(bytes[(gap + 2)...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The octets of groups without a gap; the last one may be an IPv4 address.
    private static func groups(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard !bytes.isEmpty else { return [] }
        var octets: [UInt8] = []
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let last = version4(part) else { return nil }
                octets += last
                continue
            }
            guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"),
                part.first != UInt8(ascii: "-"),
                let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
            else { return nil }
            octets += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return octets.count <= 16 ? octets : nil
    }
}
