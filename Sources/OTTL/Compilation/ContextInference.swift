/// Finds out which context statements are about, from the prefixes of their paths.
///
/// The innermost message that a path names decides: `span` before `scope` before `resource`. Where that
/// context lacks a function or a name that the statements use, the next further in that has them is taken.
public enum ContextInference {
    /// Contexts from the inside to the outside.
    private static let order: [OTTLContext] = [
        .log, .datapoint, .metric, .spanevent, .span, .scope, .resource,
    ]

    /// The context of statements and of conditions that go with them; `nil` when no path says one.
    ///
    /// `functions` are those of each context that can be chosen.
    /// - Throws: the first statement's mistake of syntax.
    public static func context(
        ofStatements texts: [String], conditions: [String] = [], functions: (OTTLContext) -> FunctionSet?
    ) throws(OTTLError) -> OTTLContext? {
        var hints = Hints()
        for text in texts { hints.add(try Parser.statement(text)) }
        for text in conditions { hints.add(try Parser.condition(text)) }
        return hints.context(functions)
    }

    /// The context of conditions; `nil` when no path says one.
    ///
    /// - Throws: the first condition's mistake of syntax.
    public static func context(
        ofConditions texts: [String], functions: (OTTLContext) -> FunctionSet?
    ) throws(OTTLError) -> OTTLContext? {
        var hints = Hints()
        for text in texts { hints.add(try Parser.condition(text)) }
        return hints.context(functions)
    }

    /// The first path of a statement that does not begin with what it belongs to, as a mistake.
    public static func barePath(ofStatement text: String, in context: OTTLContext) throws(OTTLError)
        -> OTTLError?
    {
        var hints = Hints()
        hints.add(try Parser.statement(text))
        return hints.barePath(context)
    }

    /// The first path of a condition that does not begin with what it belongs to, as a mistake.
    public static func barePath(ofCondition text: String, in context: OTTLContext) throws(OTTLError)
        -> OTTLError?
    {
        var hints = Hints()
        hints.add(try Parser.condition(text))
        return hints.barePath(context)
    }

    /// What statements use.
    private struct Hints {
        var contexts: Set<OTTLContext> = []
        var functions: Set<String> = []
        var names: Set<String> = []
        /// Paths without a context, as far as they are no parameters of lambdas.
        var bare: [PathExpression.Segment] = []
        private var locals: [String] = []

        func barePath(_ context: OTTLContext) -> OTTLError? {
            guard let segment = bare.first else { return nil }
            if segment.name == "exemplar" || segment.name == "profile" {
                return OTTLError("there is no context '\(segment.name)' here", at: segment.range)
            }
            return OTTLError(
                "'\(segment.name)' does not say what it belongs to; without a context that has to be said",
                at: segment.range, suggestion: "\(context.rawValue).\(segment.name)")
        }

        mutating func add(_ statement: StatementExpression) {
            add(statement.editor)
            if let condition = statement.condition { add(condition) }
        }

        func context(_ available: (OTTLContext) -> FunctionSet?) -> OTTLContext? {
            guard let first = order.first(where: { contexts.contains($0) }) else { return nil }
            let candidates = order.filter { candidate in
                PathResolver.reach(of: candidate).contains { $0.rawValue == first.rawValue }
            }
            // The one that the paths say comes before those further in.
            return ([first] + candidates.filter { $0 != first }).first { candidate in
                guard let set = available(candidate) else { return false }
                return functions.allSatisfy { set[$0]?.isRefused == false }
                    && names.allSatisfy { candidate.enumeration[$0] != nil || set[$0] != nil }
            } ?? first
        }

        mutating func add(_ call: CallExpression) {
            functions.insert(call.name)
            for argument in call.arguments { add(argument.value) }
            for key in call.keys { add(key) }
        }

        mutating func add(_ logic: LogicExpression) {
            switch logic.kind {
            case .constant: break
            case .call(let call): add(call)
            case .comparison(let left, _, let right):
                add(left)
                add(right)
            case .not(let inner): add(inner)
            case .and(let left, let right), .or(let left, let right):
                add(left)
                add(right)
            }
        }

        mutating func add(_ expression: Expression) {
            switch expression.kind {
            case .null, .bool, .int, .float, .string, .bytes: break
            case .name(let name): names.insert(name)
            case .list(let elements): for element in elements { add(element) }
            case .map(let entries): for entry in entries { add(entry.value) }
            case .path(let path): add(path)
            case .call(let call): add(call)
            case .negation(let inner): add(inner)
            case .lambda(let parameters, let body):
                locals += parameters
                switch body {
                case .value(let inner): add(inner)
                case .logic(let inner): add(inner)
                }
                locals.removeLast(parameters.count)
            case .math(let left, _, let right):
                add(left)
                add(right)
            }
        }

        private mutating func add(_ path: PathExpression) {
            for segment in path.segments {
                for key in segment.keys { add(key) }
            }
            let first = path.segments[0]
            let prefix = first.name == "instrumentation_scope" ? "scope" : first.name
            if path.segments.count > 1 {
                if let context = OTTLContext(rawValue: prefix) {
                    contexts.insert(context)
                    return
                }
                if prefix == "otelcol" { return }
            }
            if path.segments.count > 1 || !locals.contains(first.name) { bare.append(first) }
        }
    }
}
