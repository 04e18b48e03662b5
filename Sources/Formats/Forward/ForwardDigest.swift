internal import Crypto
internal import Wire

/// How both ends of the Forward protocol show that they know a secret (specification v1, "Handshake").
public enum ForwardDigest {
    /// What proves the shared key.
    ///
    /// - Parameters:
    ///   - salt: the client's, made anew for each connection.
    ///   - hostname: of the end that proves it.
    ///   - nonce: the server's, made anew for each connection.
    ///   - key: the key that both know.
    /// - Returns: 128 hexadecimal digits.
    public static func sharedKey(salt: [UInt8], hostname: String, nonce: [UInt8], key: String) -> String {
        digest([salt, Array(hostname.utf8), nonce, Array(key.utf8)])
    }

    /// What proves the password of a user; `salt` is the one in the server's HELO.
    public static func password(salt: [UInt8], username: String, password: String) -> String {
        digest([salt, Array(username.utf8), Array(password.utf8)])
    }

    /// Compares two digests in a time that tells nothing about where they differ.
    public static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Random bytes for a nonce or a salt.
    public static func randomBytes(_ count: Int = 16) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private static func digest(_ parts: [[UInt8]]) -> String {
        var hash = SHA512()
        for part in parts { part.withUnsafeBytes { hash.update(bufferPointer: $0) } }
        return Hexadecimal.text(of: hash.finalize())
    }
}
