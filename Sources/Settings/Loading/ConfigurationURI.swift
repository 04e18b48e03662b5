/// An address of configuration: `scheme:opaque`.
struct ConfigurationURI: Sendable, Hashable, CustomStringConvertible {
    let scheme: String
    let opaque: String

    var description: String { "\(scheme):\(opaque)" }

    /// Reads an address; `nil` when there is no scheme of at least two characters.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon]
        guard scheme.utf8.count >= 2, let first = scheme.utf8.first, Self.isLetter(first) else { return nil }
        guard scheme.utf8.allSatisfy(Self.isSchemeByte) else { return nil }
        self.init(scheme: String(scheme), opaque: String(text[text.index(after: colon)...]))
    }

    init(scheme: String, opaque: String) {
        self.scheme = scheme
        self.opaque = opaque
    }

    /// What stands between `${` and `}`: without a scheme it is an environment variable, and
    /// `NAME:-default` is too.
    init?(expression text: String) {
        if !text.contains(":") {
            self.init(scheme: "env", opaque: text)
        } else if let range = text.firstRange(of: ":-"), EnvironmentProvider.isName(text[..<range.lowerBound])
        {
            self.init(scheme: "env", opaque: text)
        } else {
            self.init(text)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (48...57).contains(byte) || byte == 43 || byte == 45 || byte == 46
    }
}
