extension Settings {
    /// The JSON Schema (2020-12) of the section: every key with its description and default, nothing else allowed.
    public static var schema: Tree {
        let defaults = Self()
        var properties: [Tree.Entry] = []
        var required: [Tree] = []
        for field in allFields {
            guard case .value(let access) = field.role else { continue }
            properties.append(Tree.Entry(field.name, field.schema(access, defaults: defaults)))
            if field.isRequired { required.append(.text(field.name)) }
        }
        var entries = [
            Tree.Entry("type", .text("object")), Tree.Entry("properties", Tree(.table(properties))),
        ]
        if !required.isEmpty { entries.append(Tree.Entry("required", .list(required))) }
        entries.append(Tree.Entry("additionalProperties", .bool(false)))
        return Tree(.table(entries))
    }
}

extension Field {
    fileprivate func schema(_ access: Access, defaults: Root) -> Tree {
        let described = summary.isEmpty ? [] : [Tree.Entry("description", .text(summary))]
        var entries = described + (access.schema().table ?? [])
        if access.section(defaults) == nil, let value = access.tree(defaults, .hidden) {
            entries.append(Tree.Entry("default", value))
        }
        if deprecation != nil { entries.append(Tree.Entry("deprecated", .bool(true))) }
        return Tree(.table(entries))
    }
}
