/// Where a value came from, and what it replaced.
public struct Explanation: Sendable, CustomStringConvertible {
    /// One source's say.
    public struct Layer: Sendable {
        /// What this source set.
        public let value: Tree
        /// Where it was written.
        public let position: Position
        /// What the expression written there stood for, such as an environment variable.
        public let expandedFrom: ConfigurationSource?
    }

    /// The keys from the root.
    public let path: [String]
    /// The value in force first, then what it replaced, the latest first.
    public let layers: [Layer]
    private let secrets: SecretVisibility
    private let hidden: Set<String>

    /// Explains a value of a loaded configuration; `nil` when nobody wrote one at that path.
    ///
    /// - Parameters:
    ///   - path: Keys and list indices.
    ///   - tree: The whole configuration.
    ///   - secrets: Hidden means that values of variables, `texts` and values of keys that sound like
    ///     secrets are not shown.
    ///   - texts: What is written where secrets belong.
    public init?(
        of path: [String], in tree: Tree, secrets: SecretVisibility = .hidden, hiding texts: Set<String> = []
    ) {
        guard let value = tree[path] else { return nil }
        self.path = path
        self.secrets = secrets
        hidden = texts
        layers = ([value] + value.overridden.reversed()).map {
            Layer(value: $0, position: $0.position, expandedFrom: $0.expandedFrom)
        }
    }

    public var description: String {
        var lines = [path.joined(separator: "::")]
        for (index, layer) in layers.enumerated() {
            let verb = index == 0 ? "set by" : "replaces"
            let origin = layer.expandedFrom.map { " from \($0)" } ?? ""
            lines.append("  \(verb) \(layer.position)\(origin): \(shown(layer))")
        }
        return lines.joined(separator: "\n")
    }

    private func shown(_ layer: Layer) -> String {
        if case .revealed = secrets { return YAMLWriter(escapingDollars: false).inline(layer.value) }
        if layer.expandedFrom != nil || path.contains(where: SecretNames.contains) { return "***" }
        return YAMLWriter(escapingDollars: false).inline(layer.value.hiding(hidden))
    }
}

extension Tree {
    /// Puts `***` in place of what came from variables, of `texts` and of the keys that sound like secrets.
    fileprivate func hiding(_ texts: Set<String>) -> Tree {
        if expandedFrom != nil || scalar?.style == .composed { return .text("***") }
        switch content {
        case .scalar(let scalar): return texts.contains(scalar.text) ? .text("***") : self
        case .list(let elements): return .list(elements.map { $0.hiding(texts) })
        case .table(let entries):
            return Tree(
                .table(
                    entries.map { entry in
                        let value = SecretNames.contains(entry.key) ? .text("***") : entry.value.hiding(texts)
                        return Entry(entry.key, at: entry.keyPosition, value)
                    }))
        }
    }
}
