import Pipeline
import Telemetry
import Testing

@testable import Control

@Suite struct HealthGateTests {
    private let traces = PipelineID(signal: .traces)

    /// What a pipeline did until a moment.
    private func sample(
        _ seconds: Int, accepted: Int, delivered: Int, refused: Int = 0, faults: [GateSample.Fault] = []
    ) -> GateSample {
        var sample = GateSample(time: .seconds(seconds))
        sample.flows[traces] = .init(accepted: accepted, refused: refused, delivered: Double(delivered))
        sample.faults = faults
        return sample
    }

    /// A minute with `rate` items per second, everything delivered.
    private func gate(rate: Int, expectsDrop: Bool = false) -> HealthGate {
        var baseline = HealthBaseline()
        for time in stride(from: 0, through: 60, by: 10) {
            baseline.note(sample(time, accepted: time * rate, delivered: time * rate))
        }
        return HealthGate(
            baseline: baseline, before: sample(60, accepted: 60 * rate, delivered: 60 * rate),
            expectsDrop: expectsDrop)
    }

    /// What the gate says in the end about a flow of so many items per second, second by second.
    private func verdict(
        _ gate: HealthGate, seconds: Int = 40, from rate: Int, accepted: Int, delivered: Int, refused: Int = 0
    ) -> HealthGate.Decision {
        var gate = gate
        var last = HealthGate.Decision.inconclusive
        for time in 1...seconds {
            let decision = gate.observe(
                sample(
                    60 + time, accepted: 60 * rate + time * accepted, delivered: 60 * rate + time * delivered,
                    refused: time * refused))
            if case .trip = decision { return decision }
            last = decision
        }
        return last
    }

    @Test func `the same flow passes`() {
        #expect(verdict(gate(rate: 100), from: 100, accepted: 100, delivered: 100) == .pass)
    }

    @Test func `a little less passes`() {
        #expect(verdict(gate(rate: 100), from: 100, accepted: 60, delivered: 50) == .pass)
    }

    @Test func `half as much or less coming in trips`() {
        #expect(
            verdict(gate(rate: 100), from: 100, accepted: 40, delivered: 40)
                == .trip("traces accepts 40.0 items per second, it was 100.0 before the change"))
    }

    @Test func `accepting and delivering nothing trips`() {
        #expect(
            verdict(gate(rate: 100), from: 100, accepted: 100, delivered: 0)
                == .trip("traces delivers 0 % of what it accepts, it was 100 % before the change"))
    }

    @Test func `a drop that is expected passes`() {
        let gate = gate(rate: 100, expectsDrop: true)
        #expect(verdict(gate, from: 100, accepted: 100, delivered: 0) == .pass)
    }

    @Test func `refusing what was accepted before trips`() {
        #expect(
            verdict(gate(rate: 100), from: 100, accepted: 60, delivered: 60, refused: 40)
                == .trip("traces refuses 40 % of what it gets, it was 0 % before the change"))
    }

    @Test func `too little before is inconclusive and never trips`() {
        var baseline = HealthBaseline()
        for time in stride(from: 0, through: 60, by: 10) {
            baseline.note(sample(time, accepted: time / 10, delivered: time / 10))
        }
        let quiet = HealthGate(
            baseline: baseline, before: sample(60, accepted: 6, delivered: 6), expectsDrop: false)
        #expect(verdict(quiet, from: 0, accepted: 0, delivered: 0) == .inconclusive)
        let fresh = HealthGate(
            baseline: HealthBaseline(), before: sample(60, accepted: 0, delivered: 0), expectsDrop: false)
        #expect(verdict(fresh, from: 0, accepted: 0, delivered: 0) == .inconclusive)
    }

    @Test func `telemetry that comes in bursts is compared with its quiet times`() {
        var baseline = HealthBaseline()
        for time in stride(from: 0, through: 60, by: 10) {
            let accepted = time / 30 * 3000
            baseline.note(sample(time, accepted: accepted, delivered: accepted))
        }
        let gate = HealthGate(
            baseline: baseline, before: sample(60, accepted: 6000, delivered: 6000), expectsDrop: false)
        #expect(verdict(gate, from: 100, accepted: 0, delivered: 0) == .inconclusive)
    }

    @Test func `a pipeline that was made anew counts from zero`() {
        var gate = gate(rate: 100)
        for time in 1...30 {
            let decision = gate.observe(sample(60 + time, accepted: time * 100, delivered: time * 100))
            if case .trip(let reason) = decision { Issue.record("\(reason)") }
        }
    }

    @Test func `a new permanent error trips at once, an old one never`() {
        let fault = GateSample.Fault(component: "exporter 'a'", message: "no", mayPass: false)
        var new = gate(rate: 0)
        guard case .trip = new.observe(sample(61, accepted: 0, delivered: 0, faults: [fault])) else {
            Issue.record("a permanent error must trip")
            return
        }
        var old = HealthGate(
            baseline: HealthBaseline(), before: sample(60, accepted: 0, delivered: 0, faults: [fault]),
            expectsDrop: false)
        #expect(old.observe(sample(61, accepted: 0, delivered: 0, faults: [fault])) == .inconclusive)
    }

    @Test func `an error that may pass has two minutes`() {
        let fault = GateSample.Fault(component: "exporter 'a'", message: "no", mayPass: true)
        var gate = gate(rate: 0)
        for time in 61...181 {
            #expect(gate.observe(sample(time, accepted: 0, delivered: 0, faults: [fault])) == .inconclusive)
        }
        #expect(
            gate.observe(sample(182, accepted: 0, delivered: 0, faults: [fault]))
                == .trip("the exporter 'a' has had an error for 2 minutes: no"))
    }

    @Test func `an error that passes in between begins anew`() {
        let fault = GateSample.Fault(component: "exporter 'a'", message: "no", mayPass: true)
        var gate = gate(rate: 0)
        for time in 61...300 {
            let faults = time == 170 ? [] : [fault]
            let decision = gate.observe(sample(time, accepted: 0, delivered: 0, faults: faults))
            if time <= 290 { #expect(decision == .inconclusive) }
        }
    }

    @Test func `a ledger that does not balance trips when it stays so`() {
        var gate = gate(rate: 0)
        var decisions: [HealthGate.Decision] = []
        for time in 61...63 {
            var sample = sample(time, accepted: 0, delivered: 0)
            sample.unplaced[traces] = 3
            decisions.append(gate.observe(sample))
        }
        #expect(
            decisions == [
                .inconclusive, .inconclusive,
                .trip("the ledger of traces cannot place 3 items since the change"),
            ])
    }
}
