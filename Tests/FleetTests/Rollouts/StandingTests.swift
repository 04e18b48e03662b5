import FleetModel
import OpAMP
import Rollouts
import Settings
import Synchronization
import Testing

@testable import Fleet

/// Agents that come, or come to match, when a rollout is over.
@Suite struct StandingTests {
    private let ended: Set<RolloutState> = [.succeeded, .rolledBack, .aborted, .superseded, .paused]
    private static let quick = "plan: [{size: 100%, bake: 0s}]\ngate: {analysis: [], min_healthy_time: 0s}\n"

    /// Agents from `first` on are somewhere else until they move.
    private func bench(_ count: Int, awayFrom first: Int) async throws -> RolloutBench {
        try await RolloutBench(count, labels: { ["env": $0 < first ? "prod" : "away"] })
    }

    @discardableResult
    private func succeed(_ bench: RolloutBench, _ target: String, _ more: String = "selector: env=prod")
        async throws -> Rollout
    {
        let rollout = try await bench.start("target: \(target)\n\(Self.quick)\(more)")
        #expect(await bench.run(rollout.id, until: ended, seconds: 100) == .succeeded)
        return rollout
    }

    private func move(_ bench: RolloutBench, _ numbers: ClosedRange<Int>, to env: String = "prod") {
        for number in numbers { bench.fleet.edit(FakeFleet.uid(number)) { $0.facts.labels["env"] = env } }
    }

    private func steps(_ bench: RolloutBench, _ count: Int = 12) async {
        for _ in 0..<count { await bench.step() }
    }

    private func revision(_ bench: RolloutBench, _ number: Int) -> RevisionReference? {
        bench.fleet.facts(FakeFleet.uid(number))?.assignment?.revision
    }

