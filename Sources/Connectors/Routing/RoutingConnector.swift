internal import Logging
internal import OTTL
public import Pipeline
public import Settings
public import Telemetry

/// Sends telemetry to pipelines by what it says, or by who sent it.
///
/// Routes are asked in their order; each takes its part out of what those before it left over (`move`), or
/// leaves it to them too (`copy`). A batch that goes one way as a whole stays the very same bytes.
public struct RoutingConnector: Connector {
    public static let name = "routing"
    public static let summary = "Sends telemetry to pipelines by conditions on it or on its sender."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let conversions = [Signal.traces, .metrics, .logs].map { (from: $0, to: $0) }
    public static let differences = [
        "What no route takes, without default_pipelines, is counted as filtered; there it is nowhere.",
        "The metadata of gRPC requests is known where the receiver has include_metadata, as that of HTTP.",
        "Behind batch, which joins requests, nothing is known of a sender unless its metadata_keys keep them "
            + "apart.",
        "When one pipeline takes its part of a batch and another refuses, the batch is accepted: what was "
            + "refused is overflowed there, and a sender that waits is told. There the sender sends "
            + "everything again.",
        "All pipelines of one connector carry the same signal, and a context that the signal does not have "
            + "is an error.",
        "A batch that propagate refuses is refused for good.",
    ]

