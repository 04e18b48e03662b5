/// Text as JSON has it (RFC 8259, section 7).
public enum JSONText {
    /// The text in quotes, with escapes for what cannot stand there as it is.
    ///
    /// With `forWeb` what means something in HTML or JavaScript is escaped too, as Go's encoder does.
    public static func quoted(_ text: String, forWeb: Bool = false) -> String {
        var builder = BytesBuilder(capacity: text.utf8.count + 16)
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), forWeb: forWeb, to: &builder) }
        return builder.finish().string
    }

    /// Appends the text in quotes, with the same escapes as `quoted`.
    public static func write(_ text: String, forWeb: Bool = false, to builder: inout BytesBuilder) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), forWeb: forWeb, to: &builder) }
    }

    /// Appends UTF-8 in quotes, with the same escapes as `quoted`.
    public static func write(_ text: Bytes, forWeb: Bool = false, to builder: inout BytesBuilder) {
        text.withUnsafeBytes { write($0, forWeb: forWeb, to: &builder) }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, forWeb: Bool, to builder: inout BytesBuilder
    ) {
        builder.append(UInt8(ascii: "\""))
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                builder.append(UInt8(ascii: "\\"))
                builder.append(byte)
            case 0x0A: builder.append(utf8: "\\n")
            case 0x0D: builder.append(utf8: "\\r")
            case 0x09: builder.append(utf8: "\\t")
            case 0x08 where forWeb: builder.append(utf8: "\\b")
            case 0x0C where forWeb: builder.append(utf8: "\\f")
            case 0..<0x20: escape(byte, &builder)
            case UInt8(ascii: "<") where forWeb, UInt8(ascii: ">") where forWeb,
                UInt8(ascii: "&") where forWeb:
                escape(byte, &builder)
            case 0xE2 where forWeb && endsLine(bytes, index):
                builder.append(utf8: bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                index += 2
            default: builder.append(byte)
            }
            index += 1
        }
        builder.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, _ builder: inout BytesBuilder) {
        builder.append(utf8: "\\u00")
        builder.append(Hexadecimal.digit(byte >> 4))
        builder.append(Hexadecimal.digit(byte & 15))
    }

    /// Whether one of U+2028 and U+2029 begins here, which end lines in JavaScript.
    private static func endsLine(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Bool {
        index + 2 < bytes.count && bytes[index + 1] == 0x80 && bytes[index + 2] & ~1 == 0xA8
    }
}
