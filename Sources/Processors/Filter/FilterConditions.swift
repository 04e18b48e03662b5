internal import OTTL
internal import Settings

/// Conditions of a signal, each in the context that its paths say: the keys `trace_conditions` and so on.
struct FilterConditions<Place: StatementPlace>: SettingValue {
    private var texts = GroupedTexts<ConditionGroup>()
    /// Everything that was read without mistakes.
    private(set) var rules: [FilterRule] = []

    init() {}

    static var kind: String { GroupedTexts<ConditionGroup>.kind }
    static var schema: Tree { GroupedTexts<ConditionGroup>.schema }
    var nested: NestedSection? { NestedSection(ConditionGroup(), shape: .listed, isPresent: false) }

    static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let texts = GroupedTexts<ConditionGroup>.read(tree, with: &reader) else { return nil }
        var result = Self()
        result.texts = texts
        for (index, group) in texts.groups.enumerated() {
            if let problem = group.context.flatMap({ Place.problem(with: $0) }) {
                let place = tree.list?[index]["context"]?.position
                reader.report(
                    Diagnostic(at: place, path: reader.path + ["\(index)", "context"], problem))
                continue
            }
            for (number, source) in group.conditions.enumerated() {
                do throws(OTTLError) {
                    let condition = try Self.condition(source.text, group.context)
                    result.rules.append(FilterRule(condition, errorMode: group.errorMode))
                } catch {
                    let path = reader.path + texts.path(index, "conditions", number)
                    reader.report(source.diagnostic(error, path: path))
                }
            }
        }
        return result
    }

    private static func condition(
        _ text: String, _ context: OTTLContext?
    ) throws(OTTLError) -> Condition {
        if let context {
            return try Condition(parsing: text, context: context, functions: .filter(in: context))
        }
        let inferred = try ContextInference.context(ofConditions: [text]) { context in
            Place.contexts.contains(context) ? .filter(in: context) : nil
        }
        let context = inferred ?? Place.contexts[0]
        if let mistake = try ContextInference.barePath(ofCondition: text, in: context) { throw mistake }
        guard Place.contexts.contains(context) else {
            throw OTTLError(
                "it is about a \(context.rawValue), which \(Place.name)s do not have",
                at: 0..<text.unicodeScalars.count)
        }
        return try Condition(parsing: text, context: context, functions: .filter(in: context))
    }

    func tree(_ secrets: SecretVisibility) -> Tree? { texts.tree(secrets) }
}

/// Conditions that share a context or how their errors are taken.
struct ConditionGroup: TextGroup {
    var context: OTTLContext?
    var errorMode: ErrorMode?
    var conditions: [StatementSource] = []
    private(set) var isPlain = false

    init() {}

    init(_ texts: Tree, with reader: inout SettingReader) {
        isPlain = true
        conditions = [StatementSource].read(texts, over: nil, with: &reader) ?? []
    }

    static let fields: [Field<Self>] = [
        Field(
            "context", \.context,
            "What the conditions are about; without it their paths say so, as in span.name."),
        Field("error_mode", \.errorMode, "Overrides the error_mode of the processor."),
        Field("conditions", \.conditions, "What is dropped: one of them has to hold.", required: true),
    ]

    func texts(_ secrets: SecretVisibility) -> Tree { conditions.tree(secrets) ?? .list([]) }
}

/// Conditions of one context: the older keys, such as `traces.span`.
struct FilterList<Context: FilterListContext>: SettingValue {
    private var sources: [StatementSource] = []
    /// Everything that was read without mistakes.
    private(set) var rules: [FilterRule] = []

    init() {}

    static var kind: String { [StatementSource].kind }
    static var schema: Tree { [StatementSource].schema }

    static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let sources = [StatementSource].read(tree, over: nil, with: &reader) else { return nil }
        var result = Self()
        result.sources = sources
        for (index, source) in sources.enumerated() {
            do throws(OTTLError) {
                let context = Context.context
                let condition = try Condition(
                    parsing: source.text, context: context, functions: .filter(in: context))
                result.rules.append(FilterRule(condition, errorMode: nil))
            } catch {
                reader.report(source.diagnostic(error, path: reader.path + ["\(index)"]))
            }
        }
        return result
    }

    /// Whether it has conditions.
    var isGiven: Bool { !sources.isEmpty }

    func tree(_ secrets: SecretVisibility) -> Tree? { sources.tree(secrets) }
}

/// What the conditions of a `FilterList` are about.
protocol FilterListContext: SendableMetatype {
    static var context: OTTLContext { get }
}

enum InResource: FilterListContext { static let context = OTTLContext.resource }
enum InSpan: FilterListContext { static let context = OTTLContext.span }
enum InSpanEvent: FilterListContext { static let context = OTTLContext.spanevent }
enum InMetric: FilterListContext { static let context = OTTLContext.metric }
enum InDataPoint: FilterListContext { static let context = OTTLContext.datapoint }
enum InLog: FilterListContext { static let context = OTTLContext.log }
