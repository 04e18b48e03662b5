internal import CSodium

/// SHA-256 (FIPS 180-4).
enum SHA256Digest {
    /// The 32 bytes for the UTF-8 of `text`.
    static func of(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
        return hash
    }
}
