/// Base64 in four variants (RFC 4648, sections 4 and 5).
public struct Base64Variant: Sendable {
    private let alphabet: [UInt8]
    private let isPadded: Bool

    private init(url: Bool, padded: Bool) {
        let end = url ? "-_" : "+/"
        alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(end)".utf8)
        isPadded = padded
    }

    /// With padding, the alphabet of section 4.
    public static let standard = Base64Variant(url: false, padded: true)

    /// The names of the variants.
    public static let names = ["base64", "base64-raw", "base64-url", "base64-raw-url"]

    /// The variant of a name; `nil` when there is none.
    public init?(name: String) {
        switch name {
        case "base64": self = .standard
        case "base64-raw": self.init(url: false, padded: false)
        case "base64-url": self.init(url: true, padded: true)
        case "base64-raw-url": self.init(url: true, padded: false)
        default: return nil
        }
    }

    /// The digits that stand for some bytes, in ASCII.
    public func encode(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for index in 0...group.count {
                result.append(alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63])
            }
            if isPadded { result += Array(repeating: UInt8(ascii: "="), count: 3 - group.count) }
        }
        return result
    }

    /// The bytes that `text` stands for, line ends left out; `nil` when it is not in this variant.
    public func decode(_ text: Bytes) -> [UInt8]? {
        var digits = text.array.filter { $0 != 0x0A && $0 != 0x0D }
        if isPadded {
            guard digits.count.isMultiple(of: 4) else { return nil }
            let padding = digits.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
            digits.removeLast(padding)
        }
        guard digits.count % 4 != 1 else { return nil }
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        var result: [UInt8] = []
        result.reserveCapacity(digits.count * 3 / 4)
        var (bits, count) = (UInt32(0), 0)
        for digit in digits {
            let value = values[Int(digit)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return result
    }
}
