/// Names an agent for as long as it lives: 16 bytes, by recommendation a UUIDv7 (OpAMP, `instance_uid`).
public struct InstanceUID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `nil` unless there are exactly 16 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let halves = (bytes.prefix(8), bytes.dropFirst(8))
        high = halves.0.reduce(0) { $0 << 8 | UInt64($1) }
        low = halves.1.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads the text form of RFC 9562, such as `0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f`; `nil` for another.
    public init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12],
            groups.allSatisfy({ $0.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit } }),
            let high = UInt64(groups[0] + groups[1] + groups[2], radix: 16),
            let low = UInt64(groups[3] + groups[4], radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// A new one (RFC 9562 section 5.7).
    ///
    /// - Parameters:
    ///   - unixMilliseconds: The time, of which 48 bits count.
    ///   - random: Two random numbers, of which 74 bits count.
    /// - Returns: An id that sorts by the time.
    public static func version7(unixMilliseconds: UInt64, random: (UInt64, UInt64)) -> InstanceUID {
        InstanceUID(
            high: unixMilliseconds << 16 | 0x7000 | random.0 & 0x0FFF,
            low: 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// The 16 bytes of the wire.
    public var bytes: [UInt8] {
        [high, low].flatMap { half in stride(from: 56, through: 0, by: -8).map { UInt8(half >> $0 & 0xFF) } }
    }

    /// The text form of RFC 9562, in lower case.
    public var description: String {
        let digits = Self.hexadecimal(high) + Self.hexadecimal(low)
        var rest = digits[...]
        return [8, 4, 4, 4, 12].map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func hexadecimal(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
