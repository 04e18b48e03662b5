import FleetModel
import FleetStore
import OpAMP
import Rollouts
import Settings
import Synchronization
import Testing

@testable import Fleet

@Suite struct RolloutServiceTests {
    private let ended: Set<RolloutState> = [.succeeded, .rolledBack, .aborted, .superseded, .paused]

    @Test func `a rollout reaches all agents, tells what happens, and is there after the end`() async throws {
        let bench = try await RolloutBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(rollout.state == .validating)
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == 10)
        #expect(bench.fleet.state.withLock { $0.confirmed.count } == 10)
        let kinds = bench.events.events.compactMap { $0.details["what"] }
        #expect(kinds.first == "created")
        #expect(kinds.last == "succeeded")
        #expect(kinds.count { $0 == "stage_passed" } == 2)
        await bench.step()
        #expect(bench.metrics.text.contains("apus_fleet_rollouts{state=\"succeeded\"} 1\n"))
        #expect(bench.metrics.text.contains("apus_fleet_rollout_gates_total{verdict=\"pass\"} 2\n"))
        try await bench.restart()
        #expect(await bench.service.rollout(rollout.id)?.state == .succeeded)
        let agents = try await bench.service.agents(of: rollout.id, phase: .healthy)
        #expect(agents.count == 10)
    }

    @Test func `what fails goes back to what worked, and is not offered to the build again`() async throws {
        let bench = try await RolloutBench()
        let first = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(await bench.run(first.id, until: ended) == .succeeded)
        for number in 1...10 {
            bench.fleet.edit(FakeFleet.uid(number)) { $0.refuses = RevisionReference("edge", 2) }
        }
        let second = try await bench.start(RolloutBench.spec("edge@2"))
        #expect(await bench.run(second.id, until: ended) == .rolledBack)
        #expect(await bench.service.rollout(second.id)?.reason.contains("no such processor") == true)
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == 10)
        await #expect(throws: RolloutServiceError.self) { try await bench.start(RolloutBench.spec("edge@2")) }
        try await bench.restart()
        let spec = try RolloutSpec.decode(yaml: RolloutBench.spec("edge@2"))
        let preview = try await bench.service.preview(spec, by: RolloutBench.ada)
        #expect(preview.agents == 0)
        #expect(preview.excluded.first?.reason.contains("failed on apus 1") == true)
        let again = try await bench.start(RolloutBench.spec("edge@2", more: "ignore_bad: true"))
        #expect(again.counts.total == 10)
    }

    @Test func `a manager that is killed again and again brings the rollout to the same end`() async throws {
        let bench = try await RolloutBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        var seconds = 0
        while await bench.service.rollout(rollout.id)?.state.isTerminal == false, seconds < 600 {
            await bench.step()
            if seconds % 8 == 7 { try await bench.restart() }
            seconds += 1
        }
        #expect(await bench.service.rollout(rollout.id)?.state == .succeeded)
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == 10)
        // Nobody got it twice.
        #expect(bench.fleet.state.withLock { $0.assignments } == 10)
    }

    @Test func `the oldest rollout is forgotten with all its agents, however many`() async throws {
        let bench = try await RolloutBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1", more: "late_joiners: ignore"))
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        let document = try await bench.store.document(.rollout, "h/\(rollout.id)")
        let head = try #require(document?.body.table)
        let newer = (1...RolloutService.remembered).map { number in
            let id = "edge-1-\(number)"
            let entries = head.map { entry in
                switch entry.key {
                case "id": Tree.Entry("id", .text(id))
                case "created": Tree.Entry("created", .number(rollout.created + UInt64(number)))
                default: entry
                }
            }
            return DocumentWrite.put(.rollout, "h/\(id)", Tree(.table(entries)), expecting: .absent)
        }
        try await bench.store.write(newer)
        let pieces = (0..<(2 * Inventory.limit / 1000)).map {
            DocumentWrite.put(.rollout, "p/\(rollout.id)/more-\($0)", .empty, expecting: .absent)
        }
        try await bench.store.write(pieces)
        try await bench.restart()
        await bench.step()
        #expect(await bench.service.rollout(rollout.id) == nil)
        #expect(await bench.service.list().count == RolloutService.remembered)
        let left = try await bench.store.documents(.rollout, prefix: "p/", limit: 9)
        #expect(left.isEmpty)
    }

    @Test(arguments: [false, true])
    func `who is offline at the end gets what was promised, though the store was away or the manager died`(
        dies: Bool
    ) async throws {
        let bench = try await RolloutBench(4)
        bench.fleet.edit(FakeFleet.uid(4)) { $0.facts.isConnected = false }
        bench.fleet.state.withLock { $0.failsOnce = FakeFleet.uid(4) }
        let rollout = try await bench.start(RolloutBench.spec("edge@1", more: "late_joiners: ignore"))
        for _ in 0..<200 where bench.fleet.state.withLock({ $0.failsOnce != nil }) { await bench.step() }
        #expect(bench.fleet.facts(FakeFleet.uid(4))?.assignment == nil)
        // It is not over before they have it.
        let head = try #require(try await bench.store.document(.rollout, "h/\(rollout.id)"))
        #expect(head.body.table?.contains { "\($0.value)".contains("succeeded") } != true)
        if dies { try await bench.restart() }
        await bench.step()
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        #expect(
            bench.fleet.facts(FakeFleet.uid(4))?.assignment?.revision == RevisionReference("edge", 1))
    }

    @Test func `that nothing can be rendered for now is nobody's failure`() async throws {
        let bench = try await RolloutBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        bench.outage.left.withLock { $0 = 2 }
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        #expect(bench.outage.left.withLock { $0 } == 0)
        #expect(await bench.service.rollout(rollout.id)?.counts[.healthy] == 10)
    }

    @Test func `an assignment that the store does not take is made again`() async throws {
        let bench = try await RolloutBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        bench.fleet.failNext(1)
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
    }

    @Test func `agents of an active rollout are taken by another only when it says so`() async throws {
        let bench = try await RolloutBench()
        let first = try await bench.start(RolloutBench.spec("edge@1"))
        await #expect(throws: RolloutServiceError.self) { try await bench.start(RolloutBench.spec("edge@2")) }
        let second = try await bench.start(RolloutBench.spec("edge@2", more: "supersedes: [\(first.id)]"))
        #expect(await bench.service.rollout(first.id)?.state == .superseded)
        #expect(await bench.run(second.id, until: ended) == .succeeded)
        #expect(bench.fleet.assigned(RevisionReference("edge", 2)) == 10)
    }

    @Test func `an agent goes back to what worked last, not to what it was given last`() async throws {
        let bench = try await RolloutBench(3)
        let good = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(await bench.run(good.id, until: ended) == .succeeded)
        // The second is stopped in the middle: nobody has shown that it works.
        let middle = try await bench.start(RolloutBench.spec("edge@2"))
        for _ in 0..<10 { await bench.step() }
        try await bench.service.command(middle.id, .abort(reason: ""), by: RolloutBench.ada)
        #expect(bench.fleet.assigned(RevisionReference("edge", 2)) == 1)
        for number in 1...3 {
            bench.fleet.edit(FakeFleet.uid(number)) { $0.refuses = RevisionReference("edge", 3) }
        }
        let bad = try await bench.start(RolloutBench.spec("edge@3"))
        #expect(await bench.run(bad.id, until: ended) == .rolledBack)
        let back = try await bench.service.agents(of: bad.id)
        #expect(back.allSatisfy { $0.previous == "edge@1" })
        #expect(bench.fleet.assigned(RevisionReference("edge", 3)) == 0)
    }

    @Test func `a second person has to approve where the duties say so`() async throws {
        var duties = SeparationOfDuties()
        duties.approvalSize = 5
        let bench = try await RolloutBench(duties: duties)
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(rollout.state == .awaitingApproval)
        for actor in [RolloutBench.ada, RolloutActor(name: "carol-pc", owner: "carol")] {
            await #expect(throws: RolloutServiceError.self) {
                try await bench.service.command(rollout.id, .approve, by: actor)
            }
        }
        for _ in 0..<30 { await bench.step() }
        #expect(bench.fleet.state.withLock { $0.assignments } == 0)
        let approved = try await bench.service.command(rollout.id, .approve, by: RolloutBench.bob)
        #expect(approved.approver == "bob")
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
    }

    @Test func `a draft needs the second person when it is begun, like everything else`() async throws {
        var duties = SeparationOfDuties()
        duties.approvalSize = 5
        let bench = try await RolloutBench(duties: duties)
        let spec = try RolloutSpec.decode(yaml: RolloutBench.spec("edge@1"))
        let draft = try await bench.service.start(spec, by: RolloutBench.ada, asDraft: true)
        let begun = try await bench.service.command(draft.id, .begin, by: RolloutBench.ada)
        #expect(begun.state == .awaitingApproval)
    }

    @Test func `commands with an old version and for rollouts that have ended are refused`() async throws {
        let bench = try await RolloutBench(2)
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        await #expect(throws: RolloutServiceError.outdated(RolloutVersion(rollout: rollout.version))) {
            try await bench.service.command(
                rollout.id, .pause(reason: ""), by: RolloutBench.ada,
                ifVersion: RolloutVersion(rollout: rollout.version + 1))
        }
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        await #expect(throws: RolloutServiceError.self) {
            try await bench.service.command(rollout.id, .resume, by: RolloutBench.ada)
        }
        await #expect(throws: RolloutServiceError.notFound("there is no rollout x")) {
            try await bench.service.command("x", .resume, by: RolloutBench.ada)
        }
    }

    @Test func `a preview says who gets it when, what changes and what stands in the way`() async throws {
        let bench = try await RolloutBench(10, labels: { ["zone": $0 % 2 == 0 ? "a" : "b"] })
        bench.fleet.edit(FakeFleet.uid(3)) { $0.facts.acceptsRemoteConfig = false }
        bench.fleet.edit(FakeFleet.uid(4)) { $0.facts.isConnected = false }
        let spec = try RolloutSpec.decode(
            yaml: RolloutBench.spec("edge@1", more: "blast_radius: {max_agents: 3}"))
        let preview = try await bench.service.preview(spec, by: RolloutBench.ada)
        #expect(preview.agents == 9)
        #expect(preview.stages.map(\.agents) == [1, 8])
        #expect(preview.stages.map(\.offline) == [0, 1])
        #expect(preview.excluded.map(\.uid) == [FakeFleet.uid(3)])
        #expect(preview.changes.map(\.agents) == [9])
        #expect(preview.mostDisrupted == 3)
        #expect(preview.problems.isEmpty)
        #expect(await bench.service.list().isEmpty)
        let broken = try RolloutSpec.decode(yaml: RolloutBench.spec("broken@1"))
        #expect(try await bench.service.preview(broken, by: RolloutBench.ada).problems.count == 1)
        await #expect(throws: RolloutServiceError.self) {
            try await bench.start(RolloutBench.spec("broken@1"))
        }
        await #expect(throws: RolloutServiceError.self) { try await bench.start(RolloutBench.spec("edge@9")) }
    }

    @Test func `an agent for which a variable has no value fails, and the reason says so`() async throws {
        let bench = try await RolloutBench(1)
        let rollout = try await bench.start(RolloutBench.spec("picky@1"))
        #expect(await bench.run(rollout.id, until: ended) == .rolledBack)
        #expect(await bench.service.rollout(rollout.id)?.reason.contains("'region' has no value") == true)
    }

    @Test func `plans are kept by name, and a rollout may use one`() async throws {
        let bench = try await RolloutBench(4)
        let plan = try RolloutPlan.decode(yaml: "stages: [{size: 50%, bake: 5s}, {size: 100%, bake: 5s}]")
        let kept = try await bench.service.putPlan("careful", plan, over: 0, by: RolloutBench.ada)
        await #expect(throws: RolloutServiceError.self) {
            try await bench.service.putPlan("careful", plan, over: 0, by: RolloutBench.ada)
        }
        #expect(try await bench.service.plans().map(\.name) == ["careful"])
        let rollout = try await bench.start(
            "{target: edge@1, plan: careful, gate: {analysis: [], min_healthy_time: 2s}}")
        #expect(rollout.stages.count == 2)
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        try await bench.service.deletePlan("careful", version: kept.version, by: RolloutBench.ada)
        await #expect(throws: RolloutServiceError.self) {
            try await bench.start("{target: edge@2, plan: careful}")
        }
    }

    @Test func `agents that turn up later join when the rollout takes them`() async throws {
        let bench = try await RolloutBench(5)
        bench.fleet.edit(FakeFleet.uid(5)) { $0.facts.labels = ["late": "yes"] }
        let rollout = try await bench.start(RolloutBench.spec("edge@1", more: "selector: '!late'"))
        #expect(rollout.counts.total == 4)
        bench.fleet.edit(FakeFleet.uid(5)) { $0.facts.labels = [:] }
        for _ in 0..<31 { await bench.step() }
        #expect(await bench.service.rollout(rollout.id)?.counts.total == 5)
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == 5)
    }

    @Test func `when much of the fleet disconnects at once rollouts stand still, and go on when it is back`()
        async throws
    {
        let bench = try await RolloutBench(20)
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        for _ in 0..<12 { await bench.step() }
        for number in 1...10 { bench.fleet.edit(FakeFleet.uid(number)) { $0.facts.isConnected = false } }
        #expect(await bench.run(rollout.id, until: [.frozen], seconds: 5) == .frozen)
        for _ in 0..<600 { await bench.step() }
        #expect(await bench.service.rollout(rollout.id)?.state == .frozen)
        for number in 1...10 { bench.fleet.edit(FakeFleet.uid(number)) { $0.facts.isConnected = true } }
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        let kinds = bench.events.events.map(\.kind)
        #expect(kinds.contains(.fleetFrozen) && kinds.contains(.fleetThawed))
    }
}
