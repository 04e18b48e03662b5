public import Telemetry

/// A statement that was parsed, checked and compiled: `set(name, "x") where kind == 2`.
public struct Statement: Sendable {
    /// As it was written.
    public let text: String
    public let context: OTTLContext
    /// Whether it may change what is around the telemetry of its context: then the rewriter has to be told.
    public let changesParents: Bool
    private let work: Work

    /// What it does; a class, so that nothing is copied or counted when it runs.
    private final class Work: Sendable {
        let hasCondition: Bool
        let condition: Test
        let action: Action

        init(_ condition: CompiledTest?, _ action: @escaping Action) {
            hasCondition = condition != nil && condition?.constant != true
            let always: Test = { _ in true }
            self.condition = condition?.test ?? always
            self.action = action
        }
    }

    /// Reads and checks a statement.
    ///
    /// - Throws: the first mistake, with the columns where it is.
    public init(parsing text: String, context: OTTLContext, functions: FunctionSet) throws(OTTLError) {
        let parsed = try Parser.statement(text)
        var compiler = Compiler(context, functions)
        let action = try compiler.editor(parsed.editor)
        let condition: CompiledTest? =
            if let logic = parsed.condition { try compiler.compile(logic) } else { nil }
        work = Work(condition, action)
        changesParents = compiler.changesParents
        self.text = text
        self.context = context
    }

    /// Where the rewriter has to show telemetry for it.
    public var places: Places { context.place }

    /// Runs it; returns whether its condition held.
    @discardableResult
    public func run(_ frame: Frame) throws(EvaluationError) -> Bool {
        if work.hasCondition, !(try work.condition(frame)) { return false }
        try work.action(frame)
        return true
    }
}

/// A condition that was parsed, checked and compiled: `kind == 2 and name != ""`.
public struct Condition: Sendable {
    /// As it was written.
    public let text: String
    public let context: OTTLContext
    private let test: Test

    /// Reads and checks a condition.
    ///
    /// - Throws: the first mistake, with the columns where it is.
    public init(parsing text: String, context: OTTLContext, functions: FunctionSet) throws(OTTLError) {
        let parsed = try Parser.condition(text)
        var compiler = Compiler(context, functions)
        test = try compiler.compile(parsed).test
        self.text = text
        self.context = context
    }

    /// Where the rewriter has to show telemetry for it.
    public var places: Places { context.place }

    /// Whether it holds.
    public func holds(_ frame: Frame) throws(EvaluationError) -> Bool { try test(frame) }
}

/// An expression on its own that gives a value.
public struct ValueExpression: Sendable {
    /// As it was written.
    public let text: String
    public let context: OTTLContext
    /// What it may give.
    public let kinds: ValueKinds
    private let get: Getter

    /// Reads and checks an expression.
    ///
    /// - Throws: the first mistake, with the columns where it is.
    public init(parsing text: String, context: OTTLContext, functions: FunctionSet) throws(OTTLError) {
        var compiler = Compiler(context, functions)
        let compiled = try compiler.compile(try Parser.value(text))
        get = compiled.get
        kinds = compiled.kinds
        self.text = text
        self.context = context
    }

    /// Its value.
    public func value(_ frame: Frame) throws(EvaluationError) -> Value { try get(frame) }
}
