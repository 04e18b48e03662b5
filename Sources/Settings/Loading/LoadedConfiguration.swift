/// What loading gave: the whole configuration, unless there were errors, and everything to tell.
public struct LoadedConfiguration: Sendable {
    /// The merged and expanded configuration; `nil` when there is an error among the diagnostics.
    public let tree: Tree?
    /// In the order of the sources and, within one, of the lines.
    public let diagnostics: [Diagnostic]
    /// The texts that were read, for showing lines in messages; never the values of variables.
    public let texts: [ConfigurationSource: String]
}

/// Sources read and merged, with `${…}` as it is written.
public struct RawConfiguration: Sendable {
    /// What could be read, even when there is an error among the diagnostics.
    public let tree: Tree
    /// In the order of the sources and, within one, of the lines.
    public let diagnostics: [Diagnostic]
    /// The texts that were read, for showing lines in messages.
    public let texts: [ConfigurationSource: String]
}
