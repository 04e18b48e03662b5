internal import OTTL
internal import Pipeline
internal import Settings
internal import Telemetry

/// Finds what is wrong with a table of routes.
struct RouteChecks {
    private let configuration: RoutingConnector.Configuration

    init(_ configuration: RoutingConnector.Configuration) {
        self.configuration = configuration
    }

    /// What the configuration alone shows.
    var problems: [Problem] {
        signalProblems + configuration.table.indices.flatMap { routeProblems(at: $0) } + repetitions
    }

    /// What shows only where the connector stands.
    func problems(at place: ConnectorPlace) -> [Problem] {
        var found = named.compactMap { place.problem(with: $0.id, field: $0.field) }
        for source in place.sources {
            guard let signal, source.signal != signal else { continue }
            found.append(
                Problem(
                    "table",
                    "routes \(signal.rawValue), and the pipeline '\(source)' brings "
                        + "\(source.signal.rawValue); use a routing connector for each signal"))
        }
        return found
    }

    /// Every pipeline that is named, with its place.
    private var named: [(field: String, id: PipelineID)] {
        let defaults = configuration.defaultPipelines.enumerated().map { index, id in
            ("default_pipelines.\(index)", id)
        }
        return defaults
            + configuration.table.enumerated().flatMap { route, settings in
                settings.pipelines.enumerated().map { ("table.\(route).pipelines.\($0)", $1) }
            }
    }

    /// What is routed: the signal of the first pipeline.
    private var signal: Signal? {
        (configuration.table.lazy.flatMap { $0.pipelines }.first ?? configuration.defaultPipelines.first)?
            .signal
    }

    private var signalProblems: [Problem] {
        guard let signal else { return [] }
        guard signal != .profiles else { return [Problem("table", "profiles cannot be routed")] }
        return named.filter { $0.id.signal != signal }.map { field, _ in
            Problem(
                field,
                "other pipelines here are for \(signal.rawValue); use a routing connector for each signal")
        }
    }

    private func routeProblems(at index: Int) -> [Problem] {
        let route = configuration.table[index]
        do throws(InvalidRoute) {
            _ = try CompiledRoute(route, number: index)
            return []
        } catch {
            let problem = error.problem
            let field = problem.field.isEmpty ? "table.\(index)" : "table.\(index).\(problem.field)"
            return [
                Problem(field, problem.message, at: problem.position, suggestion: problem.suggestion)
            ]
        }
    }

    /// Routes that say what one before them says.
    private var repetitions: [Problem] {
        configuration.repeatedRoutes.map { index, first in
            Problem(
                "table.\(index)", "says the same as table.\(first), which comes first: nothing goes this way",
                severity: .warning)
        }
    }
}

extension RoutingConnector.Configuration {
    /// Routes with the context and the text of an earlier one; like in otelcol they are left out.
    var repeatedRoutes: [(index: Int, first: Int)] {
        var seen: [String: Int] = [:]
        var repeated: [(Int, Int)] = []
        for (index, route) in table.enumerated() {
            guard let source = route.source else { continue }
            let key = "\(route.context?.rawValue ?? "") \(route.condition == nil) \(source.text)"
            if let first = seen[key] { repeated.append((index, first)) } else { seen[key] = index }
        }
        return repeated
    }
}
