import Settings

extension Tree {
    /// A document as a test writes it.
    static func yaml(_ text: String) throws -> Tree {
        try Tree(yaml: text, source: ConfigurationSource(.inline, "test"))
    }
}
