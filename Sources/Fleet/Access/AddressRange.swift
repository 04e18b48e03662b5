internal import Glibc
internal import Pipeline

/// Addresses of a network, such as `10.0.0.0/8` or `fd00::/8`; a single address is a range of one.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads an address or a range in CIDR syntax; `nil` for another text.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        let bits = parts.count == 2 ? Int(parts[1]) : bytes.count * 8
        guard let bits, (0...bytes.count * 8).contains(bits) else { return nil }
        self.bytes = bytes
        self.bits = bits
        description = text
    }

    /// Whether an address, `ip` or `ip:port`, is in the range; addresses of IPv4 in IPv6 count as IPv4.
    public func contains(_ address: String) -> Bool {
        var host = FailedTries.host(of: address)
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard let other = Self.bytes(of: host), other.count == bytes.count else { return false }
        for bit in 0..<bits where (bytes[bit / 8] ^ other[bit / 8]) & (0x80 >> (bit % 8)) != 0 {
            return false
        }
        return true
    }

    /// 4 or 16 bytes.
    private static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
