internal import Settings

/// Checks values against JSON Schemas as far as components use them: `type`, `properties`, `required`,
/// `additionalProperties`, `items`, `anyOf`, `enum`, `minimum`, `maximum`, and patterns of durations.
///
/// Where a value is an expression, anything may come, so nothing is said. What a schema says beyond that does
/// not count. Bounded: it stops after `mostDiagnostics`.
struct SchemaCheck {
    static let mostDiagnostics = 200

    private(set) var diagnostics: [Diagnostic] = []

    mutating func check(
        _ tree: Tree, against schema: Tree, path: [String], keyPosition: Position? = nil
    ) {
        guard diagnostics.count < Self.mostDiagnostics, !StructureCheck.isExpression(tree) else { return }
        guard let rules = schema.table, !rules.isEmpty else { return }
        if let choices = schema["anyOf"]?.list {
            return checkAny(tree, of: choices, path: path, keyPosition: keyPosition)
        }
        if let types = Self.types(schema), !types.contains(where: { Self.fits(tree, $0) }) {
            report(tree, path, "must be \(Self.names(types)), not \(tree.kind)")
            return
        }
        if let values = schema["enum"]?.list, !values.contains(where: { $0.text == tree.text }) {
            let known = values.compactMap(\.text)
            report(
                tree, path, "must be one of \(known.joined(separator: ", "))",
                suggestion: tree.text.flatMap { Spelling.nearest(to: $0, among: known) })
            return
        }
        checkNumber(tree, schema, path)
        checkPattern(tree, schema, path)
        if let entries = tree.table { checkEntries(entries, of: tree, schema, path, keyPosition) }
        if let elements = tree.list, let items = schema["items"] {
            for (index, element) in elements.enumerated() {
                check(element, against: items, path: path + ["\(index)"])
            }
        }
    }

    /// One of them has to fit; when none does, what is wrong with the one that was meant is told.
    private mutating func checkAny(
        _ tree: Tree, of choices: [Tree], path: [String], keyPosition: Position?
    ) {
        var best: [Diagnostic]?
        for choice in choices {
            // A text with `${…}` in it is an expression, which has been let pass already.
            if choice["pattern"]?.text?.hasPrefix("\\$") == true { continue }
            var attempt = SchemaCheck()
            attempt.check(tree, against: choice, path: path, keyPosition: keyPosition)
            if attempt.diagnostics.isEmpty { return }
            let isMeant = Self.types(choice)?.contains { Self.fits(tree, $0) } ?? true
            if best == nil || isMeant && attempt.diagnostics.contains(where: { $0.path != path }) {
                best = attempt.diagnostics
            }
        }
        diagnostics += best ?? []
    }

    private mutating func checkEntries(
        _ entries: [Tree.Entry], of tree: Tree, _ schema: Tree, _ path: [String], _ keyPosition: Position?
    ) {
        let properties = schema["properties"]
        let others = schema["additionalProperties"]
        for entry in entries {
            let path = path + [entry.key]
            if let property = properties?[entry.key] {
                if property["deprecated"]?.text == "true" {
                    let message = property["description"]?.text ?? "is deprecated"
                    diagnostics.append(
                        Diagnostic(.warning, at: entry.keyPosition, path: path, message))
                }
                check(entry.value, against: property, path: path, keyPosition: entry.keyPosition)
            } else if others?.text == "false" {
                let known = (properties?.table ?? []).filter { $0.value["deprecated"] == nil }.map(\.key)
                diagnostics.append(
                    Diagnostic(
                        at: entry.keyPosition, path: path, "unknown key '\(entry.key)'",
                        suggestion: Spelling.nearest(to: entry.key, among: known)))
            } else if let others, others.table != nil {
                check(entry.value, against: others, path: path, keyPosition: entry.keyPosition)
            }
        }
        for required in schema["required"]?.list ?? [] {
            guard let key = required.text, !entries.contains(where: { $0.key == key && !$0.value.isNull })
            else { continue }
            diagnostics.append(
                Diagnostic(
                    at: keyPosition ?? tree.position, path: path, "missing required key '\(key)'"))
        }
    }

    private mutating func checkNumber(_ tree: Tree, _ schema: Tree, _ path: [String]) {
        guard let number = tree.scalar.flatMap(Self.number) else { return }
        if let low = schema["minimum"]?.scalar.flatMap(Self.number), number < low {
            report(tree, path, "must be at least \(schema["minimum"]?.text ?? "")")
        }
        if let high = schema["maximum"]?.scalar.flatMap(Self.number), number > high {
            report(tree, path, "must be at most \(schema["maximum"]?.text ?? "")")
        }
    }

    /// Of patterns, only that of durations is known; others are left to the agents.
    private mutating func checkPattern(_ tree: Tree, _ schema: Tree, _ path: [String]) {
        guard let pattern = schema["pattern"], pattern == Duration.schema["pattern"], let text = tree.text
        else { return }
        if Duration(goSyntax: text) == nil { report(tree, path, "must be \(Duration.kind)") }
    }

    private mutating func report(
        _ tree: Tree, _ path: [String], _ message: String, suggestion: String? = nil
    ) {
        diagnostics.append(Diagnostic(at: tree.position, path: path, message, suggestion: suggestion))
    }

    private static func types(_ schema: Tree) -> [String]? {
        guard let type = schema["type"] else { return nil }
        return type.list?.compactMap(\.text) ?? type.text.map { [$0] }
    }

    private static func fits(_ tree: Tree, _ type: String) -> Bool {
        switch type {
        case "object": tree.table != nil
        case "array": tree.list != nil
        case "null": tree.isNull
        case "boolean":
            if case .bool? = tree.scalar?.value { true } else { false }
        case "integer": tree.scalar.flatMap(number).map { $0 == $0.rounded() } ?? false
        case "number": tree.scalar.flatMap(number) != nil
        // A collector takes any scalar where text is wanted.
        case "string": tree.scalar != nil && !tree.isNull
        default: true
        }
    }

    private static func number(_ scalar: Scalar) -> Double? {
        switch scalar.value {
        case .int(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        case .null, .bool, .string: nil
        }
    }

    private static func names(_ types: [String]) -> String {
        let names = types.filter { $0 != "null" || types.count == 1 }.map { type in
            switch type {
            case "object": "a map"
            case "array": "a list"
            case "boolean": "true or false"
            case "integer": "a whole number"
            case "number": "a number"
            case "string": "text"
            default: type
            }
        }
        return names.joined(separator: " or ")
    }
}
