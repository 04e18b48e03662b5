import Pipeline
import Testing

@testable import FleetEndpoint

@Suite struct AcceptPacingTests {
    private func at(_ seconds: Double) -> Instant { Instant(offset: .milliseconds(Int(seconds * 1000))) }

    @Test func `a second's worth may come at once, and then the rate holds`() {
        var pacing = AcceptPacing(rate: 10, now: at(0))
        for _ in 0..<10 { #expect(pacing.take(at: at(0)) == nil) }
        #expect(pacing.take(at: at(0)) == 1)
        #expect(pacing.take(at: at(0.1)) == nil)
        #expect(pacing.take(at: at(0.1)) == 1)
        #expect(pacing.take(at: at(60)) == nil)
    }

    @Test func `everybody in a crowd gets a turn of their own`() {
        var pacing = AcceptPacing(rate: 100, now: at(0))
        let waits = (0..<1100).compactMap { _ in pacing.take(at: at(0)) }
        #expect(waits.count == 1000)
        #expect(waits.first == 1)
        #expect(waits.last == 10)
        for second in 1...10 { #expect(waits.count { $0 == second } == 100) }
        // And who comes when it is their turn is let in.
        for second in 1...10 {
            for _ in 0..<100 { #expect(pacing.take(at: at(Double(second))) == nil) }
        }
    }

    @Test func `nobody is told to wait for ever`() {
        var pacing = AcceptPacing(rate: 1, now: at(0))
        var longest = 0
        for _ in 0..<2000 { longest = max(longest, pacing.take(at: at(0)) ?? 0) }
        #expect(longest == 600)
    }

    @Test func `the limit of open files is known, and asking for less changes nothing`() {
        let before = DescriptorLimit.current
        #expect(before > 0)
        #expect(DescriptorLimit.raise(for: -DescriptorLimit.spare) == before)
        #expect(DescriptorLimit.connections(of: 1024) == 768)
        #expect(DescriptorLimit.connections(of: 200_000) == 200_000 - DescriptorLimit.spare)
    }
}
