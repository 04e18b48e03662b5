internal import Pipeline
internal import Telemetry

/// What was counted of requests with the same attributes.
struct EdgeSeries {
    var total: UInt64 = 0
    var failed: UInt64 = 0
    var client = Distribution()
    var server = Distribution()
    /// When it began, in nanoseconds since 1970.
    let start: UInt64
    var lastSeen: Instant
    /// Whether something was counted that no point says yet.
    var isChanged = true
}

/// The requests that wait for their other half, the series of those that are complete, and what is to be
/// done with them and when.
struct ServiceGraphAggregate {
    /// What became of spans, to be counted.
    struct Outcome {
        var newEdges = 0
        var expiredEdges = 0
        /// Spans that there was no room for.
        var dropped = 0
        /// Requests that were counted in the overflow.
        var overflowed = 0
    }

    /// How long a series is kept without a request.
    private static let staleness = Duration.seconds(15 * 60)

    private var store = EdgeStore()
    private var series = SeriesTable<EdgeSeries>()
    private var seriesBytes = 0
    private var scratch = EncodedAttributes()
    // When the intervals began after which series are written, waits are ended and series are forgotten.
    private var lastFlush: Instant?
    private var lastExpiration: Instant?
    private var lastCleaning: Instant?
    /// The series that is written next in the flush that is going on.
    private var cursor: Int?

    var edgeCount: Int { store.count }
    var seriesCount: Int { series.entries.count }
    /// Memory that all of it takes, at most.
    var byteCount: Int { store.byteCount + seriesBytes }

    /// When there is something to do.
    func deadline(_ rules: ServiceGraphRules) -> Instant? {
        [flushTime(rules), expirationTime(rules), cleaningTime(rules)].compactMap { $0 }.min()
    }

    private func flushTime(_ rules: ServiceGraphRules) -> Instant? { lastFlush.map { $0 + rules.interval } }

    private func expirationTime(_ rules: ServiceGraphRules) -> Instant? {
        lastExpiration.map { $0 + rules.expirationLoop }
    }

    /// Nothing is forgotten while a flush is going on.
    private func cleaningTime(_ rules: ServiceGraphRules) -> Instant? {
        cursor == nil ? lastCleaning.map { $0 + rules.cacheLoop } : nil
    }

    // MARK: - Spans

    /// Adds ends of requests.
    mutating func add(_ ends: [EdgeEnd], _ rules: ServiceGraphRules, at moment: Moment) -> Outcome {
        var outcome = Outcome()
        for end in ends { add(end, rules, at: moment, &outcome) }
        if store.count > 0, lastExpiration == nil { lastExpiration = moment.now }
        return outcome
    }

    private mutating func add(
        _ end: EdgeEnd, _ rules: ServiceGraphRules, at moment: Moment, _ outcome: inout Outcome
    ) {
        let known = store.remove(end.key)
        var edge = known ?? Edge(key: end.key, created: moment.now)
        edge.add(end)
        if edge.isComplete {
            if known == nil { outcome.newEdges += 1 }
            count(edge, rules, at: moment, &outcome)
        } else if let known {
            // The same end once more may say more than before.
            let fits = edge.byteCount <= max(room(rules), known.byteCount)
            if !fits { outcome.dropped += 1 }
            store.keep(fits ? edge : known)
        } else {
            if store.count >= rules.maxEdges { expire(rules, at: moment, &outcome) }
            guard store.count < rules.maxEdges, edge.byteCount <= room(rules) else {
                outcome.dropped += 1
                return
            }
            outcome.newEdges += 1
            store.insert(edge)
        }
    }

    /// Ends the wait of requests that came no later than the time to live ago; all with `everything`.
    private mutating func expire(
        _ rules: ServiceGraphRules, everything: Bool = false, at moment: Moment, _ outcome: inout Outcome
    ) {
        let oldest = everything ? moment.now : moment.now + (.zero - rules.ttl)
        while var edge = store.removeOldest(until: oldest) {
            outcome.expiredEdges += 1
            guard !rules.peers.isEmpty else { continue }
            edge.connection = .virtualNode
            if edge.client.isEmpty, edge.key.span == 0 {
                edge.client = Array("user".utf8)
                edge.virtualNode = .client
                count(edge, rules, at: moment, &outcome)
            } else if edge.server.isEmpty {
                edge.server = edge.peer ?? Array("unknown".utf8)
                edge.virtualNode = .server
                count(edge, rules, at: moment, &outcome)
            }
        }
    }

    // MARK: - Series

