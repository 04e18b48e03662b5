internal import CSodium
internal import FleetModel
internal import Wire

/// Bearer tokens: random text that is shown once and kept as its SHA-256.
///
/// `<kind>_<id>_<64 hexadecimal digits>`: the id finds the token, the 256 random bits prove it. Nobody can
/// guess these, so a slow hash would only make every request slow.
struct SecureToken: Sendable {
    /// Whose token it is, and how its text begins, so that scanners for leaked secrets know it.
    enum Kind: String, Sendable, CaseIterable {
        case user = "apusf"
        case enrollment = "apuse"
        case agent = "apusa"
    }

    /// The longest text that is looked at, in UTF-8 bytes.
    static let longestText = 160

    let id: String
    let text: String

    /// A new one.
    ///
    /// - Parameters:
    ///   - kind: whose it is.
    ///   - id: what finds it; random when it is `nil`.
    /// - Returns: The token with its text.
    static func make(_ kind: Kind, id: String? = nil) -> SecureToken {
        let id = id ?? random(bytes: 8)
        return SecureToken(id: id, text: "\(kind.rawValue)_\(id)_\(random(bytes: 32))")
    }

    /// The id in the text of a token of this kind; `nil` when it is none.
    static func id(in text: some StringProtocol, _ kind: Kind) -> String? {
        guard text.utf8.count <= longestText else { return nil }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == kind.rawValue, !parts[1].isEmpty, parts[2].utf8.count == 64 else {
            return nil
        }
        return String(parts[1])
    }

    /// What is kept of a token.
    static func hash(_ text: some StringProtocol) -> ContentHash { ContentHash(of: Array(text.utf8)) }

    /// Whether `text` is the token whose hash is kept, in a time that does not depend on how much is right.
    static func matches(_ text: some StringProtocol, _ kept: ContentHash) -> Bool {
        sodium_memcmp(hash(text).bytes, kept.bytes, kept.bytes.count) == 0
    }

    /// What follows `Bearer ` in an `authorization` field; `nil` when the field says something else.
    static func bearer(_ field: String) -> Substring? {
        guard field.utf8.count <= longestText + 16 else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }

    /// `count` bytes that nobody can guess, in hexadecimal.
    static func random(bytes count: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return Hexadecimal.text(of: bytes)
    }
}
