internal import CSodium

/// Stands for a credential where it is compared or remembered: a hash with a key that only this process has.
///
/// It says nothing about the credential, so neither the time of a comparison nor a memory dump of a table of
/// them gives anything away.
struct CredentialDigest: Hashable, Sendable {
    fileprivate let bytes: [UInt8]

    /// Whether both stand for the same credential; takes the same time whatever the answer.
    func matches(_ other: CredentialDigest) -> Bool {
        sodium_memcmp(bytes, other.bytes, Self.size) == 0
    }

    fileprivate static let size = 32
}

/// Makes digests that can be compared with one another.
struct CredentialHasher: Sendable {
    private let key: [UInt8]

    init() {
        precondition(sodium_init() >= 0, "the system has no source of random numbers")
        var key = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&key, key.count)
        self.key = key
    }

    /// The digest of a text.
    func digest(_ text: String) -> CredentialDigest { digest(Array(text.utf8)) }

    /// The digest of bytes.
    func digest(_ bytes: [UInt8]) -> CredentialDigest {
        var result = [UInt8](repeating: 0, count: CredentialDigest.size)
        // It fails only for sizes that are out of bounds, and these are constant.
        _ = crypto_generichash(&result, result.count, bytes, UInt64(bytes.count), key, key.count)
        return CredentialDigest(bytes: result)
    }
}
