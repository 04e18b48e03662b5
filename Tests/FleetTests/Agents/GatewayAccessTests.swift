import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Testing

@testable import Fleet

@Suite struct GatewayAccessTests {
    private static let token = AgentPrincipal.enrollment(
        token: "t", labels: ["site": "a"], isApproved: false, keep: false)

    @Test func `an agent that waits for approval is heard and gets nothing`() async throws {
        let bench = try await GatewayBench()
        bench.access.set(.new)
        bench.access.setEnrollment(.waiting)
        let connection = FakeConnection(as: Self.token)
        var agent = FakeAgent(1)
        let hash = ContentHash(of: [1])
        _ = try await bench.offers.offer(hash)
        let answer = bench.say(agent.full(), over: connection)
        #expect(answer?.instanceUID == agent.uid)
        await waitUntil("the agent is enrolled") { bench.access.enrolled.count == 1 }
        #expect(bench.access.enrolled.first?.name == "apus host-1")
        try await bench.inventory.assign([agent.assignment(hash, at: bench.clock.unixNanoseconds)])
        #expect(bench.say(agent.heartbeat(), over: connection) == ServerToAgent(instanceUID: agent.uid))
        #expect(bench.inventory.counts == (0, 0))
        #expect(bench.inventory.summary().waiting == 1)
        #expect(bench.inventory.resolve(.everything).isEmpty)
        #expect(bench.inventory.facts(agent.uid) == nil)
        try await bench.inventory.flush()
        #expect(try await bench.store.agents(changedAfter: .beginning, limit: 9).isEmpty)
        #expect(connection.sent.isEmpty)
        #expect(bench.access.enrolled.count == 1)

        bench.access.set(.admitted, for: agent.uid)
        bench.gateway.reconsider(agent.uid)
        #expect(connection.sent.map(\.flags) == [.reportFullState])
        #expect(bench.inventory.counts == (1, 1))
        #expect(bench.events.withLock { $0 } == [.appeared(agent.uid)])
        let offer = bench.say(agent.full(), over: connection)
        #expect(offer?.remoteConfig?.hash == hash.bytes)
        #expect(bench.inventory.labels(of: agent.uid)?["site"] == "a")
        try await bench.inventory.flush()
        let stored = try await bench.store.agents(changedAfter: .beginning, limit: 9)
        #expect(stored.map(\.labels) == [["site": "a"]])
    }

    @Test func `an agent that waits and goes leaves no trace`() async throws {
        let bench = try await GatewayBench()
        bench.access.set(.waiting)
        let connection = FakeConnection(as: Self.token)
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: connection)
        bench.gateway.closed(connection)
        #expect(bench.inventory.agent(agent.uid) == nil)
        #expect(bench.inventory.summary().waiting == 0)
    }

    @Test func `an agent that is refused is cut off, others on its connection are not`() async throws {
        let bench = try await GatewayBench()
        var (good, bad) = (FakeAgent(1), FakeAgent(2))
        bench.access.set(.refused("no"), for: bad.uid)
        let connection = FakeConnection()
        guard
            case .close(let code, let reason) = bench.gateway.receive(bad.full().encoded(), over: connection)
        else {
            Issue.record("it was taken")
            return
        }
        #expect((code, reason) == (1008, "no"))
        bench.say(good.full(), over: connection)
        #expect(bench.say(bad.full(), over: connection)?.errorResponse?.errorMessage == "no")
        #expect(bench.inventory.counts == (1, 1))
        #expect(bench.gateway.statistics.refused == 2)
    }

    @Test func `taking the credentials away ends the session at once`() async throws {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1)
        let connection = FakeConnection(as: .agent(agent.uid))
        bench.say(agent.full(), over: connection)
        bench.gateway.revoke(agent.uid)
        #expect(connection.closed == 1008)
        #expect(bench.inventory.counts == (1, 0))
    }

    @Test func `an enrolled agent is offered a token of its own, once over a connection`() async throws {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1)
        agent.capabilities.insert(.acceptsOpAMPConnectionSettings)
        let connection = FakeConnection(as: Self.token)
        bench.say(agent.full(), over: connection)
        await waitUntil("settings are offered") { !connection.sent.isEmpty }
        let opamp = try #require(connection.sent.first?.connectionSettings?.opamp)
        #expect(opamp.headers == [ConnectionHeader("Authorization", "Bearer token-1")])
        #expect(opamp.heartbeatInterval == 30)
        bench.say(agent.heartbeat(), over: connection)
        var other = FakeAgent(2)
        other.capabilities.insert(.acceptsOpAMPConnectionSettings)
        let last = FakeConnection(as: Self.token)
        bench.say(other.full(), over: last)
        await waitUntil("the other agent is offered its token") { !last.sent.isEmpty }
        #expect(connection.sent.count == 1)
    }

    @Test func `the interval of heartbeats is offered only where it is not the usual one`() async throws {
        var settings = GatewaySettings()
        settings.heartbeatInterval = 10
        let bench = try await GatewayBench(settings: settings)
        var agent = FakeAgent(1)
        agent.capabilities.insert(.acceptsOpAMPConnectionSettings)
        let connection = FakeConnection(as: .agent(agent.uid))
        bench.say(agent.full(), over: connection)
        await waitUntil("settings are offered") { !connection.sent.isEmpty }
        let offers = try #require(connection.sent.first?.connectionSettings)
        #expect(offers.opamp?.heartbeatInterval == 10)
        #expect(offers.opamp?.headers == nil)
        bench.gateway.closed(connection)
        let next = FakeConnection(as: .agent(agent.uid))
        var report = agent.heartbeat()
        report.connectionSettingsStatus = ConnectionSettingsStatus(lastHash: offers.hash, status: .applied)
        bench.say(report, over: next)
        bench.say(agent.heartbeat(), over: next)
        #expect(next.sent.isEmpty)
        #expect(bench.inventory.agent(agent.uid)?.connectionSettings?.status == .applied)
    }

    @Test func `a certificate is issued over the same connection, or refused with the reason`() async throws {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1)
        let connection = FakeConnection(as: Self.token)
        func ask(_ pem: String) -> AgentToServer {
            var report = agent.full()
            report.connectionSettingsRequest = ConnectionSettingsRequest(
                certificateSigningRequest: Array(pem.utf8))
            return report
        }
        bench.say(ask("good"), over: connection)
        await waitUntil("a certificate is offered") { connection.sent.count == 1 }
        let opamp = connection.sent[0].connectionSettings?.opamp
        #expect(opamp?.certificate?.certificate == Array("CERTIFICATE".utf8))
        #expect(opamp?.heartbeatInterval == 30)
        bench.say(ask("bad"), over: connection)
        await waitUntil("the request is refused") { connection.sent.count == 2 }
        #expect(connection.sent[1].errorResponse?.kind == .badRequest)
        bench.access.set(.waiting)
        var other = FakeAgent(2)
        let waiting = FakeConnection(as: Self.token)
        var report = other.full()
        report.connectionSettingsRequest = ConnectionSettingsRequest(
            certificateSigningRequest: Array("good".utf8))
        bench.say(report, over: waiting)
        #expect(waiting.sent.map(\.errorResponse?.kind) == [.badRequest])
    }
}

