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

    /// Explains a value of a loaded configuration; `nil` when nobody wrote one at that path.
    ///
    /// - Parameters:
    ///   - path: Keys and list indices.
    ///   - tree: The whole configuration.
    ///   - secrets: Hidden means that values of variables and of keys that sound like secrets are not
    ///     shown.
    public init?(of path: [String], in tree: Tree, secrets: SecretVisibility = .hidden) {
        guard let value = tree[path] else { return nil }
        self.path = path
        self.secrets = secrets
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
        if layer.expandedFrom != nil || path.contains(where: Self.soundsSecret) { return "***" }
        return YAMLWriter(escapingDollars: false).inline(layer.value.hidingSecrets(Self.soundsSecret))
    }

    private static func soundsSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return [
            "password", "secret", "token", "authorization", "api_key", "apikey", "api-key", "key_pem",
            "cookie",
        ]
        .contains { key.contains($0) }
    }
}

extension Tree {
    /// Puts `***` in place of what came from variables and of the keys that sound like secrets.
    fileprivate func hidingSecrets(_ isSecret: (String) -> Bool) -> Tree {
        if expandedFrom != nil || scalar?.style == .composed { return .text("***") }
        switch content {
        case .scalar: return self
        case .list(let elements): return .list(elements.map { $0.hidingSecrets(isSecret) })
        case .table(let entries):
            return Tree(
                .table(
                    entries.map { entry in
                        let value = isSecret(entry.key) ? .text("***") : entry.value.hidingSecrets(isSecret)
                        return Entry(entry.key, at: entry.keyPosition, value)
                    }))
        }
    }
}
