import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Rollouts
import Settings
import Testing

@testable import Fleet

@Suite struct HandingTests {
    @Test func `a rollout is started and told everything by a manager that does not move it`() async throws {
        var duties = SeparationOfDuties()
        duties.approvalSize = 2
        let bench = try await ReplicaBench(duties: duties)
        #expect(await bench.owner.movesRollouts)
        #expect(await !bench.other.movesRollouts)
        let draft = try await bench.start(RolloutBench.spec("edge@1"), asDraft: true)
        #expect(draft.state == .draft)
        #expect(draft.author == "ada")
        let id = draft.id
        #expect(try await bench.command(id, .begin).state == .awaitingApproval)
        let approved = try await bench.command(id, .approve, by: RolloutBench.bob)
        #expect([.validating, .running].contains(approved.state))
        #expect(approved.approver == "bob")
        #expect(try await bench.command(id, .pause(reason: "lunch")).reason == "lunch")
        #expect(try await bench.command(id, .resume).state != .paused)
        #expect(await bench.run(id, until: [.running]) == .running)
        for _ in 0..<3 { await bench.step() }
        #expect(try await bench.command(id, .promote(all: true), by: RolloutBench.bob).state == .running)
        let back = try await bench.command(id, .rollBack(reason: "no"), by: RolloutBench.bob)
        #expect(back.state == .rollingBack)
        #expect(await bench.run(id, until: [.rolledBack]) == .rolledBack)
        // Everything was said by who said it, once, and nothing is left in the store.
        let said = bench.events.events.filter { $0.rollout == id && $0.actor != RolloutEvent.manager }
        #expect(
            said.map { "\($0.details["what"] ?? "") \($0.actor ?? "")" } == [
                "created ada-laptop", "approved bob", "paused ada-laptop", "resumed ada-laptop",
                "promoted bob-phone",
                // That it goes back, and how far.
                "rolling_back bob-phone", "rolling_back bob-phone",
            ])
        #expect(try await bench.requests().isEmpty)
        #expect(bench.metrics.text.contains("apus_fleet_rollout_requests_total{what=\"asked\"} 7\n"))
    }

    @Test func `what the manager that moves it answers comes back as it was meant`() async throws {
        let bench = try await ReplicaBench()
        await #expect(throws: RolloutServiceError.notFound("there is no rollout x")) {
            try await bench.command("x", .resume)
        }
        await #expect(throws: RolloutServiceError.notFound("there is no revision edge@9")) {
            try await bench.start(RolloutBench.spec("edge@9"))
        }
        await #expect(throws: RolloutServiceError.invalid(["broken@1: unknown key 'recievers'"])) {
            try await bench.start(RolloutBench.spec("broken@1"))
        }
        let rollout = try await bench.start(RolloutBench.spec("edge@1", more: "approval: true"))
        await #expect {
            try await bench.command(rollout.id, .approve)
        } throws: {
            if case .forbidden? = $0 as? RolloutServiceError { true } else { false }
        }
        await #expect(throws: RolloutServiceError.outdated(RolloutVersion(rollout: rollout.version))) {
            try await bench.command(
                rollout.id, .abort(reason: ""), ifVersion: RolloutVersion(rollout: rollout.version + 1))
        }
        #expect(try await bench.command(rollout.id, .abort(reason: "")).state == .aborted)
    }

    @Test func `every manager can say what a rollout would do`() async throws {
        let bench = try await ReplicaBench()
        let first = try await bench.start(RolloutBench.spec("edge@1"))
        let spec = try RolloutSpec.decode(yaml: RolloutBench.spec("edge@2"))
        let preview = try await bench.other.preview(spec, by: RolloutBench.bob)
        #expect(preview.conflicts.map(\.rollout) == [first.id])
        #expect(preview.agents == 4)
        let taking = try RolloutSpec.decode(
            yaml: RolloutBench.spec("edge@2", more: "supersedes: [\(first.id)]"))
        #expect(try await bench.other.preview(taking, by: RolloutBench.bob).problems.isEmpty)
        let second = try await bench.start(RolloutBench.spec("edge@2", more: "supersedes: [\(first.id)]"))
        #expect(await bench.other.rollout(first.id)?.state == .superseded)
        #expect(await bench.other.rollout(second.id)?.state.isActive == true)
    }

    @Test func `every manager shows what a rollout promises, and ends it for who has seen it`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(await bench.run(rollout.id, until: [.succeeded]) == .succeeded)
        let seen = RolloutVersion(
            try #require(await bench.other.rollout(rollout.id)), await bench.other.standing(rollout.id))
        #expect(seen.standing == 1)
        let other = RolloutVersion(rollout: seen.rollout, standing: 2)
        await #expect(throws: RolloutServiceError.outdated(seen)) {
            try await bench.command(rollout.id, .abort(reason: ""), ifVersion: other)
        }
        _ = try await bench.command(rollout.id, .abort(reason: "enough"), ifVersion: seen)
        #expect(await bench.other.standing(rollout.id)?.state == .ended)
    }

    @Test func `a command that nobody takes is taken back, and is not done later`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        let asking = Task { [other = bench.other] in
            try await other.command(rollout.id, .pause(reason: ""), by: RolloutBench.ada)
        }
        await bench.clock.waitForSleepers(1)
        #expect(try await bench.requests().count == 1)
        bench.clock.advance(by: RolloutRequest.patience)
        await #expect {
            try await asking.value
        } throws: { error in
            guard case .unavailable(let text)? = error as? RolloutServiceError else { return false }
            return text.hasPrefix("no manager has moved the rollouts for 30 s, so nothing was done")
        }
        #expect(try await bench.requests().isEmpty)
        await bench.owner.tick()
        #expect(await bench.owner.rollout(rollout.id)?.state != .paused)
        #expect(bench.events.events.allSatisfy { $0.details["what"] != "paused" })
    }

    @Test func `a command whose manager did not live to hear the answer is not done too late`()
        async throws
    {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        let request = RolloutRequest(
            id: "x", wish: .command(rollout: rollout.id, .pause(reason: ""), version: nil),
            actor: RolloutBench.ada, asker: "gone")
        try await bench.stores[1].write([.put(.rolloutRequest, "q/x", request.tree, expecting: .absent)])
        bench.clock.advance(by: RolloutRequest.patience + .seconds(1))
        await bench.owner.tick()
        await bench.owner.tick()
        #expect(await bench.owner.rollout(rollout.id)?.state != .paused)
        #expect(try await bench.requests() == ["a/x"])
        // Nobody fetches the answer.
        for _ in 0..<700 { await bench.step() }
        #expect(try await bench.requests().isEmpty)
    }

    @Test func `the successor of a manager that died does what waited, and nobody does it again`()
        async throws
    {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        let asking = Task { [other = bench.other] in
            try await other.command(rollout.id, .pause(reason: "storm"), by: RolloutBench.bob)
        }
        await bench.clock.waitForSleepers(1)
        // The first is silent until its lease is over; the second takes over what it was told itself.
        bench.clock.advance(by: RolloutService.leaseTime)
        await bench.other.tick()
        #expect(await bench.other.movesRollouts)
        await bench.clock.waitForSleepers(1)
        bench.clock.advance(by: RolloutService.answerInterval)
        #expect(try await asking.value.state == .paused)
        await bench.owner.tick()
        #expect(await !bench.owner.movesRollouts)
        await bench.other.tick()
        let paused = bench.events.events.filter { $0.details["what"] == "paused" }
        #expect(paused.map(\.actor) == ["bob-phone"])
        #expect(paused.map(\.message) == ["storm"])
        #expect(try await bench.requests().isEmpty)
    }

    @Test func `nothing is done of a command that was taken back at the same moment`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        let store = bench.stores[1]
        let document = try #require(
            try await store.write([.put(.rolloutRequest, "q/gone", .empty, expecting: .absent)]).first)
        try await store.write([.delete(.rolloutRequest, "q/gone", expecting: .version(document.version))])
        let told = try await bench.owner.told(rollout.id, .abort(reason: ""), RolloutBench.ada, nil)
        await #expect(throws: StoreError.conflict(.rolloutRequest, "q/gone")) {
            try await bench.owner.commit(
                [(rollout.id, told)],
                with: RolloutRequest.answering(document, .done(rollout: rollout.id)))
        }
        #expect(await bench.owner.rollout(rollout.id)?.state.isActive == true)
        #expect(await bench.other.rollout(rollout.id)?.state.isActive == true)
        #expect(try await bench.requests().isEmpty)
        #expect(bench.events.events.allSatisfy { $0.details["what"] != "aborted" })
    }

    @Test func `when too many commands wait, further ones are refused`() async throws {
        let bench = try await ReplicaBench()
        try await bench.stores[1].write(
            (0..<RolloutRequest.waitingLimit).map {
                .put(.rolloutRequest, "q/\($0)", .empty, expecting: .absent)
            })
        await #expect {
            try await bench.other.command("x", .resume, by: RolloutBench.ada)
        } throws: {
            "\($0)".hasPrefix("256 commands wait for the manager that moves the rollouts")
        }
        // What nobody can read is answered like everything else.
        for _ in 0..<6 { await bench.step() }
        let answered = try await bench.requests()
        #expect(answered.count == RolloutRequest.waitingLimit)
        #expect(answered.allSatisfy { $0.hasPrefix("a/") })
    }

    @Test(arguments: [
        RolloutCommand.begin, .approve, .breakGlass(reason: "fire"), .pause(reason: "a \"b\""), .resume,
        .promote(all: true),
        .promote(all: false), .abort(reason: ""), .rollBack(reason: "é"), .retry(FakeFleet.uid(7)),
    ]) func `a command is read as it was written`(_ command: RolloutCommand) throws {
        let request = RolloutRequest(
            id: "1",
            wish: .command(
                rollout: "edge-1-abcde", command, version: RolloutVersion(rollout: 7, standing: 2)),
            actor: RolloutActor(name: "ada-laptop", owner: "ada"), asker: "one")
        let text = request.tree.json()
        let tree = try Tree(json: text, source: ConfigurationSource(.builtIn, "test"))
        #expect(RolloutRequest(id: "1", tree) == request)
    }

    @Test(arguments: [
        RolloutServiceError.notFound("a"), .conflict("b"), .forbidden("c"), .invalid(["d", "e"]),
        .unavailable("f"), .outdated(RolloutVersion(rollout: 3)),
        .outdated(RolloutVersion(rollout: 3, standing: 1)),
    ]) func `a refusal is read as it was written`(_ error: RolloutServiceError) {
        #expect(RolloutAnswer(RolloutAnswer.refused(error).tree) == .refused(error))
    }
}
