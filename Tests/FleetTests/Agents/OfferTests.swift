import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Settings
import Synchronization
import Testing

@testable import Fleet

@Suite struct OfferTests {
    private static let (a, b) = (ContentHash(of: [1]), ContentHash(of: [2]))

    /// An agent that is connected and has said everything.
    private static func connected(
        _ bench: GatewayBench, webSocket: Bool = true
    ) -> (agent: FakeAgent, connection: FakeConnection) {
        var agent = FakeAgent(1)
        let connection = FakeConnection(webSocket: webSocket)
        bench.say(agent.full(), over: connection)
        return (agent, connection)
    }

    @Test func `what is assigned is offered at once, with its terms, and once`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        let offer = try #require(connection.sent.first)
        #expect(connection.sent.count == 1)
        #expect(offer.instanceUID == agent.uid)
        #expect(offer.remoteConfig?.hash == Self.a.bytes)
        let message = try #require(offer.customMessage)
        #expect((message.capability, message.type) == ("io.apus.config/v1", "offer"))
        let body = try #require(ConfigMessage.body(of: message))
        #expect(body["hash"]?.text == Self.a.description)
        #expect(body["confirm_within_s"]?.text == "60")
        #expect(body["rollout"]?.text == "r1")
        let next = bench.say(agent.heartbeat(), over: connection)
        #expect(next?.remoteConfig == nil)
        #expect(try await bench.store.assignments(changedAfter: .beginning, limit: 9).count == 1)
    }

    @Test func `an offer that cannot be had is not tried for with every message`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        bench.offers.areMissing.store(true, ordering: .relaxed)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        let asked = bench.offers.asked.load(ordering: .relaxed)
        await waitUntil("it is tried") { bench.gateway.state.withLock { $0.tasks == 0 } }
        for _ in 0..<5 { bench.say(agent.heartbeat(), over: connection) }
        await waitUntil("nothing is under way") { bench.gateway.state.withLock { $0.tasks == 0 } }
        #expect(asked == 1)
        #expect(bench.offers.asked.load(ordering: .relaxed) == 1)
        #expect(connection.sent.isEmpty)
        bench.offers.areMissing.store(false, ordering: .relaxed)
        bench.clock.advance(by: FailedFetches.pause)
        bench.say(agent.heartbeat(), over: connection)
        await waitUntil("it is offered") { connection.sent.first?.remoteConfig?.hash == Self.a.bytes }
    }

    @Test func `an agent that applies is in sync, and one that changes by itself has drifted`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        func drift() -> DriftState? { bench.inventory.agent(agent.uid)?.overview.drift }
        func say(effective: String) {
            var report = agent.heartbeat()
            report.effectiveConfig = EffectiveConfig(
                AgentConfigMap(["": AgentConfigObject(body: Array(effective.utf8))]))
            bench.say(report, over: connection)
        }
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        #expect(drift() == .pending)
        bench.say(agent.status(.applying, Self.a), over: connection)
        #expect(drift() == .applying)
        bench.say(agent.status(.applied, Self.a), over: connection)
        #expect(drift() == .inSync)
        say(effective: "new")
        #expect(drift() == .inSync)
        say(effective: "new")
        #expect(drift() == .inSync)
        say(effective: "changed by hand")
        #expect(drift() == .drifted)
        #expect(bench.events.withLock { $0 }.contains(.drifted(agent.uid)))
        say(effective: "new")
        #expect(drift() == .inSync)
        bench.say(agent.status(.applied, Self.b), over: connection)
        #expect(drift() == .drifted)
        let history = bench.inventory.agent(agent.uid)?.history.map(\.outcome)
        #expect(history == [.applying, .applied, .applied])
        try await bench.inventory.unassign([agent.uid])
        #expect(drift() == .unmanaged)
    }

    @Test func `an agent that says APPLIED at once and what it runs later is in sync`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        bench.say(agent.status(.applied, Self.a), over: connection)
        var report = agent.heartbeat()
        report.effectiveConfig = EffectiveConfig(AgentConfigMap(["": AgentConfigObject(body: [1])]))
        bench.say(report, over: connection)
        #expect(bench.inventory.agent(agent.uid)?.overview.drift == .inSync)
    }

    @Test(arguments: [true, false])
    func `what failed is not offered again unless a person wants it`(_ rollsBack: Bool) async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        if rollsBack {
            bench.say(agent.status(.applied, Self.a), over: connection)
            var report = agent.heartbeat()
            let body = Tree.table(["from": .text(Self.a.description), "reason": .text("no data")])
            report.customMessage = CustomMessage(
                capability: "io.apus.config/v1", type: "rolled_back", data: Array(body.json().utf8))
            bench.say(report, over: connection)
        } else {
            bench.say(agent.status(.failed, Self.a, "line 3: no such key"), over: connection)
        }
        // It says again what it ran before: what failed is remembered.
        bench.say(agent.status(.applied, Self.b), over: connection)
        #expect(bench.inventory.agent(agent.uid)?.overview.drift == .failed)
        let next = FakeConnection()
        bench.gateway.closed(connection)
        #expect(bench.say(agent.full(), over: next)?.remoteConfig == nil)
        #expect(bench.say(agent.heartbeat(), over: next)?.remoteConfig == nil)
        let history = try #require(bench.inventory.facts(agent.uid)?.history)
        #expect(
            history.contains { $0.hash == Self.a.bytes && $0.outcome == (rollsBack ? .rolledBack : .failed) })
        await bench.inventory.retry([agent.uid])
        #expect(next.sent.map(\.remoteConfig?.hash) == [Self.a.bytes])
        bench.say(agent.status(.failed, Self.a, "line 3: no such key"), over: next)
        let failures = bench.inventory.facts(agent.uid)?.history.count { $0.outcome == .failed }
        #expect(failures == (rollsBack ? 1 : 2))
        #expect(bench.say(agent.heartbeat(), over: next)?.remoteConfig == nil)
    }

    @Test func `a new assignment of what failed before is a new try`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        bench.say(agent.status(.failed, Self.a), over: connection)
        bench.clock.advance(by: .seconds(5))
        try await bench.inventory.assign([agent.assignment(Self.a, 2, at: bench.clock.unixNanoseconds)])
        #expect(connection.sent.count == 2)
        #expect(bench.inventory.agent(agent.uid)?.overview.drift == .pending)
    }

    @Test func `who comes back gets what it has not applied, and not what it runs`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        bench.gateway.closed(connection)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        #expect(connection.sent.isEmpty)
        let second = FakeConnection()
        #expect(bench.say(agent.heartbeat(), over: second)?.remoteConfig?.hash == Self.a.bytes)
        bench.gateway.closed(second)
        let third = FakeConnection()
        #expect(bench.say(agent.heartbeat(), over: third)?.remoteConfig?.hash == Self.a.bytes)
        bench.say(agent.status(.applied, Self.a), over: third)
        bench.gateway.closed(third)
        #expect(bench.say(agent.heartbeat(), over: FakeConnection())?.remoteConfig == nil)
    }

    @Test func `an offer that came to nothing is made again after five minutes`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        bench.clock.advance(by: .seconds(299))
        #expect(bench.say(agent.heartbeat(), over: connection)?.remoteConfig == nil)
        bench.clock.advance(by: .seconds(1))
        #expect(bench.say(agent.heartbeat(), over: connection)?.remoteConfig != nil)
    }

    @Test func `who polls gets it with the next poll`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench, webSocket: false)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        #expect(connection.sent.isEmpty)
        let poll = FakeConnection(webSocket: false)
        #expect(bench.say(agent.heartbeat(), over: poll)?.remoteConfig?.hash == Self.a.bytes)
        #expect(bench.say(agent.heartbeat(), over: FakeConnection(webSocket: false))?.remoteConfig == nil)
    }

    @Test func `an answer that was lost is given again, and an offer to who polls soon enough`() async throws
    {
        let bench = try await GatewayBench()
        var (agent, _) = Self.connected(bench, webSocket: false)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        let report = agent.heartbeat()
        func poll(_ report: AgentToServer) -> ServerToAgent? {
            bench.say(report, over: FakeConnection(webSocket: false))
        }
        #expect(poll(report)?.remoteConfig != nil)
        let again = poll(report)
        #expect(again?.remoteConfig != nil)
        #expect(again?.capabilities.isEmpty == false)
        bench.clock.advance(by: .seconds(29))
        #expect(poll(agent.heartbeat())?.remoteConfig == nil)
        bench.clock.advance(by: .seconds(1))
        #expect(poll(agent.heartbeat())?.remoteConfig != nil)
    }

    @Test func `who takes no configurations is offered none`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        agent.capabilities.remove(.acceptsRemoteConfig)
        bench.say(agent.full(), over: connection)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        #expect(connection.sent.isEmpty)
        #expect(bench.inventory.agent(agent.uid)?.overview.drift == .unmanaged)
        agent.capabilities.insert(.acceptsRemoteConfig)
        #expect(bench.say(agent.heartbeat(), over: connection)?.remoteConfig?.hash == Self.a.bytes)
    }

    @Test func `who does not know our messages gets none with an offer`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        agent.customs = []
        bench.say(agent.full(), over: connection)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        #expect(connection.sent.map { $0.customMessage == nil && $0.remoteConfig != nil } == [true])
        #expect(bench.gateway.confirm(Self.a, to: [agent.uid]).isEmpty)
        #expect(bench.inventory.facts(agent.uid)?.speaksCustom == false)
    }

    @Test func `a connection that takes nothing more gets the offer with the next message`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        connection.fill(true)
        try await bench.inventory.assign([agent.assignment(Self.a, at: bench.clock.unixNanoseconds)])
        #expect(connection.sent.isEmpty)
        #expect(bench.say(agent.heartbeat(), over: connection)?.remoteConfig?.hash == Self.a.bytes)
    }

    @Test func `reports are no older than what they answer and never go back in time`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        let later = bench.clock.unixNanoseconds + 5_000
        try await bench.inventory.assign([agent.assignment(Self.a, at: later)])
        bench.say(agent.status(.applying, Self.a), over: connection)
        for number in 0..<40 {
            bench.say(agent.status(number % 2 == 0 ? .applied : .applying, Self.b), over: connection)
        }
        let history = try #require(bench.inventory.facts(agent.uid)?.history)
        #expect(history.count == 16)
        #expect(history.allSatisfy { $0.time >= later })
    }

    @Test func `messages reach whoever knows them, and wait for those that poll`() async throws {
        let bench = try await GatewayBench()
        let answers = Mutexed<[ValidationAnswer]>([])
        bench.gateway.onValidated { _, answer in answers.withLock { $0.append(answer) } }
        var (agent, connection) = Self.connected(bench)
        var polling = FakeAgent(2)
        bench.say(polling.full(), over: FakeConnection(webSocket: false))
        let files = AgentConfigMap(["a": AgentConfigObject(body: Array("b".utf8), contentType: "text/yaml")])
        let uids = [agent.uid, polling.uid, InstanceUID(high: 9, low: 9)]
        #expect(bench.gateway.validate(id: "v1", files, by: uids) == [agent.uid, polling.uid])
        #expect(connection.sent.map(\.customMessage?.type) == ["validate"])
        func poll() -> ServerToAgent? {
            bench.say(polling.heartbeat(), over: FakeConnection(webSocket: false))
        }
        #expect(poll()?.customMessage?.type == "validate")
        #expect(poll()?.customMessage == nil)
        var report = agent.heartbeat()
        let json = """
            {"id":"v1","valid":false,"diagnostics":[{"pointer":"/a","line":3,"column":2,"message":"no"}]}
            """
        report.customMessage = CustomMessage(
            capability: "io.apus.config/v1", type: "validated", data: Array(json.utf8))
        bench.say(report, over: connection)
        #expect(
            answers.withLock { $0 }
                == [ValidationAnswer(id: "v1", isValid: false, diagnostics: ["3:2: /a: no"])])
    }

    @Test func `an agent is told to restart, alone in its message`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        try bench.gateway.restart(agent.uid)
        #expect(connection.sent.first?.command == .restart)
        agent.capabilities.remove(.acceptsRestartCommand)
        bench.say(agent.heartbeat(), over: connection)
        #expect(throws: InventoryError.self) { try bench.gateway.restart(agent.uid) }
        #expect(throws: InventoryError.unknownAgent(InstanceUID(high: 1, low: 1))) {
            try bench.gateway.restart(InstanceUID(high: 1, low: 1))
        }
    }

    @Test func `counters are kept for gates, more of them while somebody watches`() async throws {
        let bench = try await GatewayBench()
        var (agent, connection) = Self.connected(bench)
        func flow(_ accepted: UInt64) {
            var report = agent.heartbeat()
            var counters = FlowReport.Counters()
            counters.accepted = accepted
            counters.delivered = accepted / 2
            report.customMessage = FlowReport(total: counters).message
            bench.say(report, over: connection)
        }
        for number in 0..<100 {
            bench.clock.advance(by: .seconds(5))
            flow(UInt64(number) * 100)
        }
        let calm = try #require(bench.inventory.facts(agent.uid)?.flow.samples)
        #expect(calm.count == 24)
        #expect(calm.last?.accepted == 9900)
        let summary = bench.inventory.summary()
        #expect(abs(summary.accepted - 20) < 0.1)
        #expect(abs(summary.delivered - 10) < 0.1)
        #expect(bench.gateway.watch([agent.uid], for: 600) == [agent.uid])
        for number in 100..<160 {
            bench.clock.advance(by: .seconds(5))
            flow(UInt64(number) * 100)
        }
        #expect(bench.inventory.facts(agent.uid)?.flow.samples.count == 64)
        flow(1)
        #expect(bench.inventory.facts(agent.uid)?.flow.samples.map(\.accepted) == [1])
    }
}
