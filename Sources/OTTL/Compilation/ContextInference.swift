/// Finds out which context statements are about, from the prefixes of their paths.
///
/// The innermost message that a path names decides: `span` before `scope` before `resource`. Where that
/// context lacks a function or a name that the statements use, the next further in that has them is taken.
public enum ContextInference {
    /// Contexts from the inside to the outside.
    private static let order: [OTTLContext] = [
        .log, .datapoint, .metric, .spanevent, .span, .scope, .resource,
    ]

    /// The context of statements; `nil` when no path says one.
    ///
    /// `functions` are those of each context that can be chosen.
    /// - Throws: the first statement's mistake of syntax.
    public static func context(
        ofStatements texts: [String], functions: (OTTLContext) -> FunctionSet?
    ) throws(OTTLError) -> OTTLContext? {
        var hints = Hints()
        for text in texts {
            let parsed = try Parser.statement(text)
            hints.add(parsed.editor)
            if let condition = parsed.condition { hints.add(condition) }
        }
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

    /// What statements use.
    private struct Hints {
        var contexts: Set<OTTLContext> = []
        var functions: Set<String> = []
        var names: Set<String> = []

        func context(_ available: (OTTLContext) -> FunctionSet?) -> OTTLContext? {
            guard let first = order.first(where: { contexts.contains($0) }) else { return nil }
            let candidates = order.filter { candidate in
                PathResolver.reach(of: candidate).contains { $0.rawValue == first.rawValue }
            }
            // The one that the paths say comes before those further in.
            return ([first] + candidates.filter { $0 != first }).first { candidate in
                guard let set = available(candidate) else { return false }
                return functions.allSatisfy { set[$0] != nil }
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
            case .negation(let inner), .lambda(_, .value(let inner)): add(inner)
            case .lambda(_, .logic(let inner)): add(inner)
            case .math(let left, _, let right):
                add(left)
                add(right)
            }
        }

        private mutating func add(_ path: PathExpression) {
            for segment in path.segments {
                for key in segment.keys { add(key) }
            }
            guard path.segments.count > 1 else { return }
            let prefix = path.segments[0].name == "instrumentation_scope" ? "scope" : path.segments[0].name
            if let context = OTTLContext(rawValue: prefix) { contexts.insert(context) }
        }
    }
}
