/// Percent-encoding (RFC 3986 section 2.1), read back.
public enum PercentDecoding {
    /// The text that is meant, in which escapes that are none stand for themselves and what is not UTF-8 is
    /// replaced by U+FFFD.
    ///
    /// In a form (WHATWG URL, section 5) `plusIsSpace`.
    public static func lenient(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == percent, rest.count >= 2,
                let escaped = Hexadecimal.byte(rest[rest.startIndex], rest[rest.startIndex + 1])
            {
                bytes.append(escaped)
                rest.removeFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that are meant; `nil` when an escape is none.
    public static func strict(_ text: some StringProtocol, plusIsSpace: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == percent else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let escaped = Hexadecimal.byte(high, low)
            else { return nil }
            bytes.append(escaped)
        }
        return bytes
    }

    private static let percent = UInt8(ascii: "%")
}
