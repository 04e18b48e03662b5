extension Tree {
    /// How much text one source may have, in UTF-8 bytes.
    public static let maximumTextSize = 16 << 20
    /// How many nodes a source may have once its aliases are expanded.
    public static let maximumNodes = 1_000_000
    /// How deep maps and lists may be nested.
    public static let maximumDepth = 200

    /// Reads one YAML document; empty text is null.
    ///
    /// Types are as otelcol gives them; aliases and merge keys (`<<`) are expanded. Text that is too big,
    /// too deep, or not YAML is refused with the place of the fault; every key that appears twice is
    /// reported.
    ///
    /// - Parameters:
    ///   - yaml: The text.
    ///   - source: Where the text comes from, for positions.
    /// - Throws: `InvalidSettings` with every fault found.
    public init(yaml: String, source: ConfigurationSource) throws(InvalidSettings) {
        guard yaml.utf8.count <= Self.maximumTextSize else {
            throw InvalidSettings([
                Diagnostic(
                    at: Position(source, line: 1, column: 1),
                    "is larger than \(Self.maximumTextSize >> 20) MiB")
            ])
        }
        var document = YAMLDocument(yaml, source: source)
        self = try document.read()
    }
}
