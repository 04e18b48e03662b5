import FleetModel
import OpAMP
import Pipeline
import PipelineTesting
import Rollouts
import Settings
import Synchronization
import Testing

@testable import Fleet

/// Steps that nobody has to wait a second for.
@Suite struct PromptStepTests {
    private static let quick = "plan: [{size: 100%, bake: 0s}]\ngate: {analysis: [], min_healthy_time: 0s}\n"

    /// Runs the service while `body` waits for what happens; the clock stands still.
    private func run(_ bench: RolloutBench, _ body: (AsyncStream<FleetEvent>) async throws -> Void)
        async throws
    {
        let service = bench.service
        let events = try #require(bench.events.stream(after: nil))
        let running = Task { await service.run() }
        try await body(events)
        running.cancel()
        await running.value
    }

    /// Agents do what they were told, and say so; `isDone` returns when what comes of it has happened.
    ///
    /// Where the step for their reports is not the one that was to come anyway, it pauses first, and the
    /// pause ends here.
    private func report(_ bench: RolloutBench, _ isDone: () async -> Void) async {
        let clock = bench.clock
        let pause = Task {
            await clock.waitForSleepers(2)
            clock.advance(by: RolloutBell.shortestPause)
        }
        bench.fleet.tick()
        bench.service.hear()
        await isDone()
        // There may have been no pause: then these are what it waits for.
        let sleepers = (0..<2).map { _ in Task { try? await clock.sleep(for: .seconds(3600)) } }
        await pause.value
        for sleeper in sleepers { sleeper.cancel() }
    }

    /// Waits for an event of a rollout.
    private func wait(_ what: String, _ events: AsyncStream<FleetEvent>) async {
        for await event in events where event.details["what"] == what { return }
    }

    @Test func `a rollout that has nothing to wait for ends without a tick of the clock`() async throws {
        let bench = try await RolloutBench(50)
        try await run(bench) { events in
            let rollout = try await bench.start(
                "target: edge@1\nvalidate: {agents: 0}\nlate_joiners: ignore\n\(Self.quick)")
            await wait("stage_started", events)
            await bench.fleet.waitUntilAssigned(50)
            await report(bench) { await wait("succeeded", events) }
            #expect(await bench.service.rollout(rollout.id)?.counts[.healthy] == 50)
        }
    }

    @Test func `an agent that answers, and a person who promotes, are not kept waiting`() async throws {
        let bench = try await RolloutBench(4)
        for number in 1...4 { bench.fleet.edit(FakeFleet.uid(number)) { $0.facts.speaksCustom = true } }
        try await run(bench) { events in
            let rollout = try await bench.start(
                "target: edge@1\nplan: [{size: 2, bake: 1h}, {size: 100%, bake: 1h}]\n"
                    + "gate: {analysis: [], min_healthy_time: 0s}\nvalidate: {agents: 1}")
            let asked = await bench.fleet.waitUntilAsked()
            #expect(bench.fleet.state.withLock { $0.assignments } == 0)
            await bench.service.answered(asked.uid, id: asked.id, isValid: true, diagnostics: [])
            await wait("stage_started", events)
            await bench.fleet.waitUntilAssigned(2)
            try await bench.service.command(rollout.id, .promote(all: true), by: RolloutBench.ada)
            // A promotion does not make up for agents that have not said anything yet.
            #expect(bench.fleet.state.withLock { $0.assignments } == 2)
            await report(bench) { await bench.fleet.waitUntilAssigned(4) }
        }
    }

    @Test func `a rate holds, however often there is a step`() async throws {
        let bench = try await RolloutBench(40)
        try await run(bench) { _ in
            _ = try await bench.start(
                "target: edge@1\nvalidate: {agents: 0}\nplan: [{size: 100%, bake: 0s, rate: 3/s}]\n"
                    + "gate: {analysis: [], min_healthy_time: 0s}")
            await bench.fleet.waitUntilAssigned(1)
            for count in [4, 7, 10] {
                // Everything that may be done now is done before a command is answered.
                for _ in 0..<3 { await bench.service.tick() }
                #expect(bench.fleet.state.withLock { $0.assignments } == count - 3)
                await bench.clock.waitForSleepers()
                bench.clock.advance(by: .seconds(1))
                await bench.fleet.waitUntilAssigned(count)
            }
        }
    }

    @Test func `reports of agents lead to steps that take a small share of the time`() {
        let bell = RolloutBell()
        func at(_ milliseconds: Int) -> Instant { Instant(offset: .milliseconds(milliseconds)) }
        bell.hear()
        #expect(bell.take(at(0)) == .nothing)
        bell.isListening.store(true, ordering: .relaxed)
        bell.hear()
        #expect(bell.take(at(0)) == .step)
        bell.rest(at(100), after: .milliseconds(100))
        bell.hear()
        #expect(bell.take(at(200)) == .later(.milliseconds(1900)))
        // One waits already.
        bell.hear()
        #expect(bell.take(at(300)) == .nothing)
        bell.endPause()
        #expect(bell.take(at(2100)) == .step)
        bell.rest(at(2100), after: .zero)
        bell.hear()
        #expect(bell.take(at(2110)) == .later(.milliseconds(10)))
        // A person does not wait for that.
        bell.ring()
        #expect(bell.take(at(2111)) == .step)
        #expect(bell.take(at(2112)) == .nothing)
    }
}
