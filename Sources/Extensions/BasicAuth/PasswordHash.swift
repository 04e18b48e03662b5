internal import CCrypt

/// A password hash as crypt(3) makes them.
enum PasswordHash {
    /// Hashes `password` with the settings and the salt of `hash`; `nil` when crypt(3) cannot.
    ///
    /// Takes a tenth of a second with bcrypt, on purpose, so it must not run on an event loop.
    static func compute(_ password: [UInt8], like hash: String) -> String? {
        guard !password.contains(0) else { return nil }
        var scratch = [CChar](repeating: 0, count: MemoryLayout<crypt_data>.size)
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        guard crypt_rn(phrase, hash, &scratch, Int32(scratch.count)) != nil else { return nil }
        // The result stands at the beginning of the scratch space, and begins with a star when it is none.
        let result = String(decoding: scratch.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return result.hasPrefix("*") ? nil : result
    }
}
