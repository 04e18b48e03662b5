internal import Settings

/// What is secret in a configuration: how to show it to others, and what they mean when they send it back.
struct SecretIndex {
    /// One secret of the effective configuration.
    private struct Known {
        let path: [String]
        let hidden: String
        let text: String
    }

    private static let shortestSearched = 6

    private let raw: Tree
    private let known: [[String]: Known]
    private let texts: [(text: String, hidden: String)]

    /// - Parameters:
    ///   - raw: The configuration as written, expressions not expanded.
    ///   - hidden: The effective configuration with hidden secrets.
    ///   - revealed: The same with readable ones.
    init(raw: Tree, hidden: Tree, revealed: Tree) {
        self.raw = raw
        var found: [Known] = []
        Self.collect(hidden, revealed, path: [], into: &found)
        known = Dictionary(found.map { ($0.path, $0) }) { first, _ in first }
        texts = found.filter { $0.text.utf8.count >= Self.shortestSearched }.map { ($0.text, $0.hidden) }
    }

    private static func collect(
        _ hidden: Tree, _ revealed: Tree, path: [String], into found: inout [Known]
    ) {
        switch (hidden.content, revealed.content) {
        case (.table(let left), .table(let right)):
            for (one, other) in zip(left, right) where one.key == other.key {
                collect(one.value, other.value, path: path + [one.key], into: &found)
            }
        case (.list(let left), .list(let right)):
            for (index, pair) in zip(left, right).enumerated() {
                collect(pair.0, pair.1, path: path + ["\(index)"], into: &found)
            }
        default:
            guard hidden != revealed, let text = revealed.text, let shown = hidden.text else { return }
            found.append(Known(path: path, hidden: shown, text: text))
        }
    }

    // MARK: - Showing

    /// A raw configuration with its secrets hidden; expressions such as `${env:NAME}` stay readable.
    func hiding(_ tree: Tree) -> Tree { hiding(tree, path: []) }

    private func hiding(_ tree: Tree, path: [String]) -> Tree {
        var result = tree
        result.overridden = []
        switch tree.content {
        case .table(let entries):
            result.content = .table(
                entries.map {
                    Tree.Entry($0.key, at: $0.keyPosition, hiding($0.value, path: path + [$0.key]))
                })
        case .list(let elements):
            result.content = .list(
                elements.enumerated().map { hiding($0.element, path: path + ["\($0.offset)"]) })
        case .scalar(let scalar):
            guard !scalar.isNull, !scalar.text.isEmpty, !Self.isPlainReference(scalar.text) else {
                return result
            }
            guard let hidden = replacement(of: scalar.text, at: path) else { return result }
            result = Tree(.scalar(Scalar(hidden, style: .quoted)), at: tree.position)
        }
        return result
    }

    private func replacement(of text: String, at path: [String]) -> String? {
        if let known = known[path] { return known.hidden }
        if path.last.map(SecretNames.isSecret) == true { return Secret(text).description }
        if let same = texts.first(where: { text.contains($0.text) }) {
            return same.text == text ? same.hidden : Secret(text).description
        }
        return nil
    }

    /// `${NAME}`, `${env:NAME}` and `${file:PATH}` say where a secret is and nothing about it; a default
    /// behind `:-` might.
    static func isPlainReference(_ text: String) -> Bool {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return false }
        let inner = text.dropFirst(2).dropLast()
        guard !inner.contains("$"), !inner.contains("}"), !inner.contains(":-") else { return false }
        return !inner.contains(":") || inner.hasPrefix("env:") || inner.hasPrefix("file:")
    }

    // MARK: - Taking back

    /// A configuration in which every hidden secret is again what it hides.
    ///
    /// A hidden value counts only where it was shown (in a list, at any place of that list): it cannot be
    /// used to bring a secret to another place.
    func restoring(_ tree: Tree) -> (tree: Tree, diagnostics: [Diagnostic]) {
        var diagnostics: [Diagnostic] = []
        let restored = restoring(tree, path: [], &diagnostics)
        return (restored, diagnostics)
    }

    private func restoring(_ tree: Tree, path: [String], _ diagnostics: inout [Diagnostic]) -> Tree {
        var result = tree
        switch tree.content {
        case .table(let entries):
            var restored: [Tree.Entry] = []
            for entry in entries {
                let value = restoring(entry.value, path: path + [entry.key], &diagnostics)
                restored.append(Tree.Entry(entry.key, at: entry.keyPosition, value))
            }
            result.content = .table(restored)
        case .list(let elements):
            var restored: [Tree] = []
            for (index, element) in elements.enumerated() {
                restored.append(restoring(element, path: path + ["\(index)"], &diagnostics))
            }
            result.content = .list(restored)
        case .scalar(let scalar):
            guard Self.isHidden(scalar.text), raw[path] != tree else { return tree }
            guard let original = original(of: scalar.text, at: path) else {
                diagnostics.append(
                    Diagnostic(
                        at: tree.position, path: path,
                        "'\(scalar.text)' hides a secret that is not at this place; write the secret itself "
                            + "or ${env:NAME}"))
                return tree
            }
            result.content = original.content
            result.position = original.position
        }
        return result
    }

    private func original(of hidden: String, at path: [String]) -> Tree? {
        if let written = written(hidden, at: path) { return written }
        guard let place = path.lastIndex(where: { Int($0) != nil }) else { return nil }
        let list = Array(path[..<place])
        guard let count = raw[list]?.list?.count else { return nil }
        for index in 0..<count {
            let other = list + ["\(index)"] + path[(place + 1)...]
            if let written = written(hidden, at: other) { return written }
        }
        return nil
    }

    /// What is written at a path, if it is shown as `hidden`.
    private func written(_ hidden: String, at path: [String]) -> Tree? {
        if let value = raw[path], value.scalar != nil {
            let isShown = hiding(value, path: path).text == hidden || known[path]?.hidden == hidden
            return isShown ? value : nil
        }
        // A secret that nobody wrote here is a default, or came whole with an expression above it.
        return nil
    }

    /// Whether text has the form of a hidden secret: `***(0a1b)`.
    static func isHidden(_ text: String) -> Bool {
        guard text.hasPrefix("***("), text.hasSuffix(")"), text.utf8.count == 9 else { return false }
        return text.utf8.dropFirst(4).dropLast().allSatisfy {
            (48...57).contains($0) || (97...102).contains($0)
        }
    }
}
