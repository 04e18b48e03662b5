internal import CSodium
public import Settings
internal import Wire

/// Names content by what it is.
enum Digest {
    /// The SHA-256 of the UTF-8 of `text`, as 64 hexadecimal digits.
    static func sha256(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
        return Hexadecimal.text(of: hash)
    }
}

extension RevisionID {
    /// The revision that a raw configuration makes.
    public init(of raw: Tree) { self.init(String(Digest.sha256(raw.yaml()).prefix(16))) }
}
