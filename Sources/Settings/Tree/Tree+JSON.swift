extension Tree {
    /// Reads one JSON document (RFC 8259).
    ///
    /// Bounded as YAML is: `maximumTextSize`, `maximumNodes`, `maximumDepth`. Every key that appears twice is
    /// reported; positions are those of the text.
    ///
    /// - Parameters:
    ///   - json: The text.
    ///   - source: Where the text comes from, for positions.
    /// - Throws: `InvalidSettings` with the faults found.
    public init(json: String, source: ConfigurationSource) throws(InvalidSettings) {
        guard json.utf8.count <= Self.maximumTextSize else {
            throw InvalidSettings([
                Diagnostic(
                    at: Position(source, line: 1, column: 1),
                    "is larger than \(Self.maximumTextSize >> 20) MiB")
            ])
        }
        var document = JSONDocument(Array(json.utf8), source: source)
        self = try document.read()
    }
}
