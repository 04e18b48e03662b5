/// Where a piece of configuration came from.
public struct ConfigurationSource: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of places configuration comes from.
    public enum Kind: String, Sendable, CaseIterable {
        /// A file on this machine.
        case file
        /// An environment variable.
        case environment
        /// A `--set` option.
        case option
        /// Text given in place, as with the `yaml:` scheme.
        case inline
        /// Text fetched from somewhere else, such as an `https:` address.
        case remote
        /// A default of the program: nobody wrote it.
        case builtIn
    }

    /// What kind of place it is.
    public let kind: Kind
    /// What to show to people: the path of the file, the name of the variable, the address.
    public let name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// The defaults of the program.
    public static let builtIn = ConfigurationSource(.builtIn, "default")

    public var description: String {
        switch kind {
        case .file, .remote, .builtIn: name
        case .environment: "env:\(name)"
        case .option: "--set \(name)"
        case .inline: "yaml:\(name)"
        }
    }
}
