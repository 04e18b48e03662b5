import Pipeline
import Testing

@testable import Delivery

@Suite struct AdaptiveLimitTests {
    /// What requests take, in seconds.
    enum Work: CaseIterable {
        case constant, varied, wild, quick

        func callAsFunction(_ chance: inout Chance) -> Double {
            switch self {
            case .constant: 0.1
            case .varied: chance.skewed(around: 0.1, spread: 0.3)
            case .wild: chance.skewed(around: 0.1, spread: 1)
            case .quick: chance.skewed(around: 0.0005, spread: 1)
            }
        }
    }

    private func instant(_ seconds: Double) -> Instant { Instant(offset: .seconds(seconds)) }

    /// A round of answers that all take `latency` seconds, sent at `start`.
    private func answer(_ limit: inout AdaptiveLimit, count: Int, latency: Double, start: Double) {
        for _ in 0..<count {
            limit.succeeded(
                latency: .seconds(latency), inFlight: limit.value, at: instant(start + latency))
        }
    }

    @Test func `it starts at the maximum and never leaves its bounds, whatever happens`() {
        for seed in 1...100 as ClosedRange<UInt64> {
            var chance = Chance(seed: seed)
            let maximum = 1 + chance.whole(below: 100)
            let minimum = 1 + chance.whole(below: maximum)
            var limit = AdaptiveLimit(minimum: minimum, maximum: maximum)
            #expect(limit.value == maximum)
            var now = 0.0
            var trouble = chance.uniform()
            var stays = true
            for _ in 0..<500 {
                now += chance.uniform() * 0.01
                if chance.whole(below: 100) == 0 { trouble = chance.uniform() }
                let latency = chance.skewed(around: trouble, spread: 1)
                if chance.uniform() < trouble * 0.1 {
                    limit.failed(startedAt: instant(now - latency), at: instant(now))
                } else {
                    let inFlight = chance.whole(below: maximum + 1)
                    limit.succeeded(latency: .seconds(latency), inFlight: inFlight, at: instant(now))
                }
                stays = stays && (minimum...maximum).contains(limit.value)
            }
            #expect(stays, "seed \(seed)")
        }
    }

    @Test(arguments: [(0, 0, 1), (-5, 4, 4), (9, 4, 4)])
    func `bounds that contradict each other still give a limit`(minimum: Int, maximum: Int, value: Int) {
        #expect(AdaptiveLimit(minimum: minimum, maximum: maximum).value == value)
    }

    @Test func `failures halve it, once per round trip`() {
        var limit = AdaptiveLimit(minimum: 1, maximum: 64)
        for number in 0..<10 { limit.failed(startedAt: instant(0), at: instant(1 + Double(number) / 100)) }
        #expect(limit.value == 32)
        limit.failed(startedAt: instant(0.99), at: instant(2))
        #expect(limit.value == 32)
        limit.failed(startedAt: instant(1), at: instant(2))
        #expect(limit.value == 16)
        for number in 3..<20 {
            limit.failed(startedAt: instant(Double(number)), at: instant(Double(number) + 0.5))
        }
        #expect(limit.value == 1)
    }

    @Test func `a round of answers raises it by one, if it was used`() {
        var limit = AdaptiveLimit(minimum: 1, maximum: 64)
        for _ in 0..<2 { limit.failed(startedAt: instant(0), at: instant(0)) }
        #expect(limit.value == 16)
        answer(&limit, count: 17, latency: 0.1, start: 1)
        #expect(limit.value == 17)
        for _ in 0..<1000 { limit.succeeded(latency: .milliseconds(100), inFlight: 5, at: instant(2)) }
        #expect(limit.value == 17)
    }

    @Test func `it comes back to the maximum after trouble`() {
        var backend = SimulatedBackend(
            AdaptiveLimit(minimum: 2, maximum: 32), slots: 100, work: Work.varied.callAsFunction)
        _ = backend.run(1000)
        backend.isFailing = true
        #expect(backend.run(300).lowest == 2)
        backend.isFailing = false
        _ = backend.run(1500)
        #expect(backend.run(1000).lowest >= 28)
    }

    @Test(arguments: Work.allCases, [10, 32])
    func `noise costs a healthy backend next to nothing`(work: Work, maximum: Int) {
        for seed in 1...3 as ClosedRange<UInt64> {
            let limit = AdaptiveLimit(minimum: 1, maximum: maximum)
            var backend = SimulatedBackend(limit, slots: 1000, seed: seed, work: work.callAsFunction)
            let observation = backend.run(5000)
            #expect(observation.average > 0.98 * Double(maximum))
            #expect(observation.lowest >= maximum / 3)
        }
    }

    @Test(arguments: [Work.constant, .varied], [4, 8, 16])
    func `it finds the capacity of a backend that has lost some, and leaves none of it unused`(
        work: Work, slots: Int
    ) {
        var backend = SimulatedBackend(
            AdaptiveLimit(minimum: 1, maximum: 64), slots: 100, work: work.callAsFunction)
        let full = backend.run(2000).rate / 64
        backend.slots = slots
        _ = backend.run(3000)
        let observation = backend.run(5000)
        #expect((0.9...2).contains(observation.average / Double(slots)))
        #expect(observation.rate > 0.85 * full * Double(slots))
        backend.slots = 100
        _ = backend.run(5000)
        #expect(backend.run(1000).average > 60)
    }

    @Test func `a backend that is slower whatever the limit gets all of it again`() {
        var backend = SimulatedBackend(
            AdaptiveLimit(minimum: 1, maximum: 20), slots: 100, work: Work.varied.callAsFunction)
        _ = backend.run(2000)
        backend.work = { $0.skewed(around: 0.4, spread: 0.3) }
        let change = backend.run(2000)
        #expect(change.lowest < 20)
        #expect(change.lowest >= 6)
        #expect(backend.run(2000).average > 19.5)
    }

    @Test func `latency below what matters is not looked at`() {
        var limit = AdaptiveLimit(minimum: 1, maximum: 20)
        answer(&limit, count: 100, latency: 0.0002, start: 0)
        answer(&limit, count: 1000, latency: 0.004, start: 1)
        #expect(limit.value == 20)
        answer(&limit, count: 1000, latency: 0.04, start: 2)
        #expect(limit.value < 20)
    }

    @Test func `slow answers to few requests say nothing about the limit`() {
        var limit = AdaptiveLimit(minimum: 1, maximum: 20)
        answer(&limit, count: 100, latency: 0.1, start: 0)
        for _ in 0..<100 { limit.succeeded(latency: .seconds(5), inFlight: 3, at: instant(10)) }
        #expect(limit.value == 20)
    }
}
