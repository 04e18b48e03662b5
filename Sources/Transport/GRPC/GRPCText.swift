internal import Wire

/// How statuses are written into HTTP fields.
enum GRPCText {
    private static let hexDigits = Array("0123456789ABCDEF".utf8)
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// The most bytes of a message that go into a field before escaping: header lists are bounded everywhere.
    private static let maxMessageLength = 4096

    /// Escapes a message for `grpc-message`: everything but printable ASCII, and `%`, becomes `%XX`.
    static func percentEncoded(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8.prefix(maxMessageLength) {
            if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "%"))
                result.append(hexDigits[Int(byte >> 4)])
                result.append(hexDigits[Int(byte & 0xF)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The opposite.
    ///
    /// Escapes that are not valid stand for themselves, as the specification of gRPC asks for.
    static func percentDecoded(_ text: String) -> String {
        PercentDecoding.lenient(text)
    }

    /// Base64 without padding, for fields whose name ends in `-bin`.
    static func base64(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count * 4 + 2) / 3)
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            let first = UInt32(group[index]) << 16
            let second = group.count > 1 ? UInt32(group[index + 1]) << 8 : 0
            let third = group.count > 2 ? UInt32(group[index + 2]) : 0
            let value = first | second | third
            for position in 0...group.count {
                result.append(alphabet[Int(value >> UInt32(18 - 6 * position) & 0x3F)])
            }
            index += 3
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Reads base64 with or without padding; nil if it is neither.
    static func base64Decoded(_ text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        while digits.last == UInt8(ascii: "="), digits.count % 4 == 0 || digits.count % 4 == 3 {
            digits.removeLast()
        }
        guard digits.count % 4 != 1 else { return nil }
        var result: [UInt8] = []
        var (pending, bits): (UInt32, UInt32) = (0, 0)
        for digit in digits {
            guard let value = base64Value(digit) else { return nil }
            pending = (pending << 6 | value) & 0xFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            result.append(UInt8(truncatingIfNeeded: pending >> bits))
        }
        return result
    }
    private static func base64Value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case 0x41...0x5A: UInt32(digit - 0x41)
        case 0x61...0x7A: UInt32(digit - 0x61) + 26
        case 0x30...0x39: UInt32(digit - 0x30) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
