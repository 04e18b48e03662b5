internal import Crypto
internal import Telemetry

/// What the action `hash` makes of a value.
enum AttributeHash {
    /// The SHA-256 of a value in hexadecimal; empty for an empty text and for other types than the following.
    ///
    /// It is that of the UTF-8 of a text, of the eight bytes of a number (the lowest first), of the byte 1
    /// or 0 of a boolean.
    static func text(of value: LentValue) -> String {
        switch value.number {
        case 1: value.string.map { $0.isEmpty ? "" : hexadecimal($0) } ?? ""
        case 2: withUnsafeBytes(of: UInt8(value.bits == 0 ? 0 : 1)) { hexadecimal($0) }
        case 3, 4: withUnsafeBytes(of: value.bits.littleEndian) { hexadecimal($0) }
        default: ""
        }
    }

    private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return Hexadecimal.text(hash.finalize())
    }
}

/// Bytes as text.
enum Hexadecimal {
    /// Two lower-case digits for each byte.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
