internal import Wire

/// Percent-encoding in paths and queries (RFC 3986 section 2.1).
public enum PercentCoding {
    /// The text that is meant; `nil` when an escape is incomplete or the result is not UTF-8, or has a
    /// control character.
    public static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        guard let bytes = PercentDecoding.strict(text, plusIsSpace: plusIsSpace) else { return nil }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A text as one segment of a path.
    public static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80,
                scalar.properties.isAlphabetic || (0x30...0x39).contains(byte)
                    || "-._~:".unicodeScalars.contains(scalar)
            {
                result.unicodeScalars.append(scalar)
            } else {
                result += "%" + Hash.hexadecimal([byte]).uppercased()
            }
        }
        return result
    }
}
