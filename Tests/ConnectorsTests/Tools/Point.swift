import Telemetry
import Wire

/// A data point as tests look at it, whatever its kind.
struct Point {
    var metric = ""
    var unit = ""
    var details = ""
    var temporality = 0
    var isMonotonic = false
    var scope = ""
    /// The attributes of the resource as `key=value key=value`, in the order of the keys.
    var resource = ""
    /// Its own attributes, likewise.
    var labels = ""
    var start: UInt64 = 0
    var time: UInt64 = 0
    /// The value of a sum.
    var value: Int64?
    var count: UInt64 = 0
    var sum = 0.0
    /// Counts of buckets; of exponential ones those above zero.
    var buckets: [UInt64] = []
    var bounds: [Double] = []
    var scale: Int?
    var offset = 0
    var zeroCount: UInt64 = 0
    var minimum: Double?
    var maximum: Double?
    var exemplars: [ExemplarView] = []
    var attributes: [String: AttributeValue] = [:]
}

extension Batch {
    /// All data points, in the order of their metrics and labels.
    var points: [Point] {
        resourceMetrics.flatMap { group -> [Point] in
            group.scopes.flatMap { scope in
                scope.records.flatMap { metric in
                    metric.points.map { point in
                        var point = point
                        (point.metric, point.unit, point.details) = (metric.name, metric.unit, metric.details)
                        point.scope = scope.scope.name
                        point.resource = group.resource.attributes.line
                        return point
                    }
                }
            }
        }.sorted { ($0.metric, $0.resource, $0.labels) < ($1.metric, $1.resource, $1.labels) }
    }
}

extension Sequence where Element == Batch {
    /// The data points of all batches.
    var points: [Point] {
        flatMap { $0.points }.sorted {
            ($0.metric, $0.resource, $0.labels) < ($1.metric, $1.resource, $1.labels)
        }
    }
}

extension Messages where View == KeyValueView {
    /// `key=value key=value`, in the order of the keys.
    var line: String { map { "\($0.key)=\($0.value.text)" }.sorted().joined(separator: " ") }
}

extension MetricView {
    fileprivate var points: [Point] {
        switch content {
        case .empty, .summary: return []
        case .gauge(let points): return points.map { Point(number: $0) }
        case .sum(let points, let temporality, let isMonotonic):
            return points.map { view in
                var point = Point(number: view)
                (point.temporality, point.isMonotonic) = (temporality, isMonotonic)
                return point
            }
        case .histogram(let points, let temporality):
            return points.map { view in
                var point = Point(view, view.attributes)
                point.temporality = temporality
                (point.count, point.sum) = (view.count, view.sum ?? .nan)
                (point.buckets, point.bounds) = (view.bucketCounts, view.explicitBounds)
                point.exemplars = Array(view.exemplars)
                return point
            }
        case .exponentialHistogram(let points, let temporality):
            return points.map { view in
                var point = Point(view, view.attributes)
                point.temporality = temporality
                (point.count, point.sum) = (view.count, view.sum ?? .nan)
                point.buckets = view.positive?.bucketCounts ?? []
                (point.scale, point.offset) = (view.scale, view.positive?.offset ?? 0)
                point.zeroCount = view.zeroCount
                (point.minimum, point.maximum) = (view.min, view.max)
                point.exemplars = Array(view.exemplars)
                return point
            }
        }
    }
}

extension Point {
    fileprivate init(_ view: some PointView, _ attributes: Messages<KeyValueView>) {
        labels = attributes.line
        (start, time) = (view.startTime, view.time)
        self.attributes = Dictionary(
            attributes.map { ($0.key, .encoded($0.value)) }, uniquingKeysWith: { first, _ in first })
    }

    fileprivate init(number view: NumberPointView) {
        self.init(view, view.attributes)
        if case .int(let value)? = view.value { self.value = value }
        exemplars = Array(view.exemplars)
    }
}
