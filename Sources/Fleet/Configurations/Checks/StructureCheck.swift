internal import Pipeline
internal import Settings

/// Checks that a configuration has otelcol's form: sections, ids, `service`, and that everything pipelines
/// name is configured.
struct StructureCheck {
    /// Whether the configuration is laid over what agents have locally, so that it may name what is there.
    let isPartial: Bool
    private(set) var diagnostics: [Diagnostic] = []

    private static let sections = ComponentKind.allCases.map(\.section) + ["service"]
    private static let signals = ["traces", "metrics", "logs", "profiles"]

    init(isPartial: Bool) { self.isPartial = isPartial }

    mutating func check(_ tree: Tree) {
        guard let entries = tree.table, !entries.isEmpty else {
            if Self.isExpression(tree) { return }
            let found = tree.isNull || tree.table != nil ? "empty" : "\(tree.kind), and not a map of sections"
            diagnostics.append(Diagnostic(at: tree.position, "the configuration is \(found)"))
            return
        }
        for entry in entries {
            guard Self.sections.contains(entry.key) else {
                unknown(entry, [entry.key], among: Self.sections)
                continue
            }
            if entry.key == "service" { service(entry) } else { section(entry) }
        }
        if tree["service"] == nil, !isPartial {
            diagnostics.append(
                Diagnostic(at: tree.position, "there is no section 'service', so nothing would run"))
        }
        references(ConfigurationOutline(tree))
    }

    private mutating func section(_ entry: Tree.Entry) {
        guard let items = map(entry, [entry.key]) else { return }
        for item in items {
            if ComponentID(parsing: item.key) == nil {
                diagnostics.append(
                    Diagnostic(
                        at: item.keyPosition, path: [entry.key, item.key],
                        "is not the id of a component; write type or type/name"))
            }
            _ = map(item, [entry.key, item.key])
        }
    }

    private mutating func service(_ entry: Tree.Entry) {
        guard let parts = map(entry, ["service"]) else { return }
        for part in parts {
            let path = ["service", part.key]
            switch part.key {
            case "extensions": _ = ids(part, path)
            case "pipelines": pipelines(part)
            case "telemetry": _ = map(part, path)
            default: unknown(part, path, among: ["extensions", "pipelines", "telemetry"])
            }
        }
    }

    private mutating func pipelines(_ entry: Tree.Entry) {
        guard let pipelines = map(entry, ["service", "pipelines"]) else { return }
        if pipelines.isEmpty, !isPartial, !Self.isExpression(entry.value) {
            diagnostics.append(
                Diagnostic(
                    at: entry.keyPosition, path: ["service", "pipelines"], "at least one pipeline is needed"))
        }
        for pipeline in pipelines {
            let path = ["service", "pipelines", pipeline.key]
            let type = ConfigurationOutline.type(of: pipeline.key)
            if !Self.signals.contains(type) {
                diagnostics.append(
                    Diagnostic(
                        at: pipeline.keyPosition, path: path,
                        "'\(type)' is no signal; there are \(Self.signals.joined(separator: ", "))",
                        suggestion: Spelling.nearest(to: type, among: Self.signals)))
            }
            guard let parts = map(pipeline, path) else { continue }
            for part in parts {
                if ["receivers", "processors", "exporters"].contains(part.key) {
                    _ = ids(part, path + [part.key])
                } else {
                    unknown(part, path + [part.key], among: ["receivers", "processors", "exporters"])
                }
            }
            guard !isPartial, !Self.isExpression(pipeline.value) else { continue }
            for key in ["receivers", "exporters"] {
                let value = pipeline.value[key]
                guard value == nil || value?.isNull == true || value?.list?.isEmpty == true else { continue }
                diagnostics.append(
                    Diagnostic(
                        at: pipeline.keyPosition, path: path + [key],
                        "at least one \(key.dropLast()) is needed"))
            }
        }
    }

    // MARK: - References

