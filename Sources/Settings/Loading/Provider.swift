/// Fetches configuration by address: the part behind `scheme:` in `${scheme:opaque}` and `--config
/// scheme:opaque`.
///
/// `EnvironmentProvider`, `FileProvider` and `YAMLProvider` are here; providers that need a network are
/// handed to `ConfigurationLoader` by whoever has one.
public protocol Provider: Sendable {
    /// The scheme, such as `env`: at least two characters, so that it is not taken for a drive letter.
    var scheme: String { get }

    /// Fetches the text at an address.
    ///
    /// - Parameter opaque: What follows `scheme:`.
    /// - Returns: The text with its source.
    /// - Throws: `ProviderError` with what was tried and what to do.
    func fetch(_ opaque: String) async throws(ProviderError) -> Fetched
}

/// What a provider found.
public struct Fetched: Sendable {
    /// What the text is: that decides whether `$$` in it stands for `$`.
    public enum Nature: Sendable {
        /// A piece of configuration, written by someone who knows its rules: `$$` becomes `$`.
        case configuration
        /// A value, such as a password in a variable: apart from `${…}` it is taken as it is.
        case value
    }

    public let text: String
    public let source: ConfigurationSource
    public let nature: Nature
    /// Something to tell, such as that the variable is not set.
    public let remark: (severity: Diagnostic.Severity, message: String)?

    public init(
        _ text: String, from source: ConfigurationSource, nature: Nature,
        remark: (severity: Diagnostic.Severity, message: String)? = nil
    ) {
        self.text = text
        self.source = source
        self.nature = nature
        self.remark = remark
    }
}

/// Why something could not be fetched.
public struct ProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
