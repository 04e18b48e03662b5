import FleetStore
import Logging
import PipelineTesting
import Rollouts
import Settings
import Testing

@testable import Fleet

@Suite struct BreakGlassTests {
    private let fire = RolloutCommand.breakGlass(reason: "the old one leaks")

    private func duties(allowed: Bool = true) -> SeparationOfDuties {
        var duties = SeparationOfDuties()
        duties.approvalSize = 2
        duties.allowsBreakGlass = allowed
        return duties
    }

    @Test func `going on alone is told loudly and can be seen for ever`() async throws {
        let bench = try await RolloutBench(duties: duties())
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(rollout.state == .awaitingApproval)
        let after = try await bench.service.command(rollout.id, fire, by: RolloutBench.ada)
        #expect(after.state == .validating)
        let event = try #require(bench.events.events.first { $0.kind == .rolloutBreakGlass })
        #expect(event.actor == "ada-laptop")
        #expect(event.rollout == rollout.id)
        #expect(event.message == "ada goes on without a second person: the old one leaks")
        #expect(Self.wants("rollout.break_glass", event.kind))
        #expect(bench.metrics.text.contains("apus_fleet_break_glass_total 1\n"))
        #expect(await bench.run(rollout.id, until: [.succeeded]) == .succeeded)
        try await bench.restart()
        let kept = try #require(await bench.service.rollout(rollout.id)?.brokenGlass)
        #expect(kept.owner == "ada")
        #expect(kept.reason == "the old one leaks")
    }

    @Test func `where it is switched off nobody can, and where nobody waits there is nothing to break`()
        async throws
    {
        let bench = try await RolloutBench(duties: duties(allowed: false))
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        await #expect {
            try await bench.service.command(rollout.id, fire, by: RolloutBench.ada)
        } throws: {
            if case .forbidden? = $0 as? RolloutServiceError { true } else { false }
        }
        #expect(!SeparationOfDuties().allowsBreakGlass)
        #expect(try !SeparationOfDuties(tree: .empty).allowsBreakGlass)
        var allowed = SeparationOfDuties()
        allowed.allowsBreakGlass = true
        let free = try await RolloutBench(duties: allowed)
        let other = try await free.start(RolloutBench.spec("edge@1"))
        await #expect {
            try await free.service.command(other.id, fire, by: RolloutBench.ada)
        } throws: {
            if case .conflict? = $0 as? RolloutServiceError { true } else { false }
        }
        #expect(bench.events.events.allSatisfy { $0.kind != .rolloutBreakGlass })
    }

    @Test func `the audit log has a line of its own for it, with who it was and why`() async throws {
        let clock = ManualClock()
        let store = try await FleetStore.open(.memory, replica: "one", logger: Logger(label: "test"))
        let audit = AuditTrail(store, clock: clock)
        let bench = try await RolloutBench(duties: duties())
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        _ = try await bench.service.command(rollout.id, fire, by: RolloutBench.ada)
        let events = try #require(await bench.service.rollout(rollout.id)).events
        await audit.note(events, of: rollout.id, Logger(label: "test"))
        let lines = try await audit.lines().map(\.record)
        #expect(lines.map(\.action) == ["rollout.broken_glass"])
        #expect(lines.first?.actor == "ada-laptop")
        #expect(lines.first?.detail.json().contains("the old one leaks") == true)
    }

    private static func wants(_ kind: String, _ event: FleetEvent.Kind) -> Bool {
        let text = "{url: 'https://example.com/', kinds: [\(kind)]}"
        guard let tree = try? Tree(yaml: text, source: ConfigurationSource(.inline, "test")) else {
            return false
        }
        return Webhook.decode(tree).value?.wants(event) == true
    }
}
