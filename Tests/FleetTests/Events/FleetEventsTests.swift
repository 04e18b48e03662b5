import PipelineTesting
import Testing

@testable import Fleet

@Suite struct FleetEventsTests {
    private let clock = ManualClock()

    @Test func `a stream goes on after the event that was seen last`() async throws {
        let events = FleetEvents(clock: clock)
        for number in 1...5 { events.note(.configurationChanged, "c\(number)", "") }
        let stream = try #require(events.stream(after: 3))
        events.note(.configurationChanged, "c6", "")
        var seen: [String] = []
        for await event in stream {
            seen.append(event.subject)
            if seen.count == 3 { break }
        }
        #expect(seen == ["c4", "c5", "c6"])
    }

    @Test func `what is forgotten, or was never there, cannot be resumed`() {
        let events = FleetEvents(capacity: 3, clock: clock)
        for _ in 1...10 { events.note(.planChanged, "p", "") }
        #expect(events.events.map(\.id) == [8, 9, 10])
        #expect(events.stream(after: 6) == nil)
        #expect(events.stream(after: 7) != nil)
        #expect(events.stream(after: 11) == nil)
    }

    @Test func `a fleet that reconnects does not push everything else out`() {
        let events = FleetEvents(clock: clock)
        events.note(.planChanged, "p", "")
        for _ in 0..<10_000 { events.note(.agentConnected, "a", "") }
        #expect(events.events.count == 1 + FleetEvents.frequentPerSecond)
        clock.advance(by: .seconds(1))
        events.note(.agentConnected, "a", "")
        #expect(events.events.last?.details["omitted"] == "\(10_000 - FleetEvents.frequentPerSecond)")
    }

    @Test func `every kind has a name and a summary of its own`() {
        let kinds = FleetEvent.Kind.allCases
        #expect(Set(kinds.map(\.rawValue)).count == kinds.count)
        #expect(Set(kinds.map(\.summary)).count == kinds.count)
    }

    @Test func `numbers are written as Prometheus reads them`() {
        let metrics = FleetMetrics()
        metrics.counter("x_total", "Things\nthat happen", labels: [("kind", #"a"b"#)]).add(3)
        metrics.gauge("y", "Now") { [FleetMetrics.Sample(1.5), FleetMetrics.Sample(2, [("s", "t")])] }
        let timer = metrics.timer("z_seconds", "How long")
        timer.observe(.milliseconds(3))
        timer.observe(.seconds(20))
        let text = metrics.text
        #expect(text.contains("# HELP x_total Things\\nthat happen\n# TYPE x_total counter\n"))
        #expect(text.contains("x_total{kind=\"a\\\"b\"} 3\n"))
        #expect(text.contains("y 1.5\ny{s=\"t\"} 2\n"))
        #expect(text.contains("z_seconds_bucket{le=\"0.001\"} 0\nz_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("z_seconds_bucket{le=\"+Inf\"} 2\nz_seconds_sum 20.003\nz_seconds_count 2\n"))
    }
}
