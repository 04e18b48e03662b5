/// Bytes as text, two lower-case digits each.
public enum Hexadecimal {
    private static let all = Array("0123456789abcdef".utf8)

    /// The digits of some bytes.
    public static func text(of bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { digits($0) }, as: UTF8.self)
    }

    /// The digits of an integer, 16 of them.
    public static func text(of integer: UInt64) -> String {
        text(of: (0..<8).map { UInt8(truncatingIfNeeded: integer >> (56 - 8 * $0)) })
    }

    /// The two digits of a byte, in ASCII.
    public static func digits(_ byte: UInt8) -> [UInt8] { [all[Int(byte >> 4)], all[Int(byte & 15)]] }

    /// The bytes of some digits in any case; `nil` unless there are pairs of digits only.
    public static func bytes(of text: String) -> [UInt8]? {
        let values = text.utf8.map { value(of: $0) }
        guard values.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count / 2)
        for index in stride(from: 0, to: values.count, by: 2) {
            guard let high = values[index], let low = values[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The value of a digit in any case; `nil` when it is none.
    public static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
