/// One key of a `SettingGroup` type: its name, where its value goes, and what to say about it.
public struct Field<Root: SettingGroup>: Sendable {
    /// The key as written in YAML, in `lower_snake_case`.
    public let name: String
    /// One line for the reference page.
    public let summary: String
    /// Whether the key must be written.
    public let isRequired: Bool
    /// Earlier names that are still read, with a warning.
    public let aliases: [String]
    /// What to use instead, if the key is on its way out.
    public let deprecation: String?
    let role: Role

    enum Role: Sendable {
        case value(Access)
        case unsupported(reason: String)
        case embedded(Embedding)
    }

    /// How the value is reached; the type of the value is hidden in the closures.
    struct Access: Sendable {
        var kind: String
        var schema: @Sendable () -> Tree
        var nested: @Sendable (Root) -> NestedSection?
        var read: @Sendable (inout Root, Tree, inout SettingReader) -> Void
        var tree: @Sendable (Root, SecretVisibility) -> Tree?
    }

    /// The keys of another `SettingGroup` type, written at this level.
    struct Embedding: Sendable {
        var fields: @Sendable () -> [Field<Root>]
        var problems: @Sendable (Root) -> [Problem]
    }

    /// A key with a value.
    ///
    /// - Parameters:
    ///   - name: The key.
    ///   - path: The property; its initialiser is the default.
    ///   - summary: One line, a sentence.
    ///   - required: Whether leaving the key out is a mistake.
    ///   - aliases: Earlier names, still read with a warning.
    ///   - deprecated: What to use instead; reading the key warns.
    ///   - check: What is wrong with a value that was written, or `nil`.
    public init<Value: SettingValue>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ summary: String,
        required: Bool = false, aliases: [String] = [], deprecated: String? = nil,
        check: (@Sendable (Value) -> String?)? = nil
    ) {
        self.name = name
        self.summary = summary
        isRequired = required
        self.aliases = aliases
        deprecation = deprecated
        role = .value(
            Access(
                kind: Value.kind, schema: { Value.schema }, nested: { $0[keyPath: path].nested },
                read: { root, tree, reader in
                    let read = reader.holding({ Value.schema.mayBeSecret }) {
                        $0.read(Value.self, tree, over: root[keyPath: path])
                    }
                    guard let value = read else { return }
                    root[keyPath: path] = value
                    if let message = check?(value) { reader.error(message, at: tree.position) }
                },
                tree: { $0[keyPath: path].tree($1) }))
    }

    /// The keys of another type at this level: how components share groups of keys that have no section.
    ///
    /// Keys named in `others` are left out, for components that describe them in their own words.
    public init<Value: SettingGroup>(
        embedding path: any WritableKeyPath<Root, Value> & Sendable, without others: Set<String> = []
    ) {
        self.init(
            name: "",
            role: .embedded(
                Embedding(
                    fields: {
                        Value.allFields.filter { !others.contains($0.name) }.map { $0.lifted(along: path) }
                    },
                    problems: { $0[keyPath: path].problems() })))
    }

    /// A key of otelcol that is not supported here: using it is an error that says why.
    public static func unsupported(_ name: String, _ reason: String) -> Field {
        Field(name: name, role: .unsupported(reason: reason))
    }

    private init(name: String, role: Role) {
        self.init(name: name, summary: "", isRequired: false, aliases: [], deprecation: nil, role: role)
    }

    private init(
        name: String, summary: String, isRequired: Bool, aliases: [String], deprecation: String?, role: Role
    ) {
        self.name = name
        self.summary = summary
        self.isRequired = isRequired
        self.aliases = aliases
        self.deprecation = deprecation
        self.role = role
    }

    /// The same key as seen from a type that holds `Root` in a property.
    private func lifted<Outer: SettingGroup>(
        along path: any WritableKeyPath<Outer, Root> & Sendable
    ) -> Field<Outer> {
        let lifted: Field<Outer>.Role =
            switch role {
            case .unsupported(let reason): .unsupported(reason: reason)
            case .embedded(let inner):
                .embedded(
                    Field<Outer>.Embedding(
                        fields: { inner.fields().map { $0.lifted(along: path) } },
                        problems: { inner.problems($0[keyPath: path]) }))
            case .value(let inner):
                .value(
                    Field<Outer>.Access(
                        kind: inner.kind, schema: inner.schema, nested: { inner.nested($0[keyPath: path]) },
                        read: { inner.read(&$0[keyPath: path], $1, &$2) },
                        tree: { inner.tree($0[keyPath: path], $1) }))
            }
        return Field<Outer>(
            name: name, summary: summary, isRequired: isRequired, aliases: aliases, deprecation: deprecation,
            role: lifted)
    }
}

extension SettingGroup {
    /// Every key at this level, those of embedded types included.
    static var allFields: [Field<Self>] {
        FieldCache.fields {
            fields.flatMap { field in
                if case .embedded(let embedding) = field.role { embedding.fields() } else { [field] }
            }
        }
    }

    /// What is wrong with the combination of values, embedded types included.
    func problems() -> [Problem] {
        Self.fields.reduce(into: check()) { problems, field in
            if case .embedded(let embedding) = field.role { problems += embedding.problems(self) }
        }
    }
}
