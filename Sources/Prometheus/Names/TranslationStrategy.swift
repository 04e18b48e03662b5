/// How names of OTel become names of Prometheus; the raw value is how configurations write it.
public enum TranslationStrategy: String, CaseIterable, Sendable {
    /// Only letters, digits, `_` and `:`; units and types are appended.
    case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
    /// Only letters, digits, `_` and `:`; nothing is appended.
    case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
    /// All characters stay; units and types are appended.
    case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
    /// Names stay as they are.
    case noTranslation = "NoTranslation"

    /// Whether characters that need quotes become `_`.
    public var escapes: Bool {
        switch self {
        case .underscoreEscapingWithSuffixes, .underscoreEscapingWithoutSuffixes: true
        case .noUTF8EscapingWithSuffixes, .noTranslation: false
        }
    }

    /// Whether units and types are appended.
    public var addsSuffixes: Bool {
        switch self {
        case .underscoreEscapingWithSuffixes, .noUTF8EscapingWithSuffixes: true
        case .underscoreEscapingWithoutSuffixes, .noTranslation: false
        }
    }
}
