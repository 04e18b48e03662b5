internal import Glibc
internal import Wire

/// An IPv4 or IPv6 address as bytes, and ranges of such addresses.
struct NetworkAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    let bytes: [UInt8]

    /// Reads an address as it is written; IPv4 inside IPv6 (`::ffff:1.2.3.4`) is IPv4.
    ///
    /// All the ways of writing IPv4 that the resolver of the system understands are read, such as
    /// `2852039166` and `0xa9.254.1`: a rule must mean the address, not its spelling.
    init?(_ text: String) {
        let bare = text.split(separator: "%", maxSplits: 1).first.map(String.init) ?? text
        var six = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, bare, &six) == 1 {
            let isMapped = six[..<10].allSatisfy { $0 == 0 } && six[10] == 0xFF && six[11] == 0xFF
            bytes = isMapped ? Array(six[12...]) : six
            return
        }
        guard let four = Self.fourBytes(bare) else { return nil }
        bytes = four
    }

    /// One to four numbers, decimal, octal or hexadecimal; the last one fills the bytes that remain.
    private static func fourBytes(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var numbers: [UInt32] = []
        for part in parts {
            guard let number = number(part) else { return nil }
            numbers.append(number)
        }
        guard let last = numbers.popLast(), numbers.allSatisfy({ $0 < 256 }) else { return nil }
        let rest = 4 - numbers.count
        guard rest == 4 || last < 1 << (8 * UInt32(rest)) else { return nil }
        let tail = (0..<rest).map { UInt8(truncatingIfNeeded: last >> UInt32(8 * (rest - 1 - $0))) }
        return numbers.map { UInt8($0) } + tail
    }

    private static func number(_ text: Substring) -> UInt32? {
        guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
        if text.lowercased().hasPrefix("0x") {
            return Hexadecimal.integer(of: text.utf8.dropFirst(2)).flatMap { UInt32(exactly: $0) }
        }
        // A sign after the first digit is none, though `init(_:radix:)` takes one.
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return first == 48 ? UInt32(text, radix: 8) : UInt32(text)
    }

    /// Reaches only what is on the same link: where clouds keep the credentials of a machine, among others.
    var isLinkLocal: Bool {
        if bytes.count == 4 { return bytes[0] == 169 && bytes[1] == 254 }
        return bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    /// Reaches this machine.
    var isLoopback: Bool {
        if bytes.count == 4 { return bytes[0] == 127 || bytes.allSatisfy { $0 == 0 } }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] <= 1
    }
}

/// A range of addresses, such as `10.0.0.0/8`.
struct AddressRange: Sendable, Hashable {
    let base: NetworkAddress
    let prefix: Int

    /// Reads `address` or `address/bits`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let base = NetworkAddress(String(first)) else { return nil }
        let bits = base.bytes.count * 8
        guard let prefix = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(prefix) else {
            return nil
        }
        self.base = base
        self.prefix = prefix
    }

    func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for (index, pair) in zip(address.bytes, base.bytes).enumerated() {
            let bits = min(max(prefix - index * 8, 0), 8)
            let mask = bits == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - bits))
            if pair.0 & mask != pair.1 & mask { return false }
        }
        return true
    }
}
