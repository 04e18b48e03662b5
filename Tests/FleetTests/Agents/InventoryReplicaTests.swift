import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Synchronization
import Testing

@testable import Fleet
@testable import FleetStore

/// Several managers of one store.
@Suite struct InventoryReplicaTests {
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
        one.say(agent.full(), over: old)
        try await Self.exchange(one, two)
        try await one.inventory.setLabels(["team": "a"], of: agent.uid)
        try await Self.exchange(one, two)
        one.clock.advance(by: .seconds(5))
        two.say(agent.heartbeat(), over: new)
        try await Self.exchange(one, two)
        // Perhaps it is another agent with the same id: the old connection is asked.
        #expect(old.pings == 1)
        #expect(old.closed == nil)
        one.clock.advance(by: .seconds(3))
        one.gateway.settleContests()
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

    @Test
    func `agents of a manager are not connected to its next life, and are again if it was only cut off`()
        async throws
    {
        let (one, two) = try await Self.two()
        var agent = FakeAgent(1)
        one.say(agent.full(), over: FakeConnection())
        try await Self.exchange(one, two)
        // It dies, and another life with its name is there before the others have noticed.
        one.clock.advance(by: .seconds(5))
        let next = try await Self.next(one)
        for bench in [next, two, next, two] { try await bench.inventory.merge() }
        #expect(two.inventory.counts == (1, 1))
        one.clock.advance(by: .seconds(6))
        for bench in [next, two] { try await bench.inventory.merge() }
        #expect(next.inventory.counts == (1, 0))
        #expect(two.inventory.counts == (1, 0))
        #expect(two.inventory.agent(agent.uid)?.replica.isEmpty == true)
        #expect(two.inventory.summary().connected == 0)
        // It was not dead but could not reach the store.
        try await one.inventory.merge()
        try await two.inventory.merge()
        #expect(two.inventory.counts == (1, 1))
        #expect(two.inventory.agent(agent.uid)?.replica == "one")
        // One that ends says so.
        try await one.store.releaseLease("replica/\(one.store.life)")
        try await two.inventory.merge()
        #expect(two.inventory.counts == (1, 0))
        try await two.store.dropEndedLeases(prefix: "replica/")
        #expect(try await two.store.leases(prefix: "replica/").count == 2)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a manager that has much to write is alive all the same`() async throws {
        let first = try await GatewayBench()
        let driver = try SQLiteDriver(path: nil, isShared: true)
        try await driver.write(durably: true) { (session) throws(StoreError) in
            try Schema.current.apply(to: session, keyType: "TEXT")
        }
        let hooks = HookedDriver(driver)
        let one = try await GatewayBench(
            store: Self.store(of: first, replica: "one", driver: hooks), clock: first.clock)
        let two = try await GatewayBench(
            store: Self.store(of: first, replica: "two", driver: driver), clock: first.clock)
        var agent = FakeAgent(1)
        one.say(agent.full(), over: FakeConnection())
        try await Self.exchange(one, two)
        #expect(two.inventory.counts == (1, 1))
        let task = Task { [inventory = one.inventory] in await inventory.run() }
        await one.clock.waitForSleepers(2)
        // The next write, which is of the agent, does not come to its end.
        let (end, ending) = AsyncStream<Void>.makeStream()
        let isHeld = Mutexed(false)
        hooks.beforeWrites { _ in
            let isFirst = isHeld.withLock { isHeld in
                defer { isHeld = true }
                return !isHeld
            }
            if isFirst { for await _ in end {} }
        }
        one.say(agent.status(.failed, Self.hash, "no"), over: FakeConnection())
        one.clock.advance(by: .seconds(1))
        await waitUntil("the write is under way") { isHeld.withLock { $0 } }
        for _ in 0..<5 {
            one.clock.advance(by: .seconds(3))
            await one.clock.waitForSleepers(1)
        }
        try await two.inventory.merge()
        #expect(two.inventory.counts == (1, 1))
        task.cancel()
        ending.finish()
        await task.value
    }

