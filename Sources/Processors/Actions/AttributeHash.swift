internal import Crypto
internal import Telemetry
internal import Wire

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
        return Hexadecimal.text(of: hash.finalize())
    }
}