    private mutating func references(_ outline: ConfigurationOutline) {
        for pipeline in outline.pipelines {
            check(pipeline.receivers, [.receiver, .connector], pipeline, "receivers", outline)
            check(pipeline.processors, [.processor], pipeline, "processors", outline)
            check(pipeline.exporters, [.exporter, .connector], pipeline, "exporters", outline)
        }
        for (index, id) in (outline.extensions ?? []).enumerated() {
            let path = ["service", "extensions", "\(index)"]
            check(id, [.extension], path, outline.tree[path]?.position, outline)
        }
        let isOpen = outline.pipelines.contains { $0.isOpen }
        for connector in outline.items(.connector) where !isPartial && !isOpen {
            let gives = outline.pipelines.contains { $0.receivers.contains(connector.id) }
            let takes = outline.pipelines.contains { $0.exporters.contains(connector.id) }
            guard gives != takes else { continue }
            diagnostics.append(
                Diagnostic(
                    at: connector.entry.keyPosition, path: connector.path,
                    "a connector joins two pipelines; it is not used as "
                        + (takes ? "a receiver" : "an exporter")))
        }
    }

    private mutating func check(
        _ ids: [String], _ kinds: [ComponentKind], _ pipeline: ConfigurationOutline.Pipeline, _ key: String,
        _ outline: ConfigurationOutline
    ) {
        var seen: Set<String> = []
        for (index, id) in ids.enumerated() {
            let path = pipeline.path + [key, "\(index)"]
            let position = outline.tree[path]?.position
            if !seen.insert(id).inserted {
                diagnostics.append(Diagnostic(at: position, path: path, "'\(id)' is named twice"))
                continue
            }
            check(id, kinds, path, position, outline)
        }
    }

    private mutating func check(
        _ id: String, _ kinds: [ComponentKind], _ path: [String], _ position: Position?,
        _ outline: ConfigurationOutline
    ) {
        guard !TemplateText.hasExpression(id) else { return }
        let known = kinds.flatMap { outline.items($0).map(\.id) }
        guard !known.contains(id) else { return }
        // A whole section may come from an expression.
        guard !kinds.contains(where: { outline.tree[$0.section].map(Self.isExpression) ?? false }) else {
            return
        }
        let sections = kinds.map { $0.section }.joined(separator: " or ")
        let note = isPartial ? "; it has to be configured on the agents themselves" : ""
        diagnostics.append(
            Diagnostic(
                isPartial ? .note : .error, at: position, path: path,
                "'\(id)' is not configured under \(sections)\(note)",
                suggestion: Spelling.nearest(to: id, among: known)))
    }

    // MARK: - Forms

    /// The entries of a map; null is an empty one, and an expression may become anything.
    private mutating func map(_ entry: Tree.Entry, _ path: [String]) -> [Tree.Entry]? {
        if entry.value.isNull { return [] }
        if let entries = entry.value.table { return entries }
        if !Self.isExpression(entry.value) {
            diagnostics.append(
                Diagnostic(at: entry.value.position, path: path, "must be a map, not \(entry.value.kind)"))
        }
        return nil
    }

    private mutating func ids(_ entry: Tree.Entry, _ path: [String]) -> [String] {
        if entry.value.isNull || Self.isExpression(entry.value) { return [] }
        guard let list = entry.value.list else {
            diagnostics.append(
                Diagnostic(
                    at: entry.value.position, path: path, "must be a list of ids, not \(entry.value.kind)"))
            return []
        }
        for (index, element) in list.enumerated() where element.text == nil {
            diagnostics.append(
                Diagnostic(
                    at: element.position, path: path + ["\(index)"], "must be an id, not \(element.kind)"))
        }
        return list.compactMap(\.text)
    }

    private mutating func unknown(_ entry: Tree.Entry, _ path: [String], among known: [String]) {
        diagnostics.append(
            Diagnostic(
                at: entry.keyPosition, path: path, "unknown key '\(entry.key)'",
                suggestion: Spelling.nearest(to: entry.key, among: known)))
    }

    /// Whether a value is text that the collector or the fleet manager puts something else in place of.
    static func isExpression(_ tree: Tree) -> Bool {
        tree.scalar.map { TemplateText.hasExpression($0.text) } ?? false
    }
}
