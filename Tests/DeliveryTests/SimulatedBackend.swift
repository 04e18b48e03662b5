import Glibc
import Pipeline

@testable import Delivery

/// A backend with a number of slots and a queue before them, under as much load as a limit lets through.
///
/// Discrete events: no clock runs, and equal seeds give equal histories.
struct SimulatedBackend {
    /// Requests that are worked on at the same time.
    var slots: Int
    /// Seconds of work for one request.
    var work: (inout Chance) -> Double
    /// Whether requests fail, each after its work.
    var isFailing = false
    private(set) var limit: AdaptiveLimit
    private(set) var seconds = 0.0
    private var chance: Chance
    private var working: [(start: Double, end: Double)] = []
    private var queue: [Double] = []

    init(_ limit: AdaptiveLimit, slots: Int, seed: UInt64 = 1, work: @escaping (inout Chance) -> Double) {
        self.limit = limit
        self.slots = slots
        self.work = work
        chance = Chance(seed: seed)
    }

    /// What a run looked like from outside.
    struct Observation {
        var lowest = Int.max
        var highest = 0
        var average = 0.0
        /// Answers in a second.
        var rate = 0.0
    }

    /// Lets `count` requests end.
    mutating func run(_ count: Int) -> Observation {
        var observation = Observation()
        let start = seconds
        for _ in 0..<count {
            fill()
            finishNext()
            observation.lowest = min(observation.lowest, limit.value)
            observation.highest = max(observation.highest, limit.value)
            observation.average += Double(limit.value) / Double(count)
        }
        observation.rate = Double(count) / (seconds - start)
        return observation
    }

    private var inFlight: Int { working.count + queue.count }
    private var now: Instant { Instant(offset: .seconds(seconds)) }

    private mutating func fill() {
        while inFlight < limit.value {
            queue.append(seconds)
            admit()
        }
    }

    private mutating func admit() {
        guard working.count < slots, !queue.isEmpty else { return }
        working.append((queue.removeFirst(), seconds + work(&chance)))
    }

    private mutating func finishNext() {
        guard let next = working.indices.min(by: { working[$0].end < working[$1].end }) else { return }
        let request = working[next]
        seconds = request.end
        if isFailing {
            limit.failed(startedAt: Instant(offset: .seconds(request.start)), at: now)
        } else {
            limit.succeeded(latency: .seconds(seconds - request.start), inFlight: inFlight, at: now)
        }
        working.remove(at: next)
        admit()
    }
}

/// Random numbers that a seed decides.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// A number in `0..<1`.
    mutating func uniform() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) / 9_007_199_254_740_992
    }

    /// A number in `0..<bound`.
    mutating func whole(below bound: Int) -> Int { Int(uniform() * Double(bound)) }

    /// Mostly near `middle`, sometimes several times as much; with a `spread` of 1 a sixth is 2.7 times it.
    mutating func skewed(around middle: Double, spread: Double) -> Double {
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
        return middle * exp(spread * normal)
    }
}
