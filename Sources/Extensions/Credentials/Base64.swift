internal import CSodium

/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
    private static let variant = Int32(sodium_base64_VARIANT_ORIGINAL)

    static func encoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        _ = sodium_bin2base64(&result, result.count, bytes, bytes.count, variant)
        return String(decoding: result.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `nil` when `text` is something else.
    static func decoded(_ text: String) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: text.utf8.count / 4 * 3 + 3)
        var count = 0
        guard
            sodium_base642bin(&result, result.count, text, text.utf8.count, nil, &count, nil, variant) == 0
        else { return nil }
        return Array(result.prefix(count))
    }
}
