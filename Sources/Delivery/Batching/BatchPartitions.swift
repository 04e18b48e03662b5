internal import Pipeline
internal import Telemetry

/// The batches in the making on one lane, one for every combination of metadata values.
struct BatchPartitions {
    private struct Partition {
        var batcher: Batcher
        var lastUse: Instant
        let seat: BatchCensus.Seat
        /// What all senders have in common: the metadata they are collected by.
        let origin: Origin?

        mutating func take(_ batch: consuming Batch, at now: Instant) -> [Batcher.Portion] {
            lastUse = now
            batch.origin = origin
            return batcher.add(batch, at: now)
        }
    }

    private let rules: BatchRules
    private let census: BatchCensus
    private var partitions: [[[String]]: Partition] = [:]
    /// Never later than the first partition that is due, so that adding does not have to look at all of them.
    private(set) var due: Instant?

    init(_ rules: BatchRules, census: BatchCensus) {
        self.rules = rules
        self.census = census
    }

    /// Adds `batch` to those with the same metadata and returns what is ready; `nil` when there is no room
    /// for another combination.
    mutating func add(_ batch: consuming Batch, at now: Instant) -> [Batcher.Portion]? {
        let values = rules.keys.map { batch.origin?.metadata[$0] ?? [] }
        guard makeRoom(for: values, at: now) else { return nil }
        guard let portions = partitions[values]?.take(batch, at: now) else { return nil }
        if let waiting = partitions[values]?.batcher.due { due = due.map { min($0, waiting) } ?? waiting }
        return portions
    }

    /// What has waited long enough.
    mutating func takeDue(at now: Instant) -> [Batcher.Portion] {
        forgetIdle(at: now)
        return takeAll { $0.takeDue(at: now) }
    }

    /// Everything.
    mutating func flush() -> [Batcher.Portion] {
        takeAll { $0.flush() }
    }

    private mutating func takeAll(_ take: (inout Batcher) -> [Batcher.Portion]) -> [Batcher.Portion] {
        var portions: [Batcher.Portion] = []
        due = nil
        for index in partitions.values.indices {
            portions += take(&partitions.values[index].batcher)
            guard let waiting = partitions.values[index].batcher.due else { continue }
            due = due.map { min($0, waiting) } ?? waiting
        }
        return portions
    }

    /// Makes the partition for `values` when it does not exist; `false` when it may not.
    private mutating func makeRoom(for values: [[String]], at now: Instant) -> Bool {
        guard partitions[values] == nil else { return true }
        if !rules.keys.isEmpty, rules.capacity > 0, partitions.count >= rules.capacity {
            forgetIdle(at: now)
            guard partitions.count < rules.capacity else { return false }
        }
        partitions[values] = Partition(
            batcher: Batcher(rules.limits), lastUse: now, seat: census.takeSeat(), origin: origin(of: values))
        return true
    }

    private func origin(of values: [[String]]) -> Origin? {
        guard !rules.keys.isEmpty else { return nil }
        let pairs = zip(rules.keys, values).filter { !$0.1.isEmpty }
        return Origin(peer: "", metadata: Dictionary(uniqueKeysWithValues: pairs))
    }

    private mutating func forgetIdle(at now: Instant) {
        let idle = partitions.filter {
            $0.value.batcher.isEmpty && now - $0.value.lastUse >= rules.idleTime
        }
        for values in idle.keys { partitions[values] = nil }
    }
}
