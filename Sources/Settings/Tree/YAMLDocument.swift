import Yams

/// Reads one document: composes it with Yams, finds keys that appear twice, converts the nodes.
struct YAMLDocument {
    private var text: String
    private let source: ConfigurationSource
    private var diagnostics: [Diagnostic] = []
    private var nodes = 0

    init(_ text: String, source: ConfigurationSource) {
        self.text = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
        self.source = source
    }

    mutating func read() throws(InvalidSettings) -> Tree {
        let start = Position(source, line: 1, column: 1)
        if let problem = YAMLGuard.problem(in: text) {
            throw InvalidSettings([Diagnostic(at: Position(source, problem.position), problem.message)])
        }
        let tree: Tree
        if let root = try compose() {
            tree = try convert(root, at: start, depth: 0)
        } else {
            tree = Tree(.scalar(Scalar("")), at: start)
        }
        if !diagnostics.isEmpty { throw InvalidSettings(diagnostics.inFileOrder()) }
        return tree
    }

    // MARK: Composing

    /// Composes the text, reporting all keys that appear twice.
    ///
    /// Yams stops at the first such key. To find them all, the key is renamed and the text is read again.
    private mutating func compose() throws(InvalidSettings) -> Node? {
        while true {
            do {
                return try Yams.compose(yaml: text)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let mark = context.mark
                guard
                    let key = keys.first, diagnostics.count < 50,
                    let repeated = DuplicateKey.rename(key, after: (mark.line, mark.column), in: &text)
                else {
                    let position = Position(source, line: mark.line, column: mark.column)
                    diagnostics.append(
                        Diagnostic(at: position, path: [], "key '\(keys.first ?? "")' appears twice"))
                    throw InvalidSettings(diagnostics.inFileOrder())
                }
                let first = "line \(mark.line), column \(mark.column)"
                diagnostics.append(
                    Diagnostic(
                        at: Position(source, repeated),
                        "key '\(key)' appears twice; it was first written in \(first)"))
            } catch {
                throw InvalidSettings(diagnostics + [diagnostic(for: error)])
            }
        }
    }

    private func diagnostic(for error: any Error) -> Diagnostic {
        switch error as? YamlError {
        case .composer(_, let problem, let mark, _) where problem.contains("another document"):
            return Diagnostic(
                at: Position(source, line: mark.line, column: mark.column),
                "starts a second document; a source has one")
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let around = context.map { ", \($0.text) that starts in line \($0.mark.line)" } ?? ""
            return Diagnostic(
                at: Position(source, line: mark.line, column: mark.column),
                "is not YAML: \(problem)\(around)\(hint(line: mark.line))")
        case .reader(let problem, let offset, _, _):
            return Diagnostic(
                at: Position(source, TextPlace(characterOffset: offset ?? 0, in: text)),
                "is not YAML: \(problem)")
        default:
            return Diagnostic(at: Position(source, line: 1, column: 1), "is not YAML: \(error)")
        }
    }

    /// Tabs are the mistake that the parser explains worst.
    private func hint(line: Int) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return "" }
        let indentation = lines[line - 1].prefix { $0 == " " || $0 == "\t" }
        return indentation.contains("\t") ? "; indent with spaces, not with tabs" : ""
    }

    // MARK: Converting

    private mutating func convert(_ node: Node, at fallback: Position, depth: Int) throws(InvalidSettings)
        -> Tree
    {
        let position = node.mark.map { Position(source, line: $0.line, column: $0.column) } ?? fallback
        nodes += 1
        if nodes > Tree.maximumNodes || depth > Tree.maximumDepth {
            let message =
                depth > Tree.maximumDepth
                ? "is nested more than \(Tree.maximumDepth) deep"
                : "has more than \(Tree.maximumNodes) values once aliases are expanded"
            throw InvalidSettings(diagnostics + [Diagnostic(at: position, message)])
        }
        switch node {
        case .scalar(let scalar): return Tree(.scalar(Scalar(scalar)), at: position)
        case .sequence(let sequence):
            var elements: [Tree] = []
            for element in sequence { elements.append(try convert(element, at: position, depth: depth + 1)) }
            return Tree(.list(elements), at: position)
        case .mapping(let mapping):
            return Tree(.table(try entries(of: mapping, at: position, depth: depth)), at: position)
        case .alias:
            throw InvalidSettings(diagnostics + [Diagnostic(at: position, "alias without an anchor")])
        }
    }

    /// The entries of a mapping; what `<<` brings in comes after and gives way to what is written here.
    private mutating func entries(
        of mapping: Node.Mapping, at position: Position, depth: Int
    ) throws(InvalidSettings) -> [Tree.Entry] {
        var entries: [Tree.Entry] = []
        var merged: [Tree.Entry] = []
        for (keyNode, valueNode) in mapping {
            let keyPosition =
                keyNode.mark.map { Position(source, line: $0.line, column: $0.column) } ?? position
            guard case .scalar(let key) = keyNode else {
                diagnostics.append(Diagnostic(at: keyPosition, "a key must be text, not a list or a map"))
                continue
            }
            let value = try convert(valueNode, at: keyPosition, depth: depth + 1)
            if key.string == "<<", key.style == .plain {
                merged += mergeEntries(value)
            } else if !DuplicateKey.isRenamed(key.string) {
                entries.append(Tree.Entry(key.string, at: keyPosition, value))
            }
        }
        guard !merged.isEmpty else { return entries }
        var known = Set(entries.map(\.key))
        for entry in merged where known.insert(entry.key).inserted { entries.append(entry) }
        return entries
    }

    private mutating func mergeEntries(_ value: Tree) -> [Tree.Entry] {
        let tables = value.list ?? [value]
        return tables.flatMap { table in
            if let entries = table.table { return entries }
            diagnostics.append(
                Diagnostic(at: table.position, "'<<' takes a map or a list of maps, not \(table.kind)"))
            return []
        }
    }
}

extension Position {
    init(_ source: ConfigurationSource, _ place: TextPlace) {
        self.init(source, line: place.line, column: place.column)
    }
}

extension Scalar {
    fileprivate init(_ scalar: Node.Scalar) {
        let isPlain = scalar.style == .plain && scalar.tag.description != Tag.Name.str.rawValue
        self.init(scalar.string, style: isPlain ? .plain : .quoted)
    }
}
