internal import Wire

/// Reads what is kept beside a batch: numbers of 32 bits, and texts with their lengths in front.
struct TextReader {
    private let bytes: Bytes
    private var position = 0

    init(_ bytes: Bytes) { self.bytes = bytes }

    /// The next number; `nil` when the bytes end before it does.
    mutating func number() -> Int? {
        guard bytes.count - position >= 4 else { return nil }
        defer { position += 4 }
        return bytes.withUnsafeBytes { Int($0.littleEndian(at: position, as: UInt32.self)) }
    }

    /// The next text; `nil` when the bytes end before it does.
    mutating func text() -> String? {
        guard let length = number(), bytes.count - position >= length else { return nil }
        defer { position += length }
        return bytes[position..<position + length].string
    }
}

extension BytesBuilder {
    /// Appends a text with its length in front.
    mutating func append(counted text: String) {
        append(littleEndian: UInt32(text.utf8.count))
        append(utf8: text)
    }
}
