public import Wire

extension Bytes {
    /// The bytes as lower-case hexadecimal text.
    public var hexadecimal: Bytes {
        var builder = BytesBuilder(capacity: count * 2)
        withUnsafeBytes { memory in
            for byte in memory {
                builder.append(Hexadecimal.digit(byte >> 4))
                builder.append(Hexadecimal.digit(byte & 15))
            }
        }
        return builder.finish()
    }

    /// The bytes that hexadecimal text of either case stands for; `nil` when it is not such text.
    public init?(hexadecimal text: Bytes) {
        guard text.count % 2 == 0 else { return nil }
        var builder = BytesBuilder(capacity: text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let byte = Hexadecimal.byte(text[index], text[index + 1]) else { return nil }
            builder.append(byte)
        }
        self = builder.finish()
    }
}
