internal import OTTL
internal import Pipeline
internal import Settings
internal import Telemetry

/// Why a route cannot be used: the problem with one of its keys.
struct InvalidRoute: Error {
    let problem: Problem
}

/// A route whose condition was parsed, checked and compiled.
struct CompiledRoute {
    /// What decides.
    enum Test {
        case request(RequestCondition)
        case condition(Condition)
        case statement(Statement)
    }

    let test: Test
    let pipelines: [PipelineID]
    let action: RoutingConnector.RouteAction
    /// Its place in the table, from 0.
    let number: Int

    init(_ route: RoutingConnector.Route, number: Int) throws(InvalidRoute) {
        guard let source = route.source else {
            throw InvalidRoute(problem: Problem("", "needs a condition or a statement"))
        }
        if route.condition != nil, route.statement != nil {
            throw InvalidRoute(problem: Problem("statement", "stands beside a condition; write one of them"))
        }
        pipelines = route.pipelines
        action = route.action
        self.number = number
        let key = route.condition == nil ? "statement" : "condition"
        do throws(OTTLError) {
            test = try Self.test(route, source.text)
        } catch let error {
            // An error without a place in the text is about the context.
            guard error.range.isEmpty, error.range.lowerBound < 0 else {
                throw InvalidRoute(problem: source.problem(error, field: key))
            }
            let field = route.context == nil ? key : "context"
            throw InvalidRoute(problem: Problem(field, error.message, suggestion: error.suggestion))
        }
    }

    /// Where telemetry has to be shown to it; nowhere for a condition on requests.
    var places: Places {
        switch test {
        case .request: []
        case .condition(let condition): condition.places
        case .statement(let statement): statement.places
        }
    }

    /// Whether it may change what is around the telemetry that it is shown.
    var changesParents: Bool {
        if case .statement(let statement) = test { statement.changesParents } else { false }
    }

    /// Whether it takes the telemetry of the frame, which a statement may change.
    func holds(_ frame: Frame) throws(EvaluationError) -> Bool {
        switch test {
        case .request: false
        case .condition(let condition): try condition.holds(frame)
        case .statement(let statement): try statement.run(frame)
        }
    }

    private static func test(_ route: RoutingConnector.Route, _ text: String) throws(OTTLError) -> Test {
        if route.context == .request {
            guard route.condition != nil else {
                throw misplaced("request needs a condition, not a statement")
            }
            return .request(try RequestCondition(parsing: text))
        }
        let available = contexts(route.pipelines.first?.signal ?? .logs)
        let context = try context(route, text, available)
        guard available.contains(context) else {
            let names = available.map { $0.rawValue } + ["request"]
            let signal = route.pipelines.first?.signal.rawValue ?? ""
            throw misplaced(
                "\(signal) cannot be routed by \(context.rawValue); use \(names.joined(separator: ", "))")
        }
        guard route.condition == nil else {
            return .condition(try Condition(parsing: text, context: context, functions: functions))
        }
        return .statement(try Statement(parsing: text, context: context, functions: functions))
    }

    private static func context(
        _ route: RoutingConnector.Route, _ text: String, _ available: [OTTLContext]
    ) throws(OTTLError) -> OTTLContext {
        switch route.context {
        // What is known of the sender can be asked from anywhere, and is the same for every resource.
        case .resource, .request, .otelcol: return .resource
        case .span: return .span
        case .metric: return .metric
        case .datapoint: return .datapoint
        case .log: return .log
        case nil: break
        }
        let functions: (OTTLContext) -> FunctionSet? = { available.contains($0) ? Self.functions : nil }
        let inferred =
            route.condition == nil
            ? try ContextInference.context(ofStatements: [text], functions: functions)
            : try ContextInference.context(ofConditions: [text], functions: functions)
        return inferred ?? .resource
    }

    private static func misplaced(_ message: String) -> OTTLError { OTTLError(message, at: -1..<(-1)) }

    /// The contexts by which telemetry of a signal can be routed.
    private static func contexts(_ signal: Signal) -> [OTTLContext] {
        switch signal {
        case .traces: [.resource, .span]
        case .metrics: [.resource, .metric, .datapoint]
        case .logs, .profiles: [.resource, .log]
        }
    }

    /// All converters, and of the editors those that otelcol has here too.
    private static let functions: FunctionSet = {
        let standard = FunctionSet.standard
        let editors: Set = ["delete_key", "delete_matching_keys"]
        let chosen = standard.names.compactMap { standard[$0] }.filter {
            !$0.isEditor || editors.contains($0.name)
        }
        return FunctionSet(chosen).adding([
            Function(editor: "route", []) { _ in { _ throws(EvaluationError) in } }
        ])
    }()
}