    @Test func `many agents that change keep their order`() async throws {
        let (one, two) = try await Self.two()
        var agents = (1...100).map { FakeAgent(UInt64($0)) }
        let connections = agents.map { _ in FakeConnection() }
        for index in agents.indices { one.say(agents[index].full(), over: connections[index]) }
        try await Self.exchange(one, two)
        let uids = agents.map(\.uid)
        let places = two.inventory.state.withLock { state in uids.map { state.place(of: $0) } }
        for index in agents.indices {
            one.say(agents[index].status(.failed, Self.hash, "\(index)"), over: connections[index])
        }
        try await Self.exchange(one, two)
        #expect(two.inventory.counts == (100, 100))
        two.inventory.state.withLock { state in
            #expect(uids.map { state.place(of: $0) } == places)
            #expect(state.order.map { state.uids[Int($0)] } == uids)
            #expect(state.states.connected.count == 100)
        }
        #expect(uids.allSatisfy { two.inventory.facts($0)?.history.map(\.outcome) == [.failed] })
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

    // MARK: - Two of one name

    @Test func `of two agents with one id at two managers the later one gets another`() async throws {
        let (one, two) = try await Self.two()
        let (old, new) = (FakeConnection(), FakeConnection())
        var (agent, copy) = (FakeAgent(1), FakeAgent(1, ["host.name": "copy"]))
        one.say(agent.full(), over: old)
        try await Self.exchange(one, two)
        one.clock.advance(by: .seconds(5))
        two.say(copy.full(), over: new)
        try await Self.exchange(one, two)
        #expect(old.pings == 1)
        one.gateway.heard(old)
        try await Self.exchange(one, two)
        await waitUntil("the later one gets another id") { new.sent.contains { $0.newInstanceUID != nil } }
        #expect((old.closed, new.closed) == (nil, nil))
        #expect(two.inventory.agent(agent.uid)?.replica == "one")
        // What was under way is not heard; with its new id it is an agent of its own.
        #expect(two.say(copy.heartbeat(), over: new) == ServerToAgent(instanceUID: agent.uid))
        var fresh = FakeAgent(2, ["host.name": "copy"])
        two.say(fresh.full(), over: new)
        one.say(agent.heartbeat(), over: old)
        for _ in 0..<3 {
            one.clock.advance(by: .seconds(3))
            for bench in [one, two] { bench.gateway.settleContests() }
            try await Self.exchange(one, two)
        }
        for bench in [one, two] {
            #expect(bench.inventory.counts == (2, 2))
            #expect(bench.inventory.agent(agent.uid)?.overview.name == "host-1")
            #expect(bench.inventory.agent(fresh.uid)?.overview.name == "copy")
        }
        #expect((old.pings, old.closed, new.closed) == (1, nil, nil))
        #expect(two.gateway.statistics.rekeyed == 1)
        #expect(one.gateway.statistics.rekeyed == 0)
    }

    @Test func `an agent that leaves while it is asked for belongs to the other manager`() async throws {
        let (one, two) = try await Self.two()
        let (old, new) = (FakeConnection(), FakeConnection())
        var agent = FakeAgent(1)
        one.say(agent.full(), over: old)
        try await Self.exchange(one, two)
        one.clock.advance(by: .seconds(5))
        two.say(agent.heartbeat(), over: new)
        try await Self.exchange(one, two)
        one.gateway.closed(old)
        try await Self.exchange(one, two)
        for bench in [one, two] {
            #expect(bench.inventory.counts == (1, 1))
            #expect(bench.inventory.agent(agent.uid)?.replica == "two")
        }
        #expect(new.closed == nil)
    }

    @Test func `who polls another manager with the id of a connected agent gets another`() async throws {
        let (one, two) = try await Self.two()
        let old = FakeConnection()
        var (agent, copy) = (FakeAgent(1), FakeAgent(1))
        one.say(agent.full(), over: old)
        try await Self.exchange(one, two)
        one.clock.advance(by: .seconds(5))
        two.say(copy.full(), over: FakeConnection(webSocket: false))
        try await Self.exchange(one, two)
        one.gateway.heard(old)
        try await Self.exchange(one, two)
        let answer = two.say(copy.heartbeat(), over: FakeConnection(webSocket: false))
        #expect(answer?.newInstanceUID != nil)
        try await Self.exchange(one, two)
        #expect(one.inventory.agent(agent.uid)?.replica == "one")
        #expect(old.closed == nil)
    }
}
