import Pipeline
import Testing

@testable import Delivery

@Suite struct BackoffTests {
    private func settings(maxElapsed: Duration = .seconds(300)) -> RetrySettings {
        var settings = RetrySettings()
        settings.initialInterval = .seconds(4)
        settings.maxInterval = .seconds(10)
        settings.multiplier = 2
        settings.randomizationFactor = 0.5
        settings.maxElapsedTime = maxElapsed
        return settings
    }

    @Test func `the delay grows by the multiplier up to the maximum`() {
        var backoff = Backoff(settings())
        let delays = (0..<4).map { _ in backoff.next(elapsed: .zero, requested: nil, random: 0.5) }
        #expect(delays == [.seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    }

    @Test(arguments: [(0.0, 2.0), (0.5, 4.0), (1.0, 6.0)])
    func `the delay is varied by the factor to both sides`(random: Double, seconds: Double) {
        var backoff = Backoff(settings())
        #expect(backoff.next(elapsed: .zero, requested: nil, random: random) == .seconds(seconds))
    }

    @Test func `what the other side asks for is a minimum`() {
        var backoff = Backoff(settings())
        #expect(backoff.next(elapsed: .zero, requested: .seconds(60), random: 0.5) == .seconds(60))
        #expect(backoff.next(elapsed: .zero, requested: .seconds(1), random: 0.5) == .seconds(8))
    }

    @Test func `it gives up when the next delay would end after the time for the batch`() {
        var backoff = Backoff(settings(maxElapsed: .seconds(10)))
        #expect(backoff.next(elapsed: .seconds(6), requested: nil, random: 0.5) == .seconds(4))
        #expect(backoff.next(elapsed: .seconds(6), requested: nil, random: 0.5) == nil)
    }

    @Test func `zero as the time for a batch means for ever`() {
        var backoff = Backoff(settings(maxElapsed: .zero))
        #expect(backoff.next(elapsed: .seconds(1_000_000), requested: nil, random: 0.5) != nil)
    }
}
