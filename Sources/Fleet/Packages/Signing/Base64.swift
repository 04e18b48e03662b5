internal import CSodium
internal import SwiftASN1

/// Bytes as text in base64 (RFC 4648, section 4).
public enum Base64 {
    private static let variant = Int32(sodium_base64_VARIANT_ORIGINAL)
    private static let urlVariant = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)

    /// The text of bytes.
    public static func encode(_ bytes: [UInt8]) -> String { encode(bytes, variant) }

    /// The text of bytes with the alphabet for URLs, without padding (RFC 4648, section 5).
    static func encodeForURL(_ bytes: [UInt8]) -> String { encode(bytes, urlVariant) }

    /// The bytes of a text with padding and without white space; `nil` when it is not base64.
    public static func decode(_ text: String) -> [UInt8]? {
        let source = text.utf8.map { CChar(bitPattern: $0) }
        var bytes = [UInt8](repeating: 0, count: source.count)
        var count = 0
        guard
            sodium_base642bin(
                &bytes, bytes.count, source, source.count, nil, &count, nil, variant) == 0
        else { return nil }
        return Array(bytes[..<count])
    }

    private static func encode(_ bytes: [UInt8], _ variant: Int32) -> String {
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Keys in PEM.
enum PEMText {
    /// The bytes between the lines of a PEM text; `nil` for another text.
    static func content(of text: String) -> [UInt8]? { (try? PEMDocument(pemString: text))?.derBytes }

    static func text(_ kind: String, _ bytes: [UInt8]) -> String {
        PEMDocument(type: kind, derBytes: bytes).pemString + "\n"
    }
}