    @Test(arguments: ["wait", "join_if_passed", "ignore"])
    func `agents that come to match later get the revision, unless the rollout ignores them`(
        rule: String
    ) async throws {
        let bench = try await bench(8, awayFrom: 5)
        let rollout = try await succeed(bench, "edge@1", "selector: env=prod\nlate_joiners: \(rule)")
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == 4)
        move(bench, 5...7)
        await steps(bench)
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == (rule == "ignore" ? 4 : 7))
        #expect(revision(bench, 8) == nil)
        let standing = await bench.service.standing(rollout.id)
        #expect(standing?.assigned == (rule == "ignore" ? nil : 3))
        #expect(standing?.healthy == (rule == "ignore" ? nil : 3))
        // What is over stays as it was.
        #expect(await bench.service.rollout(rollout.id)?.counts.total == 4)
        let joined = bench.events.events.contains { $0.details["what"] == "agents_joined" }
        #expect(joined == (rule != "ignore"))
    }

    @Test func `an agent that comes is told that it may keep the revision`() async throws {
        let bench = try await bench(2, awayFrom: 2)
        try await succeed(bench, "edge@1", "selector: env=prod\nconfirm: {mode: server}")
        move(bench, 2...2)
        await steps(bench)
        #expect(bench.fleet.facts(FakeFleet.uid(2))?.assignment?.confirmWithin == 120)
        #expect(bench.fleet.state.withLock { $0.confirmed[FakeFleet.uid(2)] } != nil)
    }

    @Test func `a later rollout over the same selector takes its place, and only when it has succeeded`()
        async throws
    {
        let bench = try await bench(6, awayFrom: 3)
        let first = try await succeed(bench, "edge@1", "selector: 'env=prod, !legacy'")
        for number in 1...2 {
            bench.fleet.edit(FakeFleet.uid(number)) { $0.refuses = RevisionReference("edge", 2) }
        }
        let bad = try await bench.start(
            "target: edge@2\n\(Self.quick)selector: '!legacy,env in (prod)'\non_failure: rollback_all")
        #expect(await bench.run(bad.id, until: ended) == .rolledBack)
        #expect(await bench.service.standing(first.id)?.state == .active)
        move(bench, 3...3)
        await steps(bench)
        #expect(revision(bench, 3) == RevisionReference("edge", 1))
        let third = try await succeed(bench, "edge@3", "selector: '!legacy,env in (prod)'")
        #expect(await bench.service.standing(first.id)?.state == .ended)
        #expect(await bench.service.standing(first.id)?.reason.contains(third.id) == true)
        #expect(await bench.service.standingAssignments().keys.sorted() == [third.id])
        move(bench, 4...4)
        await steps(bench)
        #expect(revision(bench, 4) == RevisionReference("edge", 3))
    }

    @Test func `of several the newest rollout counts, and nobody is taken back to an older one`() async throws
    {
        let bench = try await RolloutBench(
            4, labels: { ["env": "prod", "region": $0 == 1 ? "eu" : $0 == 2 ? "us" : "away", "late": "no"] })
        try await succeed(bench, "edge@1", "selector: 'env=prod,region!=away'")
        try await succeed(bench, "edge@2", "selector: region=eu")
        #expect(revision(bench, 1) == RevisionReference("edge", 2))
        #expect(revision(bench, 2) == RevisionReference("edge", 1))
        bench.fleet.edit(FakeFleet.uid(3)) { $0.facts.labels["region"] = "eu" }
        await steps(bench)
        #expect(revision(bench, 3) == RevisionReference("edge", 2))
        // It has the newer one, and moves to where only the older one counts.
        bench.fleet.edit(FakeFleet.uid(1)) { $0.facts.labels["region"] = "us" }
        // It has the older one, and moves to where the newer one counts.
        bench.fleet.edit(FakeFleet.uid(2)) { $0.facts.labels["region"] = "eu" }
        await steps(bench)
        #expect(revision(bench, 1) == RevisionReference("edge", 2))
        #expect(revision(bench, 2) == RevisionReference("edge", 2))
    }

    @Test func `many that come at once get it as fast as the last stage allowed`() async throws {
        let bench = try await bench(200, awayFrom: 3)
        let rollout = try await bench.start(
            "target: edge@1\nselector: env=prod\ngate: {analysis: [], min_healthy_time: 0s}\n"
                + "plan: [{size: 100%, bake: 0s, rate: 5/s}]")
        #expect(await bench.run(rollout.id, until: ended) == .succeeded)
        move(bench, 3...200)
        var before = bench.fleet.assigned(RevisionReference("edge", 1))
        var most = 0
        for _ in 0..<60 {
            await bench.step()
            let now = bench.fleet.assigned(RevisionReference("edge", 1))
            most = max(most, now - before)
            before = now
        }
        #expect(most == 5)
        #expect(before == 200)
    }

    @Test func `it stops when three in a row cannot run it, and a person says how it goes on`() async throws {
        let bench = try await bench(9, awayFrom: 2)
        let rollout = try await succeed(bench, "edge@1")
        for number in 2...6 {
            bench.fleet.edit(FakeFleet.uid(number)) { $0.refuses = RevisionReference("edge", 1) }
        }
        for number in 2...4 {
            move(bench, number...number)
            await steps(bench)
        }
        #expect(await bench.service.standing(rollout.id)?.state == .stopped)
        #expect(bench.events.events.contains { $0.details["what"] == "standing_stopped" })
        move(bench, 7...7)
        await steps(bench)
        #expect(revision(bench, 7) == nil)
        try await bench.restart()
        #expect(await bench.service.standing(rollout.id)?.state == .stopped)
        try await bench.service.command(rollout.id, .resume, by: RolloutBench.bob)
        await steps(bench)
        #expect(revision(bench, 7) == RevisionReference("edge", 1))
        // Those who failed are not offered it again.
        #expect(bench.fleet.state.withLock { $0.assignments } == 5)
        try await bench.service.command(rollout.id, .abort(reason: "enough"), by: RolloutBench.bob)
        #expect(await bench.service.standing(rollout.id)?.state == .ended)
        #expect(await bench.service.rollout(rollout.id)?.state == .succeeded)
        move(bench, 8...8)
        await steps(bench)
        #expect(revision(bench, 8) == nil)
        await #expect(throws: RolloutServiceError.self) {
            try await bench.service.command(rollout.id, .abort(reason: ""), by: RolloutBench.bob)
        }
    }

    @Test func `a command is for what somebody has seen, and for nothing that came of it since`() async throws
    {
        let bench = try await bench(5, awayFrom: 2)
        let rollout = try await succeed(bench, "edge@1")
        func version() async throws -> RolloutVersion {
            RolloutVersion(
                try #require(await bench.service.rollout(rollout.id)),
                await bench.service.standing(rollout.id))
        }
        let active = try await version()
        #expect(active.standing == 1)
        for number in 2...4 {
            bench.fleet.edit(FakeFleet.uid(number)) { $0.refuses = RevisionReference("edge", 1) }
            move(bench, number...number)
            await steps(bench)
        }
        let stopped = try await version()
        #expect(stopped == RolloutVersion(rollout: active.rollout, standing: 2))
        try await bench.restart()
        for command in [RolloutCommand.resume, .abort(reason: "")] {
            await #expect(throws: RolloutServiceError.outdated(stopped)) {
                try await bench.service.command(
                    rollout.id, command, by: RolloutBench.bob, ifVersion: active)
            }
        }
        try await bench.service.command(rollout.id, .resume, by: RolloutBench.bob, ifVersion: stopped)
        // Whoever knows the rollout alone has not seen what it promises.
        try await bench.service.command(
            rollout.id, .abort(reason: ""), by: RolloutBench.bob,
            ifVersion: RolloutVersion(rollout: active.rollout))
        #expect(try await version().standing == 4)
    }

    @Test func `it is there after a restart, and nobody gets it twice`() async throws {
        let bench = try await bench(4, awayFrom: 3)
        let rollout = try await succeed(bench, "edge@1")
        move(bench, 3...3)
        await steps(bench)
        try await bench.restart()
        move(bench, 4...4)
        await steps(bench)
        #expect(bench.fleet.state.withLock { $0.assignments } == 4)
        #expect(await bench.service.standing(rollout.id)?.assigned == 2)
    }

    @Test func `agents of an active rollout, and builds that cannot run it, are left alone`() async throws {
        let bench = try await bench(5, awayFrom: 3)
        try await succeed(bench, "edge@1")
        // Its own agents wait for it, with what they have.
        let other = try await bench.start("target: edge@3\nselector: env=away\napproval: true\n\(Self.quick)")
        move(bench, 3...3)
        await steps(bench)
        #expect(revision(bench, 3) == nil)
        try await bench.service.command(other.id, .abort(reason: ""), by: RolloutBench.ada)
        await steps(bench)
        #expect(revision(bench, 3) == RevisionReference("edge", 1))
        bench.fleet.edit(FakeFleet.uid(4)) { $0.facts.isConnected = false }
        bench.fleet.edit(FakeFleet.uid(5)) { $0.facts.acceptsRemoteConfig = false }
        move(bench, 4...5)
        await steps(bench)
        #expect(revision(bench, 4) == nil && revision(bench, 5) == nil)
    }

    @Test func `there are not more than there may be: the oldest end`() async throws {
        let bench = try await bench(2, awayFrom: 2)
        let first = try await succeed(bench, "edge@1")
        for number in 1..<RolloutService.mostStanding {
            // An agent says nothing new of what it has already.
            try await succeed(
                bench, "edge@\(1 + number % 5)", "selector: 'env=prod,none-\(number)!=x'")
        }
        #expect(await bench.service.standing(first.id)?.state == .active)
        try await succeed(bench, "edge@1", "selector: 'env=prod,another!=x'")
        #expect(await bench.service.standing(first.id)?.state == .ended)
        #expect(await bench.service.standingAssignments().count == RolloutService.mostStanding)
        #expect(bench.events.events.contains { $0.details["what"] == "standing_ended" })
    }

    @Test func `an agent for which there is no revision is tried seldom, and takes it from nobody else`()
        async throws
    {
        let bench = try await RolloutBench(5, labels: { ["env": $0 == 2 || $0 == 3 ? "prod" : "away"] })
        let rollout = try await succeed(bench, "picky@1")
        // A variable has no value for the first one.
        move(bench, 1...1)
        await steps(bench, 120)
        let standing = try #require(await bench.service.standing(rollout.id))
        #expect((standing.state, standing.failed, standing.assigned) == (.active, 1, 0))
        #expect(bench.events.events.allSatisfy { $0.details["what"] != "agents_joined" })
        move(bench, 4...5)
        await steps(bench)
        #expect(bench.fleet.assigned(RevisionReference("picky", 1)) == 4)
        // It has a value now.
        bench.fleet.edit(FakeFleet.uid(1)) { $0.refuses = nil }
        try await bench.restart()
        await steps(bench, 600)
        let later = try #require(await bench.service.standing(rollout.id))
        #expect((later.state, later.failed, later.assigned) == (.active, 1, 2))
    }

    @Test func `who is chosen by one that has stopped does not get an older revision instead`() async throws {
        let bench = try await RolloutBench(7, labels: { ["env": "prod", "region": $0 == 1 ? "eu" : "away"] })
        try await succeed(bench, "edge@1", "selector: 'env=prod,region!=away'")
        let newer = try await succeed(bench, "edge@2", "selector: region=eu")
        for number in 2...4 {
            bench.fleet.edit(FakeFleet.uid(number)) {
                $0.refuses = RevisionReference("edge", 2)
                $0.facts.labels["region"] = "eu"
            }
            await steps(bench)
        }
        #expect(await bench.service.standing(newer.id)?.state == .stopped)
        bench.fleet.edit(FakeFleet.uid(5)) { $0.facts.labels["region"] = "eu" }
        bench.fleet.edit(FakeFleet.uid(6)) { $0.facts.labels["region"] = "us" }
        await steps(bench)
        #expect(revision(bench, 5) == nil)
        #expect(revision(bench, 6) == RevisionReference("edge", 1))
    }

    @Test func `that nothing can be rendered for now is nobody's failure`() async throws {
        let bench = try await bench(6, awayFrom: 3)
        let rollout = try await succeed(bench, "edge@1")
        move(bench, 3...6)
        bench.outage.left.withLock { $0 = 3 }
        await steps(bench, 30)
        #expect(bench.outage.left.withLock { $0 } == 0)
        #expect(bench.fleet.assigned(RevisionReference("edge", 1)) == 6)
        let standing = try #require(await bench.service.standing(rollout.id))
        #expect((standing.state, standing.failed, standing.assigned) == (.active, 0, 4))
    }

    @Test func `a store that is away gives nobody anything`() async throws {
        let bench = try await bench(2, awayFrom: 2)
        let rollout = try await succeed(bench, "edge@1")
        bench.fleet.failNext(1)
        move(bench, 2...2)
        await steps(bench, 7)
        #expect(revision(bench, 2) == nil)
        // What was not done is done again.
        await steps(bench, 20)
        #expect(revision(bench, 2) == RevisionReference("edge", 1))
        #expect(await bench.service.standing(rollout.id)?.failed == 0)
        #expect(await bench.service.standing(rollout.id)?.assigned == 1)
        #expect(bench.events.events.count { $0.details["what"] == "agents_joined" } == 1)
    }
}