    private let routes: [CompiledRoute]
    private let defaults: [PipelineID]
    private let errorMode: ErrorMode
    private let logger: Logger
    private let surroundings: Surroundings
    private let counters: [Counter]
    private let failures: Counter
    /// Which messages of a batch a route takes; kept for its memory.
    private var marks: [Bool] = []

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let repeated = configuration.repeatedRoutes.map { $0.index }
        var routes: [CompiledRoute] = []
        for (index, route) in configuration.table.enumerated() where !repeated.contains(index) {
            do throws(InvalidRoute) {
                routes.append(try CompiledRoute(route, number: index))
            } catch {
                throw ComponentError(error.problem.message, key: "table.\(index).\(error.problem.field)")
            }
        }
        self.routes = routes
        defaults = configuration.defaultPipelines
        errorMode = configuration.errorMode
        logger = context.logger
        surroundings = Surroundings(now: { [clock = context.clock] in
            Int64(clamping: clock.unixNanoseconds)
        })
        let id = context.id.description
        let names = routes.map { "\($0.number)" } + [defaults.isEmpty ? "none" : "default"]
        counters = names.map { name in
            context.metrics.counter(
                "apus_connector_routing_items",
                "Items by the route that they took, from 0; default or none for those that no route took.",
                labels: [("connector", id), ("route", name)])
        }
        failures = context.metrics.counter(
            "apus_connector_routing_errors", "Conditions that could not be evaluated.",
            labels: [("connector", id)])
    }

    public static func problems(of configuration: Configuration, at place: ConnectorPlace) -> [Problem] {
        RouteChecks(configuration).problems(at: place)
    }

    public mutating func consume(
        _ batch: consuming Batch, into outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        var parts = RoutedParts(routes: routes.count)
        // Each claimant's items are routed for themselves, so that it learns of its own and of no others.
        // Where nobody knows whose they are, every part may have some of each.
        if batch.isClaimedExactly {
            batch.claims.removeAll { $0.items == 0 }
            try routeEachClaim(batch, &parts)
        } else {
            try route(batch, &parts)
        }
        let receipt = try outlets.send(parts.batches)
        outlets.filter(parts.unrouted)
        for (index, items) in parts.counts.enumerated() where items > 0 { counters[index].add(items) }
        return receipt
    }

    /// Routes the items of each claim for themselves.
    ///
    /// Halves are cut off, not one after the other: each cut moves what is left behind it.
    private mutating func routeEachClaim(_ batch: Batch, _ parts: inout RoutedParts) throws(Rejection) {
        let claims = batch.claims
        guard claims.count > 1 else { return try route(batch, &parts) }
        var rest = batch
        let head = rest.removeFirst(items: claims[..<(claims.count / 2)].reduce(0) { $0 + $1.items })
        try routeEachClaim(head, &parts)
        try routeEachClaim(rest, &parts)
    }

    /// Sends every part of `batch` its way.
    private mutating func route(_ batch: Batch, _ parts: inout RoutedParts) throws(Rejection) {
        let claims = batch.claims
        var rest = batch
        rest.claims = []
        // What has got somewhere is not lost when it goes nowhere else.
        var copied = Batch(signal: batch.signal)
        for (index, route) in routes.enumerated() {
            let isCopy = route.action == .copy
            if copied.itemCount > 0, let part = try take(route, from: &copied, keeping: isCopy) {
                parts.add(part, of: claims, to: route.pipelines, route: index)
            }
            let keeping = isCopy && !defaults.isEmpty
            if rest.itemCount > 0, let part = try take(route, from: &rest, keeping: keeping) {
                parts.add(part, of: claims, to: route.pipelines, route: index)
                if isCopy, !keeping { copied.append(part) }
            }
        }
        if defaults.isEmpty {
            parts.unrouted += rest.itemCount
            parts.counts[routes.count] += rest.itemCount
        } else {
            parts.add(rest, of: claims, to: defaults, route: routes.count)
        }
    }

    /// The part of `batch` that a route takes, which stays there too with `keeping`; `nil` when it takes
    /// nothing.
    private mutating func take(
        _ route: CompiledRoute, from batch: inout Batch, keeping: Bool
    ) throws(Rejection) -> Batch? {
        let isWhole: Bool
        if case .request(let condition) = route.test {
            guard condition.holds(batch.origin) else { return nil }
            isWhole = true
        } else {
            let taken = try mark(route, in: &batch)
            guard taken > 0 else { return nil }
            isWhole = taken == marks.count
        }
        var part = batch
        if !isWhole { part.drop(route.places, where: marks, are: false) }
        if !keeping {
            if isWhole {
                batch = Batch(signal: batch.signal)
            } else {
                batch.drop(route.places, where: marks, are: true)
            }
        }
        return part
    }

    /// Notes in `marks` which messages a route takes, and returns how many these are.
    private mutating func mark(_ route: CompiledRoute, in batch: inout Batch) throws(Rejection) -> Int {
        var marks: [Bool] = []
        swap(&marks, &self.marks)
        marks.removeAll(keepingCapacity: marks.capacity <= Self.keptMarks)
        var (taken, failed, failure) = (0, 0, EvaluationError?.none)
        var surroundings = surroundings
        surroundings.origin = batch.origin
        let isStrict = errorMode == .propagate
        var known: Frame?
        batch.rewrite(route.places, changesParents: route.changesParents) { draft in
            guard !isStrict || failure == nil else { return }
            if known?.draft !== draft { known = Frame(draft, surroundings) }
            guard let frame = known else { return }
            frame.begin()
            var holds = false
            do throws(EvaluationError) {
                holds = try route.holds(frame)
            } catch {
                failed += 1
                failure = failure ?? error
            }
            marks.append(holds)
            if holds { taken += 1 }
        }
        self.marks = marks
        if let failure { try report(failure, failed, route) }
        return taken
    }

    /// Messages whose marks the connector keeps memory for.
    private static let keptMarks = 1 << 16

    private func report(
        _ failure: EvaluationError, _ count: Int, _ route: CompiledRoute
    ) throws(Rejection) {
        failures.add(count)
        switch errorMode {
        case .silent: break
        case .ignore:
            logger.warning(
                "a condition could not be evaluated",
                metadata: ["route": "\(route.number)", "error": "\(failure)", "times": "\(count)"])
        case .propagate:
            throw .never(reason: "the condition of table.\(route.number) failed: \(failure)")
        }
    }
}

extension Batch {
    /// Takes out the messages of some places whose marks are `value`.
    fileprivate mutating func drop(_ places: Places, where marks: [Bool], are value: Bool) {
        var index = 0
        rewrite(places) { draft in
            if index < marks.count, marks[index] == value { draft.drop() }
            index += 1
        }
    }
}
