import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Rollouts
import Settings
import Synchronization
import Testing

@testable import Fleet
@testable import FleetStore

/// Of several managers one moves the rollouts, also when it is slow.
@Suite struct LeaseTests {
    @Test func `a manager whose lease has run out does not do what it is told itself`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        // It stands still until another has taken over.
        bench.clock.advance(by: RolloutService.leaseTime)
        await bench.other.tick()
        try #require(await !bench.owner.holdsLease())
        let asking = Task { [owner = bench.owner] in
            try await owner.command(rollout.id, .pause(reason: "late"), by: RolloutBench.ada)
        }
        await bench.clock.waitForSleepers(1)
        await bench.other.tick()
        bench.clock.advance(by: RolloutService.answerInterval)
        #expect(try await asking.value.state == .paused)
        #expect(await bench.other.rollout(rollout.id)?.state == .paused)
        #expect(bench.events.events.count { $0.details["what"] == "paused" } == 1)
    }

    @Test func `what another manager has written of a rollout is not overwritten by one that was slow`()
        async throws
    {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        bench.hooks.beforeDurableWrite { [clock = bench.clock, other = bench.other] in
            clock.advance(by: RolloutService.leaseTime)
            await other.tick()
        }
        await #expect {
            try await bench.owner.command(rollout.id, .pause(reason: ""), by: RolloutBench.ada)
        } throws: {
            if case .unavailable? = $0 as? RolloutServiceError { true } else { false }
        }
        #expect(await !bench.owner.movesRollouts)
        #expect(await bench.other.movesRollouts)
        #expect(await bench.other.rollout(rollout.id)?.state != .paused)
        #expect(await bench.owner.rollout(rollout.id)?.state != .paused)
        #expect(bench.events.events.allSatisfy { $0.details["what"] != "paused" })
        // Nobody is left behind: the other goes on with it to the end.
        for _ in 0..<200 {
            bench.clock.advance(by: .seconds(1))
            bench.fleet.tick()
            await bench.other.tick()
        }
        #expect(await bench.other.rollout(rollout.id)?.state == .succeeded)
    }

    @Test func `a rollout that a manager begins too late is not begun`() async throws {
        let bench = try await ReplicaBench()
        bench.hooks.beforeDurableWrite { [clock = bench.clock, other = bench.other] in
            clock.advance(by: RolloutService.leaseTime)
            await other.tick()
        }
        let spec = try RolloutSpec.decode(yaml: RolloutBench.spec("edge@1"))
        await #expect {
            try await bench.owner.start(spec, by: RolloutBench.ada)
        } throws: {
            $0 as? RolloutServiceError == RolloutService.lost
        }
        #expect(await bench.other.movesRollouts)
        #expect(try await bench.stores[0].documents(.rollout, limit: 9).isEmpty)
        // Whoever moves them now begins it.
        #expect(try await bench.other.start(spec, by: RolloutBench.ada).state == .validating)
    }

    @Test func `a promise to later agents is not ended by a manager that lost the lease on the way`()
        async throws
    {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        #expect(await bench.run(rollout.id, until: [.succeeded]) == .succeeded)
        #expect(await bench.owner.standing(rollout.id)?.state == .active)
        bench.hooks.beforeDurableWrite { [clock = bench.clock, other = bench.other] in
            clock.advance(by: RolloutService.leaseTime)
            await other.tick()
        }
        await #expect {
            try await bench.owner.command(rollout.id, .abort(reason: ""), by: RolloutBench.ada)
        } throws: {
            if case .unavailable? = $0 as? RolloutServiceError { true } else { false }
        }
        #expect(await bench.other.movesRollouts)
        #expect(await bench.other.standing(rollout.id)?.state == .active)
        #expect(bench.events.events.allSatisfy { $0.details["what"] != "standing_ended" })
    }

    @Test func `a manager that has lost the lease does not listen to agents`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        let bell = await bench.owner.bell
        func isListening() -> Bool { bell.isListening.load(ordering: .relaxed) }
        for _ in 0..<10 where !isListening() { await bench.step() }
        try #require(isListening())
        bench.clock.advance(by: RolloutService.leaseTime)
        await bench.other.tick()
        #expect(await !bench.owner.holdsLease())
        #expect(!isListening())
        #expect(await bench.other.rollout(rollout.id) != nil)
    }

    @Test func `a manager that reads long when it takes over keeps the lease`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        bench.clock.advance(by: RolloutService.leaseTime)
        #expect(await !bench.owner.holdsLease())
        let reads = Mutexed(0)
        bench.hooks.beforeReads { [clock = bench.clock] in
            reads.withLock { $0 += 1 }
            clock.advance(by: .milliseconds(2500))
        }
        await bench.owner.tick()
        #expect(reads.withLock { $0 } >= 4)
        bench.hooks.beforeReads {}
        #expect(await bench.owner.holdsLease())
        await bench.other.tick()
        #expect(await !bench.other.movesRollouts)
        #expect(await bench.run(rollout.id, until: [.succeeded]) == .succeeded)
    }

    @Test func `a long step renews the lease on its way`() async throws {
        let bench = try await ReplicaBench()
        bench.clock.advance(by: RolloutService.leaseRenewal)
        #expect(await bench.owner.holdsLease())
        bench.clock.advance(by: RolloutService.leaseTime - .seconds(1))
        await bench.other.tick()
        #expect(await !bench.other.movesRollouts)
        #expect(await bench.owner.holdsLease())
    }

    @Test func `an answer that comes while the rollout is written counts`() async throws {
        let bench = try await ReplicaBench()
        for number in 1...4 { bench.fleet.edit(FakeFleet.uid(number)) { $0.facts.speaksCustom = true } }
        let rollout = try await bench.start(RolloutBench.spec("edge@1", more: "validate: {agents: 1}"))
        for _ in 0..<10 where bench.fleet.state.withLock({ $0.asked.isEmpty }) { await bench.step() }
        let asked = try #require(bench.fleet.state.withLock { $0.asked.first })
        let answering = Mutexed<Task<Void, Never>?>(nil)
        bench.hooks.beforeDurableWrite { [owner = bench.owner] in
            let task = Task {
                await owner.answered(asked.uid, id: asked.id, isValid: true, diagnostics: [])
            }
            answering.withLock { $0 = task }
            // It may come in now, or has to wait until the rollout is written.
            for _ in 0..<1000 { await Task.yield() }
        }
        for _ in 0..<10 where answering.withLock({ $0 == nil }) { await bench.step() }
        let task = try #require(answering.withLock { $0 })
        await task.value
        #expect(await bench.run(rollout.id, until: [.running, .paused]) == .running)
    }

    @Test func `what changes before a manager begins to follow is not missed`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.owner.start(
            try RolloutSpec.decode(yaml: RolloutBench.spec("edge@1")), by: RolloutBench.ada)
        #expect(await bench.other.list().isEmpty)
        bench.stores[1].feed.tell([.everything])
        let task = Task { [other = bench.other] in await other.follow() }
        await waitUntil("the rollout is known") { await bench.other.list().map(\.id) == [rollout.id] }
        task.cancel()
        await task.value
    }

    @Test func `what does not fit one write is not done in part`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        let spec = try RolloutSpec.decode(
            yaml: RolloutBench.spec("edge@2", more: "supersedes: [\(rollout.id)]"))
        let entries = try await bench.owner.begun(spec, RolloutBench.ada, asDraft: false)
        #expect(entries.count == 2)
        let state = try #require(await bench.owner.rollout(rollout.id)?.state)
        #expect(state.isActive)
        let others = (0..<StoreLimits.documentsPerWrite).map {
            DocumentWrite.delete(.rolloutRequest, "x/\($0)", expecting: .any)
        }
        await #expect {
            try await bench.owner.commit(entries, with: others)
        } throws: {
            if case .tooLarge? = $0 as? StoreError { true } else { false }
        }
        #expect(await bench.other.rollout(rollout.id)?.state == state)
        #expect(try await bench.stores[0].documents(.rollout, prefix: "h/", limit: 9).count == 1)
        #expect(await bench.owner.rollout(rollout.id)?.state == state)
    }

    @Test func `two rollouts over the largest fleet fit one write`() {
        // A part has 1,000 agents, and there are two for each so many, a head and a sample.
        let parts = 2 * (Inventory.limit / 1000) + 2
        #expect(2 * parts + 2 <= StoreLimits.documentsPerWrite)
        #expect(StoreLimits.documentsPerWrite <= StoreLimits.rowsPerAnswer)
    }

    @Test func `a command whose result the store does not take is refused`() async throws {
        let bench = try await ReplicaBench()
        let rollout = try await bench.start(RolloutBench.spec("edge@1"))
        bench.hooks.beforeDurableWrite { () throws(StoreError) in throw .tooLarge("a rollout") }
        await #expect {
            try await bench.command(rollout.id, .pause(reason: ""))
        } throws: {
            if case .invalid? = $0 as? RolloutServiceError { true } else { false }
        }
        #expect(await bench.owner.rollout(rollout.id)?.state != .paused)
        #expect(try await bench.requests().isEmpty)
    }
}
