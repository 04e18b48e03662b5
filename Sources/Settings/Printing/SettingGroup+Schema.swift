extension SettingGroup {
    /// The JSON Schema (2020-12) of the section: every key with its description and default, and no others.
    public static var schema: Tree {
        let defaults = Self()
        var properties: [Tree.Entry] = []
        var required: [Tree] = []
        for field in allFields {
            guard case .value(let access) = field.role else { continue }
            properties.append(Tree.Entry(field.name, field.schema(access, defaults: defaults)))
            for alias in field.aliases {
                let old = Tree.table([
                    "description": .text("Old name of '\(field.name)'."), "deprecated": .bool(true),
                ])
                properties.append(Tree.Entry(alias, old))
            }
            if field.isRequired, field.aliases.isEmpty { required.append(.text(field.name)) }
        }
        var entries = [
            Tree.Entry("type", .text("object")), Tree.Entry("properties", Tree(.table(properties))),
        ]
        if !required.isEmpty { entries.append(Tree.Entry("required", .list(required))) }
        entries.append(Tree.Entry("additionalProperties", .bool(false)))
        return Tree(.table(entries))
    }

    /// The schema as a document of its own.
    public static func schemaDocument(title: String) -> Tree {
        let head = [
            Tree.Entry("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            Tree.Entry("title", .text(title)),
        ]
        return Tree(.table(head + (schema.table ?? [])))
    }
}

extension Field {
    fileprivate func schema(_ access: Access, defaults: Root) -> Tree {
        var entries: [Tree.Entry] = []
        if !summary.isEmpty { entries.append(Tree.Entry("description", .text(summary))) }
        let nested = access.nested(defaults)
        if nested?.shape != .single, let value = access.tree(defaults, .hidden) {
            entries.append(Tree.Entry("default", value))
        }
        if deprecation != nil { entries.append(Tree.Entry("deprecated", .bool(true))) }
        let schema = access.schema()
        if let value = schema["writeOnly"] { entries.append(Tree.Entry("writeOnly", value)) }
        return Tree(.table(entries + SchemaLeniency.entries(accepting: schema)))
    }
}

/// What may stand in a file in place of a value.
private enum SchemaLeniency {
    /// The value itself, or nothing, which leaves the default, or an expression.
    ///
    /// Text may also be written as a number or a truth value.
    static func entries(accepting schema: Tree) -> [Tree.Entry] {
        if schema == .empty { return [] }
        let keys = Set((schema.table ?? []).map(\.key))
        if schema["type"] == .text("string"), keys.isDisjoint(with: ["enum", "pattern"]) {
            let types = ["string", "number", "boolean", "null"].map { Tree.text($0) }
            return [Tree.Entry("type", .list(types))]
                + (schema.table ?? []).filter { $0.key != "type" && $0.key != "writeOnly" }
        }
        let expression = Tree.table(["type": .text("string"), "pattern": .text("\\$\\{.*\\}")])
        return [Tree.Entry("anyOf", .list([schema, expression, .table(["type": .text("null")])]))]
    }
}
