internal import Telemetry

/// The points of one scrape, or of one process in it, until they are written.
struct MetricSheet<Metric: HostMetricName> {
    /// What the configuration wants of one metric.
    private struct Plan {
        let header: MetricsBuilder.Header
        let kind: HostMetric.Kind
        let names: [String]
        /// Which of the attributes points keep, as places in `names`.
        let kept: [Int]
        let strategy: MetricSettings.Strategy

        var keepsAll: Bool { kept.count == names.count }
    }

    private struct Point {
        var values: [String]
        var value: NumberValue
    }

    private let plans: [(metric: Metric, plan: Plan)]
    private let wanted: Set<Metric>
    private var points: [Metric: [Point]] = [:]

    init(_ switches: MetricSwitches<Metric>) {
        plans = Metric.allCases.filter { switches[$0].isEnabled }.map { metric in
            let (definition, settings) = (metric.definition, switches[metric])
            let names = definition.attributes.map { $0.name }
            return (
                metric,
                Plan(
                    header: .init(metric.rawValue, unit: definition.unit, details: definition.details),
                    kind: definition.kind, names: names,
                    kept: names.indices.filter { settings.attributes.contains(names[$0]) },
                    strategy: settings.strategy)
            )
        }
        wanted = Set(plans.map { $0.metric })
    }

    /// Whether any of these metrics is made, so that it is worth reading what they are made of.
    func wants(_ metrics: Metric...) -> Bool { metrics.contains { wanted.contains($0) } }

    /// Whether there is anything to write.
    var hasPoints: Bool { !points.isEmpty }

    /// How many metrics are made.
    var enabledCount: Int { wanted.count }

    /// How many metrics of these are made: as many points are missing at least when they cannot be read.
    func count(_ metrics: Metric...) -> Int { metrics.count { wanted.contains($0) } }

    /// Whether points of the metric keep an attribute.
    func keeps(_ attribute: String, of metrics: Metric...) -> Bool {
        plans.contains { metric, plan in
            metrics.contains(metric) && plan.kept.contains { plan.names[$0] == attribute }
        }
    }

    /// Adds a point with values of all attributes, in the order of the definition; empty ones are left out.
    mutating func record(_ metric: Metric, _ value: NumberValue, _ values: String...) {
        guard wanted.contains(metric) else { return }
        points[metric, default: []].append(Point(values: values, value: value))
    }

    /// The same for a number of the kernel.
    mutating func record(_ metric: Metric, _ value: UInt64, _ values: String...) {
        guard wanted.contains(metric) else { return }
        points[metric, default: []].append(Point(values: values, value: .int(Int64(clamping: value))))
    }

    /// Writes all points and forgets them; sums are since `start`, both in nanoseconds since 1970.
    ///
    /// A start of 0 is unknown.
    mutating func write(to builder: inout MetricsBuilder, start: UInt64, time: UInt64) {
        for (metric, plan) in plans {
            guard let points = points[metric], !points.isEmpty else { continue }
            let shown = plan.keepsAll ? points : Self.merged(points, plan)
            let write = { (output: PointsBuilder<NumberPointBuilder>) in
                for point in shown {
                    output.point { builder in
                        if plan.kind != .gauge, start > 0 { builder.startTime(start) }
                        builder.time(time)
                        builder.value(point.value)
                        for place in plan.kept
                        where place < point.values.count && !point.values[place].isEmpty {
                            builder.attribute(plan.names[place], .string(point.values[place]))
                        }
                    }
                }
            }
            switch plan.kind {
            case .counter: builder.sum(plan.header, .cumulative, isMonotonic: true, write)
            case .amount: builder.sum(plan.header, .cumulative, isMonotonic: false, write)
            case .gauge: builder.gauge(plan.header, write)
            }
        }
        points.removeAll(keepingCapacity: true)
    }

    /// Makes one point of those that do not differ in what is kept.
    private static func merged(_ points: [Point], _ plan: Plan) -> [Point] {
        var places: [[String]: Int] = [:]
        var result: [(point: Point, count: Int)] = []
        for point in points {
            var shown = point
            for place in shown.values.indices where !plan.kept.contains(place) { shown.values[place] = "" }
            if let place = places[shown.values] {
                result[place].point.value = result[place].point.value.merged(with: point.value, plan.strategy)
                result[place].count += 1
            } else {
                places[shown.values] = result.count
                result.append((shown, 1))
            }
        }
        return result.map { point, count in
            guard plan.strategy == .avg else { return point }
            var point = point
            point.value = point.value.divided(by: count)
            return point
        }
    }
}

extension NumberValue {
    fileprivate func merged(with other: NumberValue, _ strategy: MetricSettings.Strategy) -> NumberValue {
        if case .int(let left) = self, case .int(let right) = other {
            return switch strategy {
            case .sum, .avg: .int(left.saturatingAdding(right))
            case .min: .int(Swift.min(left, right))
            case .max: .int(Swift.max(left, right))
            }
        }
        return switch strategy {
        case .sum, .avg: .double(double + other.double)
        case .min: .double(Swift.min(double, other.double))
        case .max: .double(Swift.max(double, other.double))
        }
    }

    fileprivate func divided(by count: Int) -> NumberValue {
        switch self {
        case .int(let value): .int(value / Int64(count))
        case .double(let value): .double(value / Double(count))
        }
    }

    private var double: Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }
}

extension Int64 {
    fileprivate func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? (other > 0 ? .max : .min) : sum
    }
}
