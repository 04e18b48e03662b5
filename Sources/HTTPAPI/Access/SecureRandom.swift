internal import CSodium
internal import Wire

/// Randomness that nobody can guess, and what is compared without telling by the time it takes.
public enum SecureRandom {
    /// `count` random bytes in hexadecimal.
    public static func hexadecimal(bytes count: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return Hash.hexadecimal(bytes)
    }
}

/// SHA-256.
public enum Hash {
    /// 64 hexadecimal digits.
    public static func sha256(_ bytes: [UInt8]) -> String {
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
        return hexadecimal(hash)
    }

    /// The first 16 digits of the hash of a text: enough to tell versions of one thing apart.
    public static func short(_ text: String) -> String { String(sha256(Array(text.utf8)).prefix(16)) }

    /// Whether both texts are equal, in a time that depends on their length alone.
    public static func areEqual(_ left: String, _ right: String) -> Bool {
        let (first, second) = (Array(left.utf8), Array(right.utf8))
        return first.count == second.count && sodium_memcmp(first, second, first.count) == 0
    }

    /// Two digits for each byte.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(of: bytes)
    }
}
