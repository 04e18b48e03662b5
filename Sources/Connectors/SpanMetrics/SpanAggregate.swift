internal import Pipeline
internal import Telemetry

/// All series of one connector, and what is to be written of them and when.
struct SpanAggregate {
    /// What became of spans and resources, to be counted.
    struct Outcome {
        /// Spans that there was no room for at all.
        var skipped = 0
        /// Spans of resources that would take too much of it.
        var tooLarge = 0
        /// Spans and events that were counted in an overflow.
        var overflowed = 0
        /// Resources that others took the place of.
        var evicted = 0
    }

    /// Those that spans are counted in.
    private var resources: [ResourceKey: ResourceSeries] = [:]
    /// Those that others took the place of, until they are written.
    private var leaving: [ResourceKey: ResourceSeries] = [:]
    /// Memory that is free when everything was written that is forgotten then.
    private var leavingBytes = 0
    /// Resources, by their hash, that came when there was no room, and what they take: others leave for them
    /// already.
    private var expected: [UInt64: Int] = [:]
    private var expectedBytes = 0
    /// What is to be written in the flush that is going on, last first.
    private var plan: [ResourceSeries] = []
    /// Where the writing of the last of the plan goes on, when it has begun.
    private var place: SeriesPlace?
    /// When the interval began after which all series are written.
    private var lastFlush: Instant?
    /// When something became due out of turn.
    private var dueSince: Instant?
    private var turn: UInt64 = 0
    private var order = EvictionOrder()
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
        guard block.resource.byteCount <= rules.limits.resourceBytes else {
            outcome.tooLarge = spans(of: block, rules)
            return outcome
        }
        guard let resource = resource(block.resource, rules, at: moment, &outcome) else {
            outcome.skipped = spans(of: block, rules)
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

    private func spans(of block: SpanBlock, _ rules: SpanMetricsRules) -> Int {
        block.observations.count { rules.measures[$0.measure].countsCalls }
    }

    private mutating func resource(
        _ resource: SpanResource, _ rules: SpanMetricsRules, at moment: Moment, _ outcome: inout Outcome
    ) -> ResourceSeries? {
        if let known = resources[resource.key] { return known }
        if let former = leaving.removeValue(forKey: resource.key) {
            // It was not written yet, so its series go on.
            former.isLeaving = false
            leavingBytes -= former.byteCount
            _ = makeRoom(for: 0, rules, at: moment, &outcome)
            resources[former.key] = former
            return former
        }
        let size = ResourceSeries.byteCount(of: resource, rules)
        guard size <= rules.limits.bytes else { return nil }
        if expected[resource.key.hash] == nil {
            guard makeRoom(for: expectedBytes + size, rules, at: moment, &outcome) else { return nil }
        }
        guard resources.count < rules.limits.resources, byteCount + size <= rules.limits.bytes else {
            if expected.updateValue(size, forKey: resource.key.hash) == nil { expectedBytes += size }
            return nil
        }
        expectedBytes -= expected.removeValue(forKey: resource.key.hash) ?? 0
        let new = ResourceSeries(resource, rules, moment.now)
        resources[resource.key] = new
        byteCount += new.byteCount
        return new
    }

    /// Lets resources go that had no span for the longest time: as many as it takes until there is room for
    /// another one, and for `size` bytes, when all that leave were written; `false` when there will be none.
    ///
    /// What was counted and not written is written at once, if those behind have room. As long as they have
    /// none no more leave than there may be resources: then new ones have to wait.
    private mutating func makeRoom(
        for size: Int, _ rules: SpanMetricsRules, at moment: Moment, _ outcome: inout Outcome
    ) -> Bool {
        while resources.count >= rules.limits.resources
            || byteCount - leavingBytes + size > rules.limits.bytes
        {
            guard leaving.count < rules.limits.resources, let oldest = order.next(of: resources.values) else {
                return false
            }
            resources[oldest.key] = nil
            outcome.evicted += 1
            guard oldest.isPlanned || oldest.isChanged else {
                byteCount -= oldest.byteCount
                continue
            }
            oldest.isLeaving = true
            leaving[oldest.key] = oldest
            leavingBytes += oldest.byteCount
            if dueSince == nil { dueSince = moment.now }
        }
        return true
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
        while !writer.isFull, let resource = plan.last { write(resource, &writer, at: moment) }
        dueSince = plan.isEmpty && leaving.isEmpty ? nil : moment.now
        if leaving.isEmpty {
            // Those that do not come again need no room.
            expected = [:]
            expectedBytes = 0
        }
        if resources.isEmpty, dueSince == nil { lastFlush = nil }
        return writer.finish()
    }

    /// Writes everything that was not written, because nobody goes on.
    mutating func drain(_ rules: SpanMetricsRules, at moment: Moment) -> [Batch] {
        var writer = SpanMetricsWriter(rules, moment.unix)
        while let resource = plan.last { write(resource, &writer, at: moment) }
        // What was counted since a flush began is in its plan only where it came before its resource's turn.
        begin(resources.values.filter { $0.isChanged })
        while let resource = plan.last { write(resource, &writer, at: moment) }
        dueSince = nil
        if resources.isEmpty { lastFlush = nil }
        return writer.finish()
    }

    private mutating func begin(_ resources: [ResourceSeries]) {
        plan = resources + leaving.values
        for resource in plan { resource.isPlanned = true }
    }

    /// Writes the last of the plan, or as much of it as makes a batch.
    private mutating func write(
        _ resource: ResourceSeries, _ writer: inout SpanMetricsWriter, at moment: Moment
    ) {
        let rules = writer.rules
        if place == nil { beginWriting(resource, rules) }
        place = writer.write(resource, from: place ?? SeriesPlace(), &timestamps)
        guard place == nil else { return }
        plan.removeLast()
        let before = resource.byteCount
        resource.settle(rules, at: moment.now)
        let isExpired = rules.resourceExpiration.map { moment.now - resource.lastSeen >= $0 } ?? false
        if resource.isLeaving {
            if leaving[resource.key] === resource { leaving[resource.key] = nil }
            leavingBytes -= before
            byteCount -= before
        } else if !resource.isChanged, isExpired || resource.seriesCount == 0 {
            forget(resource)
            byteCount -= before
        } else {
            byteCount += resource.byteCount - before
        }
    }

    private mutating func beginWriting(_ resource: ResourceSeries, _ rules: SpanMetricsRules) {
        resource.isChanged = false
        guard rules.isDelta else { return }
        // What comes while it is written belongs to the next points.
        if resource.isLeaving {
            leaving[resource.key] = nil
        } else {
            resource.isLeaving = true
            leavingBytes += resource.byteCount
            forget(resource)
        }
    }

    private mutating func forget(_ resource: ResourceSeries) {
        resources[resource.key] = nil
        order.removeAll()
    }
}

/// Finds resources that had no span for the longest time, without looking at all of them each time.
struct EvictionOrder {
    /// Resources and their turns when they were sorted, the oldest last.
    private var queue: [(resource: ResourceSeries, turn: UInt64)] = []

    /// The one whose turn is the lowest, which must not be offered again; all that were offered before and
    /// have not been removed since have to be among `resources`.
    mutating func next(of resources: some Collection<ResourceSeries>) -> ResourceSeries? {
        if let known = take() { return known }
        queue = resources.sorted { $0.turn > $1.turn }.map { ($0, $0.turn) }
        return take()
    }

    /// Whatever had a span meanwhile is younger than all that had none.
    private mutating func take() -> ResourceSeries? {
        while let (resource, turn) = queue.popLast() {
            if resource.turn == turn { return resource }
        }
        return nil
    }

    /// Must be called when a resource is gone that was not taken here.
    mutating func removeAll() { queue = [] }
}
