/// Guesses from the name of a key whether its value is a secret, where its type is not known.
///
/// One list for everything that hides: configurations, what is said of them, and telemetry.
public enum SecretNames {
    /// Parts of names that sound like a secret, in lower case.
    public static let words = [
        "password", "passwd", "passphrase", "secret", "token", "authorization", "api_key", "apikey",
        "api-key",
        "access_key", "private_key", "key_pem", "cookie", "credential", "connection_string",
    ]
    /// Ends of keys that sound so, but say where a secret is, or are about something else.
    private static let harmless = [
        "_file", "_url", "_path", "_uri", "_endpoint", "_header", "_type", "_name",
    ]

    /// Whether a name sounds like a secret, whatever it ends with.
    public static func contains(_ name: String) -> Bool { firstRange(in: name) != nil }

    /// Whether a key of a configuration sounds as if its value were a secret, and not the place of one.
    public static func isSecret(_ key: String) -> Bool {
        let lowered = key.lowercased()
        return contains(lowered) && !harmless.contains(where: lowered.hasSuffix)
    }

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
