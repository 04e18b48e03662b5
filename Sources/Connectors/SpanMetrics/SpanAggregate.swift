internal import Pipeline
internal import Telemetry

/// All series of one connector, and what is to be written of them and when.
struct SpanAggregate {
    /// What became of spans and resources, to be counted.
    struct Outcome {
        /// Spans that there was no room for at all.
        var skipped = 0
        /// Spans and events that were counted in an overflow.
        var overflowed = 0
        /// Resources that others took the place of.
        var evicted = 0
        /// Series of evicted resources that could not be written in time.
        var dropped = 0
    }

    private var resources: [[UInt8]: ResourceSeries] = [:]
    /// Resources that are forgotten when they were written.
    private var leaving: [ResourceSeries] = []
    /// What is to be written in the flush that is going on, last first.
    private var plan: [ResourceSeries] = []
    /// When the interval began after which all series are written.
    private var lastFlush: Instant?
    /// When something became due out of turn.
    private var dueSince: Instant?
    private var turn: UInt64 = 0
    private var timestamps = PointTimes()
    /// Memory that all of it takes, about.
    private(set) var byteCount = 0

    /// How many series there are.
    var seriesCount: Int { resources.values.reduce(0) { $0 + $1.seriesCount } }

    /// When there is something to write.
    func deadline(_ rules: SpanMetricsRules) -> Instant? {
        dueSince ?? lastFlush.map { $0 + rules.interval }
    }

    // MARK: - Counting

    /// Counts a block of spans.
    mutating func add(_ block: SpanBlock, _ rules: SpanMetricsRules, at moment: Moment) -> Outcome {
        var outcome = Outcome()
        guard let resource = resource(block.resource, rules, at: moment, &outcome) else {
            outcome.skipped = block.observations.count { rules.measures[$0.measure].countsCalls }
            return outcome
        }
        turn += 1
        resource.turn = turn
        resource.lastSeen = moment.now
        resource.isChanged = true
        for observation in block.observations {
            let (bytes, isOverflow) = resource.count(
                observation, block, rules, room: rules.limits.bytes - byteCount, at: moment)
            byteCount += bytes
            if isOverflow { outcome.overflowed += 1 }
        }
        if lastFlush == nil { lastFlush = moment.now }
        return outcome
    }

    private mutating func resource(
        _ resource: SpanResource, _ rules: SpanMetricsRules, at moment: Moment, _ outcome: inout Outcome
    ) -> ResourceSeries? {
        if let known = resources[resource.key] { return known }
        let size = ResourceSeries.byteCount(of: resource, rules)
        if resources.count >= rules.limits.resources || byteCount + size > rules.limits.bytes {
            evict(rules, at: moment, &outcome)
        }
        guard byteCount + size <= rules.limits.bytes else { return nil }
        let new = ResourceSeries(resource, rules, moment.now)
        resources[resource.key] = new
        byteCount += new.byteCount
        return new
    }

    /// Lets the tenth of the resources go that had no span for the longest time, one at least.
    ///
    /// What was counted and not written is written at once, if those behind have room.
    private mutating func evict(_ rules: SpanMetricsRules, at moment: Moment, _ outcome: inout Outcome) {
        let oldest = resources.values.sorted { $0.turn < $1.turn }.prefix(max(resources.count / 10, 1))
        for resource in oldest {
            resources[resource.key] = nil
            outcome.evicted += 1
            if resource.isPlanned {
                resource.isLeaving = true
            } else if resource.isChanged {
                resource.isLeaving = true
                leaving.append(resource)
            } else {
                byteCount -= resource.byteCount
            }
        }
        while leaving.count > rules.limits.resources {
            let lost = leaving.removeFirst()
            outcome.dropped += lost.seriesCount
            byteCount -= lost.byteCount
        }
        if !leaving.isEmpty, dueSince == nil { dueSince = moment.now }
    }

    // MARK: - Writing

    /// Writes what is due, or a part of it: then there is a deadline at once.
    mutating func flush(_ rules: SpanMetricsRules, at moment: Moment) -> [Batch] {
        if plan.isEmpty {
            let isDue = lastFlush.map { $0 + rules.interval <= moment.now } ?? false
            begin(isDue ? Array(resources.values) : [])
            if isDue { lastFlush = moment.now }
        }
        var writer = SpanMetricsWriter(rules, moment.unix)
        while !writer.isFull, let resource = plan.popLast() { write(resource, &writer, at: moment) }
        dueSince = plan.isEmpty && leaving.isEmpty ? nil : moment.now
        if resources.isEmpty, dueSince == nil { lastFlush = nil }
        return writer.finish()
    }

    /// Writes everything that was not written, because who flushes stops.
    mutating func drain(_ rules: SpanMetricsRules, at moment: Moment) -> [Batch] {
        if plan.isEmpty { begin(resources.values.filter { $0.isChanged }) }
        var writer = SpanMetricsWriter(rules, moment.unix)
        while let resource = plan.popLast() { write(resource, &writer, at: moment) }
        dueSince = leaving.isEmpty ? nil : dueSince
        if resources.isEmpty, dueSince == nil { lastFlush = nil }
        return writer.finish()
    }

    private mutating func begin(_ resources: [ResourceSeries]) {
        plan = resources + leaving
        leaving = []
        for resource in plan { resource.isPlanned = true }
    }

    private mutating func write(
        _ resource: ResourceSeries, _ writer: inout SpanMetricsWriter, at moment: Moment
    ) {
        let rules = writer.rules
        let before = resource.byteCount
        writer.write(resource, &timestamps)
        resource.settle(rules, at: moment.now)
        let isExpired = rules.resourceExpiration.map { moment.now - resource.lastSeen >= $0 } ?? false
        if resource.isLeaving {
            byteCount -= before
        } else if rules.isDelta || isExpired || resource.seriesCount == 0 {
            resources[resource.key] = nil
            byteCount -= before
        } else {
            byteCount += resource.byteCount - before
        }
    }
}

/// When the last points of delta series were, so that the next ones begin there.
struct PointTimes {
    private struct Key: Hashable {
        let resource: UInt64
        let measure: Int
        let series: UInt64
    }

    private var times: [Key: UInt64] = [:]

    /// The end of the last point of a series, which `time` becomes now.
    mutating func move(
        _ resource: UInt64, _ measure: Int, _ series: UInt64, to time: UInt64, limit: Int
    ) -> UInt64? {
        let key = Key(resource: resource, measure: measure, series: series)
        let former = times.updateValue(time, forKey: key)
        if times.count > limit { removeOldest(leaving: max(limit - limit / 10, 1)) }
        return former
    }

    private mutating func removeOldest(leaving count: Int) {
        let oldest = times.sorted { $0.value < $1.value }.prefix(times.count - count)
        for (key, _) in oldest { times[key] = nil }
    }
}
