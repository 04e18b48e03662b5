public import Transport

/// Takes secrets out of what a server says about a request: some repeat in their refusal what was sent.
public enum SecretEcho {
    /// `text` with `***` for every value of `fields` that `plain` does not have, and for the part behind its
    /// scheme.
    ///
    /// Values of less than four bytes stay, because they are found in every text.
    public static func removed(from text: String, sent fields: HTTPFields, plain: HTTPFields) -> String {
        let secrets = fields.filter { !plain.all($0.name).contains($0.value) }.map { $0.value }
        return removed(secrets, from: text)
    }

    /// `text` with `***` for each of `secrets`, and for the part of each behind its first space.
    public static func removed(_ secrets: [String], from text: String) -> String {
        let parts = secrets.flatMap { secret in
            [secret] + secret.split(separator: " ", maxSplits: 1).dropFirst().map(String.init)
        }
        return parts.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { text, secret in text.replacing(secret, with: "***") }
    }
}
