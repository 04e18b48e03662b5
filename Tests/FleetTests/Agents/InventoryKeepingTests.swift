import FleetModel
import FleetStore
import Logging
import OpAMP
import PipelineTesting
import Synchronization
import Testing

@testable import Fleet
@testable import FleetStore

@Suite struct InventoryKeepingTests {
    private static let hash = ContentHash(of: [1])

    /// The same store for a manager of another life or of another name.
    private static func store(of bench: GatewayBench, replica: String, driver: any StoreDriver) -> FleetStore
    {
        FleetStore(
            driver: driver, replica: replica, logger: bench.store.logger,
            clock: { [clock = bench.clock] in clock.unixNanoseconds })
    }

    /// What a manager that starts with the same store knows.
    private static func next(_ bench: GatewayBench) async throws -> GatewayBench {
        let store = store(of: bench, replica: "one", driver: bench.store.driver)
        return try await GatewayBench(store: store, clock: bench.clock)
    }

    @Test func `what has to outlive the process does`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1, ["region": "eu"])
        var report = agent.full()
        report.health = ComponentHealth(
            healthy: false, status: "StatusRecoverableError", lastError: "slow", startTime: 7)
        bench.say(report, over: connection)
        try await bench.inventory.assign([agent.assignment(Self.hash, at: bench.clock.unixNanoseconds)])
        bench.say(agent.status(.failed, Self.hash, "line 3"), over: connection)
        try await bench.inventory.setLabels(["team": "a"], of: agent.uid)
        try await bench.inventory.flush()
        let before = try #require(bench.inventory.agent(agent.uid))

        let next = try await Self.next(bench)
        let after = try #require(next.inventory.agent(agent.uid))
        #expect(after.overview.isConnected == false)
        #expect(after.overview.labels == before.overview.labels)
        #expect(after.overview.assignment == before.overview.assignment)
        #expect(after.overview.drift == .failed)
        #expect(after.history == before.history)
        #expect(after.effective == before.effective)
        #expect(after.capabilities == before.capabilities)
        #expect(after.customCapabilities == before.customCapabilities)
        #expect(after.identity == before.identity)
        #expect(after.overview.isHealthy == false)
        #expect(after.overview.error == "slow")
        #expect(after.worst == .recoverable)
        #expect((after.worstSince, after.started) == (before.worstSince, 7))
        #expect(after.overview.lastSeen == before.overview.lastSeen)
        #expect(next.inventory.counts == (1, 0))
        // It goes on where it was: nothing was lost, and what failed is not offered again.
        let connected = FakeConnection()
        let answer = try #require(next.say(agent.heartbeat(), over: connected))
        #expect(answer.remoteConfig == nil)
        #expect(after.health == before.health)
        #expect(answer.flags.isEmpty)
        #expect(next.say(agent.heartbeat(), over: connected)?.flags.isEmpty == true)
        #expect(!next.events.withLock { $0 }.contains(.appeared(agent.uid)))
    }

    @Test func `heartbeats write nothing, and a checkpoint tells when they were`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: connection)
        try await bench.inventory.flush()
        let change = try await bench.store.lastChange()
        for _ in 0..<10 {
            bench.clock.advance(by: .seconds(30))
            bench.say(agent.heartbeat(), over: connection)
            try await bench.inventory.flush()
        }
        #expect(try await bench.store.lastChange() == change)
        try await bench.inventory.checkpoint()
        #expect(try await bench.store.lastChange() == change + 1)
        bench.gateway.closed(connection)
        let next = try await Self.next(bench)
        #expect(next.inventory.agent(agent.uid)?.overview.lastSeen == bench.clock.unixNanoseconds)
        #expect(next.say(agent.heartbeat(), over: FakeConnection())?.flags.isEmpty == true)
        agent.sequence += 1
        #expect(next.say(agent.heartbeat(), over: FakeConnection(webSocket: false))?.flags.isEmpty == true)
    }

    @Test func `trees of health outlive the process, each shape once`() async throws {
        let bench = try await GatewayBench()
        var agents = (0..<3).map { FakeAgent($0) }
        for index in agents.indices {
            var report = agents[index].full()
            var broken = ComponentHealth(healthy: true, status: "StatusOK")
            if index == 1 {
                broken = ComponentHealth(healthy: false, status: "x", lastError: "é", statusTime: 3)
            }
            report.health = ComponentHealth(
                healthy: true, status: "StatusOK", startTime: UInt64(index), components: ["a": broken])
            bench.say(report, over: FakeConnection())
        }
        try await bench.inventory.flush()
        let kept = try await bench.store.documents(.setting, prefix: "health/", limit: 9)
        // With and without the usual state of the component.
        #expect(kept.count == 2)
        let next = try await Self.next(bench)
        for index in agents.indices {
            let uid = agents[index].uid
            #expect(next.inventory.agent(uid)?.health == bench.inventory.agent(uid)?.health)
            #expect(next.say(agents[index].heartbeat(), over: FakeConnection())?.flags.isEmpty == true)
        }
        // A shape that is not there any more has to be said again.
        try await bench.store.write(
            kept.map { .delete(.setting, $0.id, expecting: .any) })
        let poor = try await Self.next(bench)
        let answer = poor.say(agents[0].heartbeat(), over: FakeConnection())
        #expect(answer?.flags == .reportFullState)
        #expect(poor.inventory.agent(agents[0].uid)?.health == nil)
        // What nobody has is not kept for ever.
        for agent in agents { try await next.inventory.forget(agent.uid) }
        try await next.inventory.dropUnusedShapes()
        #expect(next.inventory.state.withLock { $0.keptShapes.shapes.isEmpty })
    }

    @Test func `an agent whose messages were lost over a restart is asked for everything`() async throws {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: FakeConnection())
        try await bench.inventory.flush()
        agent.sequence += 5
        let next = try await Self.next(bench)
        #expect(next.say(agent.heartbeat(), over: FakeConnection())?.flags == .reportFullState)
    }

    @Test func `a forgotten agent is gone, and new when it comes back`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: connection)
        try await bench.inventory.setLabels(["a": "b"], of: agent.uid)
        #expect(try await bench.inventory.forget(agent.uid))
        #expect(try await !bench.inventory.forget(agent.uid))
        #expect(bench.inventory.counts == (0, 0))
        #expect(try await bench.store.agents(changedAfter: .beginning, limit: 9).isEmpty)
        bench.say(agent.heartbeat(), over: connection)
        #expect(bench.inventory.counts == (1, 1))
        #expect(bench.inventory.agent(agent.uid)?.ownLabels == [:])
    }

    @Test func `a turn of the loop writes so much, and says whether there is more`() async throws {
        let bench = try await GatewayBench()
        for number in 1...600 {
            var agent = FakeAgent(UInt64(number))
            bench.say(agent.full(), over: FakeConnection())
        }
        #expect(try await !bench.inventory.flush(batches: 1))
        #expect(try await bench.store.agents(changedAfter: .beginning, limit: 1000).count == 512)
        #expect(try await bench.inventory.flush(batches: 1))
        #expect(try await bench.store.agents(changedAfter: .beginning, limit: 1000).count == 600)
    }

    @Test func `the loop writes each second, makes checkpoints and writes the rest at its end`() async throws
    {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1)
        let inventory = bench.inventory
        let task = Task { await inventory.run() }
        await bench.clock.waitForSleepers()
        bench.say(agent.full(), over: FakeConnection())
        bench.clock.advance(by: .seconds(1))
        try await waitUntil("the agent is in the store") {
            try await bench.store.agents(changedAfter: .beginning, limit: 9).count == 1
        }
        task.cancel()
        await task.value
        #expect(try await bench.store.checkpoints().map(\.uid) == [agent.uid])
    }
}
