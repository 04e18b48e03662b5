internal import OTTL
internal import Settings

/// Statements of a signal: the keys `trace_statements` and so on.
struct TransformStatements<Place: StatementPlace>: SettingValue {
    private var texts = GroupedTexts<StatementGroup>()
    /// Everything that was read without mistakes.
    private(set) var groups: [TransformGroup] = []

    init() {}

    static var kind: String { GroupedTexts<StatementGroup>.kind }
    static var schema: Tree { GroupedTexts<StatementGroup>.schema }
    var nested: NestedSection? { NestedSection(StatementGroup(), shape: .listed, isPresent: false) }

    static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let texts = GroupedTexts<StatementGroup>.read(tree, with: &reader) else { return nil }
        var result = Self()
        result.texts = texts
        for (index, group) in texts.groups.enumerated() {
            let problems = Self.problems(of: group)
            for (key, message) in problems {
                let place = tree.list?[index][key]?.position
                reader.report(Diagnostic(at: place, path: reader.path + ["\(index)", key], message))
            }
            if problems.isEmpty, let compiled = result.compiled(group, at: index, &reader) {
                result.groups.append(compiled)
            }
        }
        return result
    }

    private static func problems(of group: StatementGroup) -> [(key: String, message: String)] {
        var problems: [(key: String, message: String)] = []
        if let problem = group.context.flatMap({ Place.problem(with: $0) }) {
            problems.append(("context", problem))
        }
        if group.flatten, Place.name != LogPlace.name {
            problems.append(("flatten", "is for log_statements only"))
        }
        return problems
    }

    /// A group, ready to run; `nil` when there are mistakes in it.
    private func compiled(
        _ group: StatementGroup, at index: Int, _ reader: inout SettingReader
    ) -> TransformGroup? {
        guard !group.statements.isEmpty else { return nil }
        var mistakes = 0
        func check<Result>(
            _ source: StatementSource, _ key: String, _ number: Int, _ reader: inout SettingReader,
            _ body: () throws(OTTLError) -> Result
        ) -> Result? {
            do throws(OTTLError) {
                return try body()
            } catch {
                mistakes += 1
                let path = reader.path + texts.path(index, key, number)
                reader.report(source.diagnostic(error, path: path))
                return nil
            }
        }
        for (number, source) in group.statements.enumerated() {
            _ = check(source, "statements", number, &reader) { () throws(OTTLError) in
                try Self.context(of: [source], [])
            }
        }
        for (number, source) in group.conditions.enumerated() {
            _ = check(source, "conditions", number, &reader) { () throws(OTTLError) in
                try Self.context(of: [], [source])
            }
        }
        guard mistakes == 0 else { return nil }
        let inferred = try? Self.context(of: group.statements, group.conditions)
        let context = group.context ?? inferred ?? Place.contexts[0]
        let isBare = group.context == nil
        let statements = group.statements.enumerated().map { number, source in
            check(source, "statements", number, &reader) { () throws(OTTLError) in
                try Self.statement(source.text, context, mustSayContext: isBare)
            }
        }
        let conditions = group.conditions.enumerated().map { number, source in
            check(source, "conditions", number, &reader) { () throws(OTTLError) in
                try Self.condition(source.text, context, mustSayContext: isBare)
            }
        }
        guard mistakes == 0 else { return nil }
        return TransformGroup(
            context: context, conditions: conditions.compactMap { $0 },
            statements: statements.compactMap { $0 }, errorMode: group.errorMode,
            sharesCache: group.sharedCache, flattens: group.flatten)
    }

    /// What the paths of statements and conditions say they are about; `nil` when they say nothing.
    private static func context(
        of statements: [StatementSource], _ conditions: [StatementSource]
    ) throws(OTTLError) -> OTTLContext? {
        try ContextInference.context(
            ofStatements: statements.map(\.text), conditions: conditions.map(\.text)
        ) { context in
            Place.contexts.contains(context) ? .transform(in: context) : nil
        }
    }

    private static func statement(
        _ text: String, _ context: OTTLContext, mustSayContext: Bool
    ) throws(OTTLError) -> Statement {
        if mustSayContext, let mistake = try ContextInference.barePath(ofStatement: text, in: context) {
            throw mistake
        }
        try check(context, text)
        return try Statement(parsing: text, context: context, functions: .transform(in: context))
    }

    private static func condition(
        _ text: String, _ context: OTTLContext, mustSayContext: Bool
    ) throws(OTTLError) -> Condition {
        if mustSayContext, let mistake = try ContextInference.barePath(ofCondition: text, in: context) {
            throw mistake
        }
        try check(context, text)
        return try Condition(parsing: text, context: context, functions: .transform(in: context))
    }

    private static func check(_ context: OTTLContext, _ text: String) throws(OTTLError) {
        guard !Place.contexts.contains(context) else { return }
        throw OTTLError(
            "the statements are about a \(context.rawValue), which \(Place.name)s do not have",
            at: 0..<text.unicodeScalars.count)
    }

    func tree(_ secrets: SecretVisibility) -> Tree? { texts.tree(secrets) }
}

/// Statements that run together.
struct StatementGroup: TextGroup {
    var context: OTTLContext?
    var errorMode: ErrorMode?
    var conditions: [StatementSource] = []
    var statements: [StatementSource] = []
    var sharedCache = false
    var flatten = false
    private(set) var isPlain = false

    init() {}

    init(_ texts: Tree, with reader: inout SettingReader) {
        isPlain = true
        statements = [StatementSource].read(texts, over: nil, with: &reader) ?? []
    }

    static let fields: [Field<Self>] = [
        Field(
            "context", \.context,
            "What the statements are about; without it their paths say so, as in span.name."),
        Field("error_mode", \.errorMode, "Overrides the error_mode of the processor."),
        Field(
            "conditions", \.conditions,
            "Of which one has to hold for the statements to run; without any they always run."),
        Field("statements", \.statements, "What is done, one after another.", required: true),
        Field(
            "shared_cache", \.sharedCache,
            "Whether cache is one map for a whole batch and all groups of the context with this key; at "
                + "more than 100 entries, or 1,000 in a list or map inside of it, it begins anew."),
        Field(
            "flatten", \.flatten,
            "Whether each log record has a resource and a scope of its own while the group runs."),
    ]

    func texts(_ secrets: SecretVisibility) -> Tree { statements.tree(secrets) ?? .list([]) }
}
