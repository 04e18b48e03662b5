internal import Telemetry

/// What becomes one data point: a series, or all series of one histogram or summary.
///
/// It stays from scrape to scrape; what a scrape says replaces what the one before said.
struct PointGroup: Sendable {
    /// The places of what it belongs to, in the table that it is in.
    var family: Int
    var resource: Int
    var scope: Int
    let attributes: EncodedAttributes

    /// The scrape that said something last.
    var generation: UInt32 = 0
    /// Milliseconds since 1970.
    var time: Int64 = 0
    /// Whether the page gave the time.
    var hasOwnTime = false
    /// Whether a value was passed on that has not become stale.
    var isLive = false
    /// Whether it is passed on as stale now.
    var isStale = false

    var value: Double?
    var count: Double?
    var sum: Double?
    /// Buckets with their bounds, or values with their quantiles, in the order of the page.
    var points: [(bound: Double, value: Double)] = []
    var native: NativeHistogram?
    var exemplars: [Exemplar] = []
    /// Milliseconds since 1970, where the page says since when the value counts.
    var created: Int64?

    /// Since when the value counts, in milliseconds since 1970; `nil` before the first value.
    private(set) var start: Int64?
    private var lastCount = 0.0
    private var lastSum = 0.0

    init(family: Int, resource: Int, scope: Int, attributes: EncodedAttributes) {
        self.family = family
        self.resource = resource
        self.scope = scope
        self.attributes = attributes
    }

    /// Forgets the values of the scrape before.
    mutating func begin(_ generation: UInt32, time: Int64, hasOwnTime: Bool) {
        self.generation = generation
        self.time = time
        self.hasOwnTime = hasOwnTime
        isStale = false
        (value, count, sum, native, created) = (nil, nil, nil, nil, nil)
        points.removeAll(keepingCapacity: true)
        exemplars = []
    }

    /// Becomes a point without a value.
    mutating func becomeStale(at time: Int64) {
        self.time = time
        isStale = true
        isLive = false
        points.removeAll(keepingCapacity: true)
        release()
    }

    /// Lets go what may be large and is of no use once it is written.
    mutating func release() {
        if native != nil { native = nil }
        if !exemplars.isEmpty { exemplars = [] }
    }

    /// Finds out since when a value that only grows counts: what the page says, else the first time it was
    /// seen, or was seen to be less than before.
    mutating func track(count: Double, sum: Double) {
        let isReset = count < lastCount || sum < lastSum
        if let created, created > 0, created <= time {
            start = created
        } else if start == nil || isReset {
            start = time
        }
        (lastCount, lastSum) = (count, sum)
    }

    /// Whether buckets can be counts: none less than the one before, none above the whole.
    var hasGrowingBuckets: Bool {
        var last = 0.0
        for point in points {
            guard point.value >= last else { return false }
            last = point.value
        }
        return (count ?? 0) >= last
    }

    /// Sorts buckets or quantiles by their bounds.
    mutating func sortPoints() {
        guard zip(points, points.dropFirst()).contains(where: { $0.bound > $1.bound }) else { return }
        points.sort { $0.bound < $1.bound }
    }
}

/// Values that stand for "nothing any more".
enum StaleMarker {
    /// The bits of the NaN that Prometheus has for it; another NaN is a value.
    static let bits: UInt64 = 0x7FF0_0000_0000_0002

    static func isStale(_ value: Double) -> Bool { value.bitPattern == bits }
}
