/// What decoding gave: the settings, unless there were errors, and everything to tell.
public struct Decoded<Value: SettingGroup>: Sendable {
    /// The settings; `nil` when there is an error among the diagnostics.
    public let value: Value?
    /// In the order of the file.
    public let diagnostics: [Diagnostic]
    /// What was written where a secret belongs.
    public let secrets: Set<String>
}

extension SettingGroup {
    /// Reads settings from a tree and reports every mistake, in file order.
    ///
    /// - Parameters:
    ///   - tree: The section; null stands for an empty one.
    ///   - path: Where the section is in the whole configuration, for messages.
    ///   - keyPosition: Where the section's key was written; missing keys are reported there.
    /// - Returns: The settings, or none when there are errors, and the diagnostics.
    public static func decode(
        _ tree: Tree, at path: [String] = [], keyPosition: Position? = nil
    ) -> Decoded<Self> {
        var reader = SettingReader(at: path, keyPosition: keyPosition)
        let section = tree.isNull ? Tree(.table([]), at: tree.position) : tree
        let value = read(section, over: nil, with: &reader)
        let diagnostics = reader.diagnostics.inFileOrder().hiding(reader.secrets)
        return Decoded(
            value: diagnostics.hasErrors ? nil : value, diagnostics: diagnostics, secrets: reader.secrets)
    }

    /// Reads settings from YAML text without expansion; for tests and small tools.
    public static func decode(yaml: String, name: String = "settings.yaml") throws(InvalidSettings) -> Self {
        let tree: Tree
        do {
            tree = try Tree(yaml: yaml, source: ConfigurationSource(.file, name))
        } catch {
            throw InvalidSettings(error.diagnostics)
        }
        let decoded = decode(tree)
        guard let value = decoded.value else { throw InvalidSettings(decoded.diagnostics) }
        return value
    }
}

extension [Diagnostic] {
    /// Whether any of them makes the configuration unusable.
    public var hasErrors: Bool { contains { $0.severity == .error } }

    /// Sorted by place; files in the order in which they first appear, and what has no place first.
    public func inFileOrder() -> [Diagnostic] {
        var ranks: [ConfigurationSource: Int] = [:]
        for case let source? in map(\.position?.source) where ranks[source] == nil {
            ranks[source] = ranks.count
        }
        func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
            guard let position = diagnostic.position else { return (-1, 0, 0) }
            return (ranks[position.source] ?? 0, position.line, position.column)
        }
        return enumerated().sorted { left, right in
            let (first, second) = (key(left.element), key(right.element))
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }
}