    private mutating func count(
        _ edge: Edge, _ rules: ServiceGraphRules, at moment: Moment, _ outcome: inout Outcome
    ) {
        writeKey(of: edge, rules)
        let value = EdgeSeries(start: moment.unix - min(rules.offset, moment.unix), lastSeen: moment.now)
        let room = room(rules)
        let key = scratch.bytes
        let (index, isOverflow) = key.withUnsafeBytes { key -> (Int, Bool) in
            let hash = SeriesHash.of(key)
            if let known = series.find(key, hash) { return (known, false) }
            let size = self.size(ofKey: key.count, rules)
            if series.ownCount < rules.maxSeries ?? .max, size <= room {
                seriesBytes += size
                return (series.insert(key, hash, value), false)
            }
            if series.overflow == nil { seriesBytes += self.size(ofKey: 32, rules) }
            return (series.overflowing(value), true)
        }
        if isOverflow { outcome.overflowed += 1 }
        series[index].total &+= 1
        if edge.hasFailed { series[index].failed &+= 1 }
        series[index].client.add(edge.clientSeconds, weight: 1, rules.layout)
        series[index].server.add(edge.serverSeconds, weight: 1, rules.layout)
        series[index].lastSeen = moment.now
        series[index].isChanged = true
        if lastFlush == nil { lastFlush = moment.now }
        if lastCleaning == nil { lastCleaning = moment.now }
    }

    /// Memory that is left: there is always some for the overflow.
    private func room(_ rules: ServiceGraphRules) -> Int {
        rules.maxBytes - byteCount - (series.overflow == nil ? size(ofKey: 32, rules) : 0)
    }

    /// Memory that a series takes, with all the buckets that it may come to have.
    private func size(ofKey size: Int, _ rules: ServiceGraphRules) -> Int {
        SeriesTable<EdgeSeries>.byteCount(keyOf: size) + rules.reservedBytes
    }

    /// Writes the attributes of the series that an edge belongs to.
    private mutating func writeKey(of edge: Edge, _ rules: ServiceGraphRules) {
        scratch.removeAll()
        edge.client.withUnsafeBytes { scratch.append("client", text: $0) }
        edge.server.withUnsafeBytes { scratch.append("server", text: $0) }
        scratch.append("connection_type", .string(edge.connection.rawValue))
        scratch.append("failed", .bool(edge.hasFailed))
        scratch.append(edge.clientDimensions)
        scratch.append(edge.serverDimensions)
        if rules.showsVirtualNodes { scratch.append("virtual_node", .string(edge.virtualNode.rawValue)) }
    }

    // MARK: - Deadlines

    /// Does what is due, or a part of it: then there is a deadline at once.
    mutating func release(_ rules: ServiceGraphRules, at moment: Moment) -> ([Batch], Outcome) {
        var outcome = Outcome()
        if let due = expirationTime(rules), due <= moment.now {
            expire(rules, at: moment, &outcome)
            lastExpiration = store.count > 0 ? moment.now : nil
        }
        if let due = cleaningTime(rules), due <= moment.now { clean(rules, at: moment) }
        var batches: [Batch] = []
        if let due = flushTime(rules), due <= moment.now { batches = flush(rules, at: moment) }
        return (batches, outcome)
    }

    private mutating func clean(_ rules: ServiceGraphRules, at moment: Moment) {
        series.removeAll { moment.now - $0.value.lastSeen > Self.staleness }
        seriesBytes =
            series.keyBytes + series.ownCount * size(ofKey: 0, rules)
            + (series.overflow == nil ? 0 : size(ofKey: 32, rules))
        lastCleaning = series.entries.isEmpty ? nil : moment.now
    }

    private mutating func flush(_ rules: ServiceGraphRules, at moment: Moment) -> [Batch] {
        var writer = ServiceGraphWriter(rules, moment.unix)
        var index = cursor ?? 0
        while index < series.entries.count, !writer.isFull {
            let part = series.part(from: index) { ServiceGraphWriter.size(of: $0) }
            writer.write(series.entries[part])
            for written in part { series[written].isChanged = false }
            index = part.upperBound
        }
        cursor = index < series.entries.count ? index : nil
        if cursor == nil {
            // Without an interval the next batch of spans makes the next flush.
            let isPeriodic = rules.interval > .zero && !series.entries.isEmpty
            lastFlush = isPeriodic ? moment.now : nil
        }
        return writer.finish()
    }

    /// Ends all waits and writes what was counted and not written, because nobody goes on.
    mutating func drain(_ rules: ServiceGraphRules, at moment: Moment) -> ([Batch], Outcome) {
        var outcome = Outcome()
        expire(rules, everything: true, at: moment, &outcome)
        lastExpiration = nil
        cursor = nil
        var writer = ServiceGraphWriter(rules, moment.unix)
        var index = 0
        while index < series.entries.count {
            let part = series.part(from: index) { ServiceGraphWriter.size(of: $0) }
            writer.write(series.entries[part].filter { $0.value.isChanged }[...])
            index = part.upperBound
        }
        series.forEach { $0.isChanged = false }
        return (writer.finish(), outcome)
    }
}
