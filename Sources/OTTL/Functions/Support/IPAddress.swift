internal import Glibc

/// An IP address: 4 or 16 bytes; an IPv4 address in IPv6 form is the IPv4 address.
struct IPAddress: Sendable {
    let bytes: [UInt8]

    /// Reads an address; `nil` when the text is none.
    init?(_ text: String) {
        guard text.utf8.count < 64 else { return nil }
        var (short, long) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &short) == 1 {
            bytes = withUnsafeBytes(of: short) { Array($0) }
        } else if inet_pton(AF_INET6, text, &long) == 1 {
            let all = withUnsafeBytes(of: long) { Array($0) }
            let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 255 && all[11] == 255
            bytes = isMapped ? Array(all[12...]) : all
        } else {
            return nil
        }
    }
}

/// A network: an address and how many of its bits count.
struct IPNetwork: Sendable {
    private let address: [UInt8]
    private let bits: Int

    /// Reads a network as in `10.0.0.0/8`; `nil` when the text is none.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let bits = Int(parts[1]),
            parts[1].utf8.allSatisfy({ 0x30...0x39 ~= $0 }), bits <= address.bytes.count * 8
        else { return nil }
        self.address = address.bytes
        self.bits = bits
    }

    /// Whether an address is in the network.
    func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.count else { return false }
        let (whole, rest) = bits.quotientAndRemainder(dividingBy: 8)
        guard other.bytes[..<whole] == address[..<whole] else { return false }
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return other.bytes[whole] & mask == address[whole] & mask
    }
}
