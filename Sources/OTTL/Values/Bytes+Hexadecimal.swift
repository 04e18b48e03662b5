public import Wire

extension Bytes {
    /// The bytes as lower-case hexadecimal text.
    public var hexadecimal: Bytes {
        let digits = Array("0123456789abcdef".utf8)
        var builder = BytesBuilder(capacity: count * 2)
        withUnsafeBytes { memory in
            for byte in memory {
                builder.append(digits[Int(byte >> 4)])
                builder.append(digits[Int(byte & 15)])
            }
        }
        return builder.finish()
    }

    /// The bytes that hexadecimal text of either case stands for; `nil` when it is not such text.
    public init?(hexadecimal text: Bytes) {
        guard text.count % 2 == 0 else { return nil }
        var builder = BytesBuilder(capacity: text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = Self.digit(text[index]), let low = Self.digit(text[index + 1]) else {
                return nil
            }
            builder.append(high << 4 | low)
        }
        self = builder.finish()
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
