internal import Pipeline

/// Users and their passwords, as `htpasswd` of Apache writes them.
struct PasswordList: Sendable {
    /// What a password is compared with.
    enum Entry: Sendable {
        /// It stands in the list itself.
        case plain(CredentialDigest)
        /// A hash that crypt(3) knows, settings and salt included.
        case hashed(String)
    }

    private(set) var entries: [String: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }

    /// A hash of the list, for work that takes as long as a check.
    var anyHash: String? {
        entries.values.lazy.compactMap { if case .hashed(let hash) = $0 { hash } else { nil } }.first
    }

    /// Adds the users of `text`; one that is there already gets the new password.
    ///
    /// Throws when a line is not understood, naming its number and never what it says.
    mutating func add(
        _ text: String, from place: String, key: String, _ hasher: CredentialHasher
    ) throws(ComponentError) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard let last = line.lastIndex(where: { $0 != " " && $0 != "\t" }), line.first != "#" else {
                continue
            }
            let content = line[...last]
            guard let colon = content.firstIndex(of: ":"), colon != content.startIndex else {
                throw ComponentError("line \(index + 1) of \(place) is not user:password", key: key)
            }
            let secret = String(content[content.index(after: colon)...])
            if let method = Self.unsupported.first(where: { secret.hasPrefix($0.prefix) }) {
                throw ComponentError(
                    "line \(index + 1) of \(place) has a password hashed with \(method.name), which is not "
                        + "supported; hash it with bcrypt: htpasswd -B", key: key)
            }
            let isHash = Self.hashes.contains { secret.hasPrefix($0) }
            entries[String(content[..<colon])] = isHash ? .hashed(secret) : .plain(hasher.digest(secret))
        }
    }

    /// How hashes of bcrypt, MD5, SHA-256, SHA-512 and yescrypt begin.
    private static let hashes = ["$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$", "$y$", "$gy$", "$7$"]

    private static let unsupported: [(prefix: String, name: String)] = [
        ("$apr1$", "Apache's MD5"), ("{SHA}", "SHA-1"), ("{SSHA}", "salted SHA-1"),
    ]
}
