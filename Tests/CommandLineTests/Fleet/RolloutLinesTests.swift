import Settings
import Testing

@testable import CommandLine

/// What `rollouts watch` prints where there is no terminal.
@Suite struct RolloutLinesTests {
    private static func rollout(_ state: String, _ kinds: [String]) throws -> Tree {
        let events = kinds.enumerated().map { number, kind in
            "{time: \"2026-05-05T12:00:0\(number)Z\", kind: \(kind)}"
        }
        return try .yaml(
            "{id: r1, state: \(state), phases: {pending: 2, healthy: 1000, lost: 0}, "
                + "events: [\(events.joined(separator: ", "))]}")
    }

    @Test func `each event is told once, and each state when it is another one`() throws {
        var lines = RolloutLines()
        #expect(
            lines.news(try Self.rollout("running", ["created", "stage_started"]), nil) == [
                "12:00:00  created       ", "12:00:01  stage started  ",
                "rollout r1 is running (2 pending, 1,000 healthy)",
            ])
        #expect(lines.news(try Self.rollout("running", ["created", "stage_started"]), nil).isEmpty)
        #expect(
            lines.news(try Self.rollout("rolled_back", ["created", "stage_started", "gate_failed"]), nil) == [
                "12:00:02  gate failed   ", "rollout r1 is rolled back (2 pending, 1,000 healthy)",
            ])
    }

    @Test func `events that the manager has forgotten meanwhile make nothing be told twice`() throws {
        var lines = RolloutLines()
        _ = lines.news(try Self.rollout("running", ["created", "stage_started"]), nil)
        let later = try Tree.yaml(
            """
            {id: r1, state: running, events: [
              {time: "2026-05-05T12:00:01Z", kind: stage_started},
              {time: "2026-05-05T12:00:07Z", kind: stage_passed}]}
            """)
        #expect(lines.news(later, nil) == ["12:00:07  stage passed  "])
    }

    @Test func `a manager that does not answer is told of once, until it answers again`() throws {
        var lines = RolloutLines()
        let rollout = try Self.rollout("running", [])
        _ = lines.news(rollout, nil)
        #expect(lines.news(rollout, "nobody answers") == ["nobody answers"])
        #expect(lines.news(rollout, "nobody answers").isEmpty)
        #expect(lines.news(rollout, nil).isEmpty)
        #expect(lines.news(rollout, "nobody answers") == ["nobody answers"])
    }
}