@Suite struct DuplicateAgentTests {
    @Test func `a second agent with the same id gets another while the first is alive`() async throws {
        let bench = try await GatewayBench()
        let (old, new) = (FakeConnection(), FakeConnection())
        var (agent, clone) = (FakeAgent(1), FakeAgent(1))
        bench.say(agent.full(), over: old)
        clone.attributes["host.name"] = "clone"
        #expect(bench.say(clone.full(), over: new) == ServerToAgent(instanceUID: agent.uid))
        #expect(old.pings == 1)
        #expect(bench.inventory.agent(agent.uid)?.overview.name == "host-1")
        bench.gateway.heard(new)
        #expect(new.sent.isEmpty)
        bench.gateway.heard(old)
        await waitUntil("the second agent is given another id") { new.sent.count == 1 }
        let uid = try #require(new.sent.first?.newInstanceUID)
        #expect(new.sent[0].instanceUID == agent.uid)
        // The agent is told first, and then everybody else.
        await waitUntil("it is told that the second agent has another id") {
            bench.events.withLock { $0 }.contains(.rekeyed(agent.uid, to: uid))
        }
        bench.gateway.closed(new)
        #expect(bench.inventory.counts == (1, 1))
    }

    @Test func `a message of the first is a sign of life too`() async throws {
        let bench = try await GatewayBench()
        let (old, new) = (FakeConnection(), FakeConnection())
        var (agent, clone) = (FakeAgent(1), FakeAgent(1))
        bench.say(agent.full(), over: old)
        bench.say(clone.full(), over: new)
        bench.say(agent.heartbeat(), over: old)
        await waitUntil("the second agent is given another id") { new.sent.first?.newInstanceUID != nil }
    }

    @Test func `who says goodbye over the first and has come over another already keeps its id`()
        async throws
    {
        let bench = try await GatewayBench()
        let (old, new) = (FakeConnection(), FakeConnection())
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: old)
        var goodbye = agent.heartbeat()
        goodbye.isDisconnect = true
        bench.say(agent.heartbeat(), over: new)
        bench.say(goodbye, over: old)
        bench.gateway.closed(old)
        #expect(new.sent.map(\.flags) == [.reportFullState])
        #expect(new.sent.allSatisfy { $0.newInstanceUID == nil })
        #expect(bench.inventory.counts == (1, 1))
    }

    @Test func `a connection that does not answer is replaced`() async throws {
        let bench = try await GatewayBench()
        let (old, new) = (FakeConnection(), FakeConnection())
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: old)
        bench.say(agent.heartbeat(), over: new)
        bench.clock.advance(by: .seconds(1))
        bench.gateway.settleContests()
        #expect(old.closed == nil)
        bench.clock.advance(by: .seconds(1))
        bench.gateway.settleContests()
        #expect(old.closed == 1001)
        #expect(new.sent.map(\.flags) == [.reportFullState])
        bench.gateway.closed(old)
        #expect(bench.inventory.counts == (1, 1))
        #expect(bench.say(agent.full(), over: new)?.flags.isEmpty == true)
    }

    @Test func `a connection that ends makes room for the one that waits`() async throws {
        let bench = try await GatewayBench()
        let (old, new) = (FakeConnection(), FakeConnection())
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: old)
        bench.say(agent.heartbeat(), over: new)
        bench.gateway.closed(old)
        #expect(bench.inventory.counts == (1, 1))
        #expect(new.sent.map(\.flags) == [.reportFullState])
        bench.gateway.closed(new)
        #expect(bench.inventory.counts == (1, 0))
    }

    @Test func `who polls with the id of a connected agent gets another with the next poll`() async throws {
        let bench = try await GatewayBench()
        let old = FakeConnection()
        var (agent, clone) = (FakeAgent(1), FakeAgent(1))
        bench.say(agent.full(), over: old)
        func poll() -> ServerToAgent? { bench.say(clone.heartbeat(), over: FakeConnection(webSocket: false)) }
        #expect(poll()?.newInstanceUID == nil)
        bench.gateway.heard(old)
        #expect(poll()?.newInstanceUID != nil)
        #expect(bench.inventory.counts == (1, 1))
    }
}
