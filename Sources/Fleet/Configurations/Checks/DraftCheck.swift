internal import Settings

/// Checks a draft by itself: its size, its YAML, its placeholders, its form, and what lint rules say.
struct DraftCheck {
    private(set) var findings: [ConfigurationFinding] = []
    /// All files laid one over the other; `nil` when one of them cannot be read.
    private(set) var tree: Tree?

    /// - Parameters:
    ///   - draft: What to check.
    ///   - components: What the agents have that it is for; `nil` when that does not matter.
    init(_ draft: RevisionDraft, components: AgentComponents? = nil) {
        limits(draft)
        guard !findings.hasErrors else { return }
        var placeholders: Set<TemplateText.Placeholder> = []
        tree = read(draft, &placeholders)
        for name in draft.variables.keys.sorted()
        where !placeholders.contains(where: { $0.kind == .variable && $0.name == name }) {
            add("template", .warning, ["variables", name], "the variable '\(name)' is not used")
        }
        guard let tree else { return }
        var structure = StructureCheck(isPartial: draft.isPartial)
        structure.check(tree)
        add("structure", structure.diagnostics)
        lint(tree, draft, components)
        findings = findings.sortedByPlace()
    }

    private mutating func lint(_ tree: Tree, _ draft: RevisionDraft, _ components: AgentComponents?) {
        let outline = ConfigurationOutline(tree)
        var check = ComponentCheck(components ?? AgentComponents())
        if components != nil {
            check.check(outline)
            add("component", check.unknown)
            add("setting", check.settings)
        }
        let subject = LintRule.Subject(outline: outline) { check.isSecret($0, in: outline) }
        for rule in LintRule.all where !draft.silenced.contains(rule.name) {
            add(rule.name, rule.find(subject))
        }
    }

    private mutating func limits(_ draft: RevisionDraft) {
        if draft.files.isEmpty { add("structure", .error, [], "there is no file") }
        if draft.files.count > RevisionDraft.mostFiles {
            add("structure", .error, [], "there are more than \(RevisionDraft.mostFiles) files")
        }
        let size = draft.files.reduce(0) { $0 + $1.body.count }
        if size > RevisionDraft.mostBytes {
            add(
                "structure", .error, [],
                "the files have \(size) bytes, of at most \(RevisionDraft.mostBytes)")
        }
        var names: Set<String> = []
        for file in draft.files where !names.insert(file.name).inserted {
            add("structure", .error, [], "there are two files named '\(file.name)'")
        }
        for file in draft.files where file.name.utf8.count > 256 || file.name.utf8.contains(0) {
            add("structure", .error, [], "the name of a file has more than 256 bytes or a zero byte")
        }
        if draft.variables.count > RevisionDraft.mostVariables {
            add(
                "template", .error, ["variables"],
                "there are more than \(RevisionDraft.mostVariables) variables")
        }
        for (name, variable) in draft.variables.sorted(by: { $0.key < $1.key }) {
            if !TemplateText.isName(name) {
                add(
                    "template", .error, ["variables", name],
                    "is not the name of a variable: letters, digits, _ . and - only, up to 128")
            }
            for problem in variable.check() {
                add(
                    "template", problem.severity,
                    ["variables", name] + problem.field.split(separator: ".").map(String.init),
                    problem.message)
            }
        }
        for name in draft.silenced.sorted() where !LintRule.names.contains(name) {
            findings.append(
                ConfigurationFinding(
                    rule: "structure",
                    Diagnostic(
                        .warning, path: ["silence"], "there is no rule '\(name)'",
                        suggestion: Spelling.nearest(to: name, among: LintRule.names))))
        }
    }

    /// Reads all files and lays them one over the other; collects their placeholders.
    private mutating func read(
        _ draft: RevisionDraft, _ placeholders: inout Set<TemplateText.Placeholder>
    ) -> Tree? {
        var trees: [Tree] = []
        var isWhole = true
        for file in draft.files.sorted(by: { $0.name < $1.name }) where file.isStructured {
            do throws(InvalidSettings) {
                let tree = try file.tree()
                var found: [TemplateText.Placeholder] = []
                let names = draft.variables.keys.sorted()
                var filling = TemplateFilling { placeholder in
                    found.append(placeholder)
                    guard placeholder.kind == .variable, draft.variables[placeholder.name] == nil else {
                        return .leave
                    }
                    return .missing(
                        "the variable '\(placeholder.name)' is not declared",
                        suggestion: Spelling.nearest(to: placeholder.name, among: names))
                }
                _ = filling.fill(tree)
                placeholders.formUnion(found)
                add("template", filling.diagnostics)
                if file.role.isEmpty { trees.append(tree) }
            } catch {
                isWhole = false
                add("yaml", error.diagnostics)
            }
        }
        guard isWhole else { return nil }
        guard let first = trees.first else {
            add("structure", .error, [], "no file is YAML or JSON")
            return nil
        }
        return trees.dropFirst().reduce(first) { $0.merging($1) }
    }

    private mutating func add(_ rule: String, _ diagnostics: [Diagnostic]) {
        findings += diagnostics.map { ConfigurationFinding(rule: rule, $0) }
    }

    private mutating func add(
        _ rule: String, _ severity: Diagnostic.Severity, _ path: [String], _ message: String
    ) {
        findings.append(ConfigurationFinding(rule: rule, Diagnostic(severity, path: path, message)))
    }
}

extension ConfigurationFile {
    /// The file as a tree whose positions name the file.
    func tree() throws(InvalidSettings) -> Tree {
        let source = ConfigurationSource(.file, label)
        guard let text else {
            throw InvalidSettings([
                Diagnostic(at: Position(source, line: 1, column: 1), "is not text in UTF-8")
            ])
        }
        return try Tree(yaml: text, source: source)
    }
}

extension [ConfigurationFinding] {
    /// By file, line and column; what has no place first.
    fileprivate func sortedByPlace() -> Self {
        func key(_ finding: ConfigurationFinding) -> (String, Int, Int) {
            guard let place = finding.diagnostic.position else { return ("", 0, 0) }
            return (place.source.name, place.line, place.column)
        }
        return enumerated().sorted { left, right in
            let (first, second) = (key(left.element), key(right.element))
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }
}
