internal import Pipeline
internal import Telemetry

/// What was counted of spans with the same dimensions.
struct SpanSeries {
    /// An example of a span.
    struct Exemplar {
        let ids: SpanIDs
        /// How long the span took.
        let duration: Double
    }

    var count: UInt64 = 0
    var durations = Distribution()
    var exemplars: [Exemplar] = []
    /// When it began, in nanoseconds since 1970.
    let start: UInt64
    /// When the last span came.
    var lastSeen: Instant
}

/// The series of one resource.
///
/// A class, so that it can be in several lists; it is guarded by the lock of the state that it belongs to.
final class ResourceSeries {
    /// What makes the resource out among others.
    let key: ResourceKey
    /// What metrics show of the resource.
    let attributes: EncodedAttributes
    /// For each measure.
    var tables: [SeriesTable<SpanSeries>]
    /// When the last span came.
    var lastSeen: Instant
    /// Grows with every block of spans: whose is the lowest had none for the longest time.
    var turn: UInt64 = 0
    /// Whether something was counted since it was last begun to be written.
    var isChanged = false
    /// Whether it waits for being written, or is being written.
    var isPlanned = false
    /// Whether nothing more is counted, and it is forgotten when it was written.
    var isLeaving = false
    /// Memory that it takes, at most.
    private(set) var byteCount: Int

    init(_ resource: SpanResource, _ rules: SpanMetricsRules, _ now: Instant) {
        key = resource.key
        attributes = resource.attributes
        tables = Array(repeating: SeriesTable(), count: rules.measures.count)
        lastSeen = now
        byteCount = Self.byteCount(of: resource, rules)
    }

    /// Memory that a resource takes with no series but those that overflow, for which there is always room.
    static func byteCount(of resource: SpanResource, _ rules: SpanMetricsRules) -> Int {
        rules.measures.reduce(resource.byteCount) { $0 + byteCount(keyOf: 32, $1) }
    }

    /// How many series there are.
    var seriesCount: Int { tables.reduce(0) { $0 + $1.entries.count } }

    /// Counts an observation; returns how many bytes that took, and whether it had to go to the overflow.
    func count(
        _ observation: SpanObservation, _ block: SpanBlock, _ rules: SpanMetricsRules, room: Int,
        at moment: Moment
    ) -> (bytes: Int, isOverflow: Bool) {
        let before = byteCount
        let measure = rules.measures[observation.measure]
        let (index, isOverflow) = series(for: observation, block, rules, room: room, at: moment)
        let duration = Double(observation.nanoseconds) / rules.unit.nanoseconds
        add(duration, observation, to: index, measure, rules)
        tables[observation.measure][index].lastSeen = moment.now
        return (byteCount - before, isOverflow)
    }

    private func series(
        for observation: SpanObservation, _ block: SpanBlock, _ rules: SpanMetricsRules, room: Int,
        at moment: Moment
    ) -> (index: Int, isOverflow: Bool) {
        let (place, hash) = (observation.measure, observation.hash)
        // Most spans belong to series that are known: nothing is made for those.
        func new() -> SpanSeries { SpanSeries(start: moment.unix, lastSeen: moment.now) }
        guard !observation.isTooLong else { return (tables[place].overflowing(new()), true) }
        return block.dimensions.bytes.withUnsafeBytes { memory in
            let key = UnsafeRawBufferPointer(rebasing: memory[observation.key])
            if let known = tables[place].find(key, hash) { return (known, false) }
            let size = Self.byteCount(keyOf: key.count, rules.measures[place])
            let fits = tables[place].ownCount < rules.limits.series ?? .max && size <= room
            if fits {
                byteCount += size
                return (tables[place].insert(key, hash, new()), false)
            }
            return (tables[place].overflowing(new()), true)
        }
    }

    private func add(
        _ duration: Double, _ observation: SpanObservation, to index: Int,
        _ measure: SpanMetricsRules.Measure, _ rules: SpanMetricsRules
    ) {
        let place = observation.measure
        let count = tables[place][index].count
        tables[place][index].count += min(observation.weight, Distribution.highestCount - count)
        if measure.hasDurations {
            tables[place][index].durations.add(duration, weight: observation.weight, rules.layout)
        }
        if let ids = observation.ids, tables[place][index].exemplars.count < rules.exemplars {
            tables[place][index].exemplars.append(.init(ids: ids, duration: duration))
        }
    }

    /// Forgets the examples of series of a measure, which were written.
    func forgetExemplars(of measure: Int, in range: Range<Int>) {
        for index in range { tables[measure][index].exemplars = [] }
    }

    /// Forgets the series that are too old, since all were written.
    func settle(_ rules: SpanMetricsRules, at now: Instant) {
        isPlanned = false
        guard let expiration = rules.seriesExpiration else { return }
        for place in tables.indices {
            let (size, count) = (tables[place].keyBytes, tables[place].ownCount)
            tables[place].removeAll { now - $0.value.lastSeen >= expiration }
            byteCount -= size - tables[place].keyBytes
            byteCount -= (count - tables[place].ownCount) * Self.byteCount(keyOf: 0, rules.measures[place])
        }
    }

    /// Memory that a series takes, with all the buckets and exemplars that it may come to have.
    private static func byteCount(keyOf size: Int, _ measure: SpanMetricsRules.Measure) -> Int {
        SeriesTable<SpanSeries>.byteCount(keyOf: size) + measure.reservedBytes
    }
}
