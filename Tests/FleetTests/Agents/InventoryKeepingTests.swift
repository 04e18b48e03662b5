import FleetModel
import FleetStore
import Logging
import OpAMP
import PipelineTesting
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
        // All that is kept of its health is how it is, so it is asked for the rest.
        #expect(after.health == nil)
        #expect(answer.flags == .reportFullState)
        next.say(agent.full(), over: connected)
        #expect(next.inventory.agent(agent.uid)?.health?.healthy == true)
        #expect(next.say(agent.heartbeat(), over: connected)?.flags.isEmpty == true)
        #expect(!next.events.withLock { $0 }.contains(.appeared(agent.uid)))
    }

    @Test func `heartbeats write nothing, and a checkpoint tells when they were`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        agent.hasHealth = false
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

    // MARK: - Several managers

    private static func two() async throws -> (GatewayBench, GatewayBench) {
        let first = try await GatewayBench()
        let driver = try SQLiteDriver(path: nil, isShared: true)
        try await driver.write(durably: true) { (session) throws(StoreError) in
            try Schema.current.apply(to: session, keyType: "TEXT")
        }
        let one = try await GatewayBench(
            store: store(of: first, replica: "one", driver: driver), clock: first.clock)
        let two = try await GatewayBench(
            store: store(of: first, replica: "two", driver: driver), clock: first.clock)
        return (one, two)
    }

    private static func exchange(_ one: GatewayBench, _ two: GatewayBench) async throws {
        for bench in [one, two] { try await bench.inventory.merge() }
        for bench in [one, two] { try await bench.inventory.flush() }
        for bench in [one, two] { try await bench.inventory.merge() }
    }

    @Test func `each manager knows the agents of the other`() async throws {
        let (one, two) = try await Self.two()
        let connection = FakeConnection()
        var agent = FakeAgent(1, ["region": "eu"])
        one.say(agent.full(), over: connection)
        try await Self.exchange(one, two)
        let record = try #require(two.inventory.agent(agent.uid))
        #expect(record.overview.isConnected)
        #expect(record.replica == "one")
        #expect(record.isWebSocket == nil)
        #expect(two.inventory.counts == (1, 1))
        try await two.inventory.setLabels(["team": "b"], of: agent.uid)
        try await Self.exchange(one, two)
        #expect(one.inventory.agent(agent.uid)?.ownLabels == ["team": "b"])
        one.gateway.closed(connection)
        try await Self.exchange(one, two)
        #expect(two.inventory.counts == (1, 0))
    }

    @Test func `who has the connection offers what another manager assigned`() async throws {
        let (one, two) = try await Self.two()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        one.say(agent.full(), over: connection)
        try await Self.exchange(one, two)
        try await two.inventory.assign([agent.assignment(Self.hash, at: one.clock.unixNanoseconds)])
        #expect(connection.sent.isEmpty)
        try await Self.exchange(one, two)
        #expect(connection.sent.map(\.remoteConfig?.hash) == [Self.hash.bytes])
        one.say(agent.status(.applied, Self.hash), over: connection)
        try await Self.exchange(one, two)
        #expect(two.inventory.facts(agent.uid)?.history.map(\.outcome) == [.applied])
        #expect(two.inventory.agent(agent.uid)?.overview.drift == .inSync)
    }

    @Test func `an agent that goes to another manager is that one's, and labels stay`() async throws {
        let (one, two) = try await Self.two()
        let (old, new) = (FakeConnection(), FakeConnection())
        var agent = FakeAgent(1)
        agent.hasHealth = false
        one.say(agent.full(), over: old)
        try await Self.exchange(one, two)
        try await one.inventory.setLabels(["team": "a"], of: agent.uid)
        try await Self.exchange(one, two)
        one.clock.advance(by: .seconds(5))
        #expect(two.say(agent.heartbeat(), over: new)?.flags.isEmpty == true)
        try await Self.exchange(one, two)
        #expect(old.closed == 1001)
        #expect(new.closed == nil)
        #expect(one.inventory.agent(agent.uid)?.replica == "two")
        one.gateway.closed(old)
        try await Self.exchange(one, two)
        #expect(one.inventory.counts == (1, 1))
        #expect(two.inventory.agent(agent.uid)?.ownLabels == ["team": "a"])
    }

    @Test func `agents of a manager that died are not connected`() async throws {
        let (one, two) = try await Self.two()
        var agent = FakeAgent(1)
        one.say(agent.full(), over: FakeConnection())
        try await Self.exchange(one, two)
        one.clock.advance(by: .seconds(9))
        try await two.inventory.merge()
        #expect(two.inventory.counts == (1, 1))
        one.clock.advance(by: .seconds(2))
        try await two.inventory.merge()
        #expect(two.inventory.counts == (1, 0))
        // It comes to the one that is left.
        two.say(agent.heartbeat(), over: FakeConnection())
        #expect(two.inventory.counts == (1, 1))
        let third = try await Self.next(two)
        #expect(third.inventory.counts == (1, 0))
    }

    @Test func `what one manager forgets is forgotten by the other`() async throws {
        let (one, two) = try await Self.two()
        var agent = FakeAgent(1)
        one.say(agent.full(), over: FakeConnection(webSocket: false))
        try await Self.exchange(one, two)
        // Also what happens before it begins to follow.
        try await one.inventory.forget(agent.uid)
        try await two.store.poll()
        let inventory = two.inventory
        let task = Task { await inventory.follow() }
        await waitUntil("the other manager has forgotten the agent") { inventory.counts.known == 0 }
        task.cancel()
        await task.value
    }

    @Test func `a manager that has missed too much forgets what is not in the store any more`() async throws {
        let (one, two) = try await Self.two()
        var agents = (1...3).map { FakeAgent(UInt64($0)) }
        for index in 0..<2 { one.say(agents[index].full(), over: FakeConnection(webSocket: false)) }
        try await Self.exchange(one, two)
        try await one.inventory.forget(agents[0].uid)
        // It has come to this manager and is not in the store yet.
        two.say(agents[2].full(), over: FakeConnection(webSocket: false))
        let inventory = two.inventory
        let task = Task { await inventory.follow() }
        two.store.feed.tell([.everything])
        await waitUntil("the first agent is forgotten") { inventory.agent(agents[0].uid) == nil }
        #expect(inventory.counts.known == 2)
        task.cancel()
        await task.value
    }
}
