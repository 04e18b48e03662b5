internal import Pipeline

/// When the samples were taken that all tracks share.
struct RateTimeline {
    /// Slots of each ring.
    static let slots = 60
    /// Samples that one slot of the coarse ring holds.
    static let coarseness = 10

    /// Counts the samples.
    private(set) var generation = 0
    /// Seconds that each slot took, the newest at `generation % slots` and `block % slots`.
    private(set) var fine = [Float](repeating: 0, count: slots)
    private(set) var coarse = [Float](repeating: 0, count: slots)

    /// Which coarse slot the newest sample is in, counted from the beginning.
    var block: Int { generation / Self.coarseness }
    /// Whether the newest sample is the first of its coarse slot.
    var beginsBlock: Bool { generation % Self.coarseness == 0 }

    mutating func advance(by seconds: Float) {
        generation += 1
        fine[generation % Self.slots] = seconds
        if beginsBlock { coarse[block % Self.slots] = 0 }
        coarse[block % Self.slots] += seconds
    }
}

/// What passed one edge, in two rings for each counter.
///
/// The numbers are differences as `Float`: exact up to 16 million and to seven digits beyond, in half the
/// memory of an integer that could hold the bytes of ten seconds. It belongs to `RateWindows`, which guards
/// it with its lock.
final class RateTrack {
    /// The sample that last had the edge.
    private(set) var generation: Int
    private var last: [Int]
    /// For each counter the fine and then the coarse ring.
    private var slots: [Float]
    /// Seconds since the edge was first seen.
    private var observed = 0.0

    init(_ reading: EdgeReading, generation: Int) {
        self.generation = generation
        last = reading.counters
        slots = [Float](repeating: 0, count: reading.counters.count * 2 * RateTimeline.slots)
    }

    func record(_ reading: EdgeReading, _ timeline: RateTimeline, _ seconds: Float) {
        generation = timeline.generation
        observed += Double(seconds)
        let fine = generation % RateTimeline.slots
        let coarse = timeline.block % RateTimeline.slots
        for (counter, value) in zip(last.indices, reading.counters) {
            let passed = Float(value >= last[counter] ? value - last[counter] : value)
            last[counter] = value
            let start = counter * 2 * RateTimeline.slots
            slots[start + fine] = passed
            let place = start + RateTimeline.slots + coarse
            slots[place] = timeline.beginsBlock ? passed : slots[place] + passed
        }
    }

    func rates(of edge: EdgeRates.Edge, _ timeline: RateTimeline) -> EdgeRates {
        let newest = timeline.generation % RateTimeline.slots
        return EdgeRates(
            edge: edge,
            second: rate(over: Double(timeline.fine[newest])) { Double(slots[$0 + newest]) },
            minute: rate(over: timeline.fine.reduce(0) { $0 + Double($1) }) { sum(from: $0) },
            tenMinutes: rate(over: timeline.coarse.reduce(0) { $0 + Double($1) }) {
                sum(from: $0 + RateTimeline.slots)
            })
    }

    var storageBytes: Int { slots.count * MemoryLayout<Float>.size + last.count * MemoryLayout<Int>.size }

    private func sum(from start: Int) -> Double {
        slots[start..<start + RateTimeline.slots].reduce(0) { $0 + Double($1) }
    }

    private func rate(over window: Double, _ passed: (Int) -> Double) -> EdgeRates.Rate {
        let seconds = min(window, observed)
        guard seconds > 0 else { return .init(items: 0, bytes: 0, errors: 0) }
        let perSecond = last.indices.map { passed($0 * 2 * RateTimeline.slots) / seconds }
        return .init(
            items: perSecond[0], bytes: perSecond.count > 2 ? perSecond[2] : 0, errors: perSecond[1])
    }
}
