/// Guesses from the name of a key whether its value is a secret, where its type is not known.
enum SecretNames {
    private static let words = [
        "password", "secret", "token", "authorization", "api_key", "apikey", "api-key", "key_pem", "cookie",
    ]

    /// Whether a key sounds like a secret.
    static func contains(_ key: String) -> Bool { firstRange(in: key) != nil }

    /// The first word in `text` that sounds like a secret.
    static func firstRange(in text: String) -> Range<String.Index>? {
        let lowered = text.lowercased()
        let found = words.compactMap { lowered.firstRange(of: $0) }.min { $0.lowerBound < $1.lowerBound }
        guard let found else { return nil }
        let start = lowered.distance(from: lowered.startIndex, to: found.lowerBound)
        let length = lowered.distance(from: found.lowerBound, to: found.upperBound)
        // Letters whose lower case is longer move what follows; then the whole text counts.
        guard let lower = text.index(text.startIndex, offsetBy: start, limitedBy: text.endIndex),
            let upper = text.index(lower, offsetBy: length, limitedBy: text.endIndex)
        else { return text.startIndex..<text.startIndex }
        return lower..<upper
    }
}

extension Tree {
    /// Whether what a schema is for is a secret, or a list or map of them; a section is not.
    var mayBeSecret: Bool { self["properties"] == nil && hasSecrets }

    /// Whether a schema has a value that is a secret.
    var hasSecrets: Bool {
        switch content {
        case .scalar: false
        case .list(let elements): elements.contains { $0.hasSecrets }
        case .table(let entries):
            entries.contains { entry in
                entry.key == "writeOnly" && entry.value.scalar?.text == "true" || entry.value.hasSecrets
            }
        }
    }
}
