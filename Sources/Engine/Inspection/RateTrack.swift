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
    let edge: EdgeRates.Edge
    /// The sample that last had the edge.
    private(set) var generation: Int
    private var items: Int
    private var errors: Int
    private var bytes: Int?
    /// For items, errors and, where they are counted, bytes the fine and then the coarse ring.
    private var slots: [Float]
    /// Seconds since the edge was first seen.
    private var observed = 0.0

    private static let stride = 2 * RateTimeline.slots

    init(_ reading: EdgeReading, generation: Int) {
        edge = reading.edge
        self.generation = generation
        items = reading.items
        errors = reading.errors
        bytes = reading.bytes
        slots = [Float](repeating: 0, count: (bytes == nil ? 2 : 3) * Self.stride)
    }

    func record(_ reading: EdgeReading, _ timeline: RateTimeline, _ seconds: Float) {
        generation = timeline.generation
        observed += Double(seconds)
        put(Self.passed(from: items, to: reading.items), 0, timeline)
        put(Self.passed(from: errors, to: reading.errors), Self.stride, timeline)
        items = reading.items
        errors = reading.errors
        guard let before = bytes, let now = reading.bytes else { return }
        put(Self.passed(from: before, to: now), 2 * Self.stride, timeline)
        bytes = now
    }

    func rates(_ timeline: RateTimeline) -> EdgeRates {
        let newest = timeline.generation % RateTimeline.slots
        return EdgeRates(
            edge: edge,
            second: rate(over: Double(timeline.fine[newest])) { Double(slots[$0 + newest]) },
            minute: rate(over: timeline.fine.reduce(0) { $0 + Double($1) }) { sum(from: $0) },
            tenMinutes: rate(over: timeline.coarse.reduce(0) { $0 + Double($1) }) {
                sum(from: $0 + RateTimeline.slots)
            })
    }

    var storageBytes: Int { slots.count * MemoryLayout<Float>.size }

    private static func passed(from last: Int, to next: Int) -> Float {
        Float(next >= last ? next - last : next)
    }

    private func put(_ passed: Float, _ start: Int, _ timeline: RateTimeline) {
        slots[start + generation % RateTimeline.slots] = passed
        let place = start + RateTimeline.slots + timeline.block % RateTimeline.slots
        slots[place] = timeline.beginsBlock ? passed : slots[place] + passed
    }

    private func sum(from start: Int) -> Double {
        slots[start..<start + RateTimeline.slots].reduce(0) { $0 + Double($1) }
    }

    private func rate(over window: Double, _ passed: (Int) -> Double) -> EdgeRates.Rate {
        let seconds = min(window, observed)
        guard seconds > 0 else { return .init(items: 0, bytes: 0, errors: 0) }
        return .init(
            items: passed(0) / seconds, bytes: bytes == nil ? 0 : passed(2 * Self.stride) / seconds,
            errors: passed(Self.stride) / seconds)
    }
}
