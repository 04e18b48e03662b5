/// The value of `If-Match` or `If-None-Match` (RFC 9110 section 13.1).
public struct EntityTags {
    /// Ends the tags of texts in YAML.
    static let yamlSuffix = ".yaml"

    /// `*`.
    public let isAny: Bool
    private let versions: [String]

    /// Reads the fields; `nil` when there are none.
    public init?(_ fields: [String]) {
        guard !fields.isEmpty else { return nil }
        let tags = fields.joined(separator: ",").split(separator: ",").map { tag in
            String(tag.drop { $0 == " " }).trimmingSuffix { $0 == " " }
        }
        isAny = tags.contains("*")
        versions = tags.map(Self.version)
    }

    /// Whether one of them is this tag, or names this version.
    public func matches(_ tag: String) -> Bool { isAny || versions.contains(Self.version(tag)) }

    /// A weak tag is as good: what is compared names the content, not its text.
    private static func version(_ tag: String) -> String {
        var text = tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
            text = String(text.dropFirst().dropLast())
        }
        return text.hasSuffix(yamlSuffix) ? String(text.dropLast(yamlSuffix.count)) : text
    }
}

extension String {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, condition(last) { text = text.dropLast() }
        return String(text)
    }
}
