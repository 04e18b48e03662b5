import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Testing
import Wire

@testable import Fleet

@Suite struct GatewayMessageTests {
    @Test func `the first answer says what the manager can do, the next only whose it is`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        let first = try #require(bench.say(agent.full(), over: connection))
        #expect(first.instanceUID == agent.uid)
        #expect(first.capabilities.contains([.acceptsStatus, .offersRemoteConfig]))
        #expect(first.customCapabilities?.capabilities == ["io.apus.config/v1", "io.apus.flow/v1"])
        #expect(first.flags.isEmpty)
        let second = try #require(bench.say(agent.heartbeat(), over: connection))
        #expect(second == ServerToAgent(instanceUID: agent.uid))
        #expect(bench.inventory.counts == (1, 1))
        #expect(bench.events.withLock { $0 } == [.appeared(agent.uid)])
    }

    @Test func `what an agent says of itself is what is known of it`() async throws {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1, ["region": "eu", "os.type": "linux"])
        bench.say(agent.full(), over: FakeConnection())
        let record = try #require(bench.inventory.agent(agent.uid))
        #expect(record.overview.name == "host-1")
        #expect(record.overview.version == "0.1.0")
        #expect(record.build == "apus 0.1.0")
        #expect(record.overview.isHealthy == true)
        #expect(record.overview.drift == .unmanaged)
        #expect(record.attributes == agent.attributes)
        #expect(record.identity == ["service.name": "apus", "service.version": "0.1.0"])
        #expect(record.capabilities == agent.capabilities)
        #expect(record.customCapabilities == agent.customs)
        #expect(record.started == 5)
        #expect(record.peer == "192.0.2.1")
        let map = AgentConfigMap(["": AgentConfigObject(body: Array("local".utf8))])
        #expect(record.effective == ContentHash(of: map.canonicalBytes))
        #expect(try await bench.inventory.content(ContentHash(of: map.canonicalBytes)) == map.canonicalBytes)
    }

    @Test func `a repeated message is answered and taken once`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: connection)
        let hash = ContentHash(of: [1])
        let report = agent.status(.applied, hash)
        #expect(bench.say(report, over: connection)?.instanceUID == agent.uid)
        #expect(bench.say(report, over: connection)?.instanceUID == agent.uid)
        #expect(bench.inventory.agent(agent.uid)?.history.count == 1)
        #expect(bench.gateway.statistics.duplicates == 1)
        #expect(bench.inventory.components(of: [agent.uid]).isEmpty)
    }

    @Test func `agents that lost messages are asked for everything, so many in a second`() async throws {
        var settings = GatewaySettings()
        settings.fullStatesPerSecond = 2
        let bench = try await GatewayBench(settings: settings)
        var agents = (1...5).map { FakeAgent(UInt64($0)) }
        let connections = agents.map { _ in FakeConnection() }
        for index in agents.indices { bench.say(agents[index].full(), over: connections[index]) }
        func asked() -> Int {
            agents.indices.count { index in
                agents[index].sequence += 1
                let answer = bench.say(agents[index].heartbeat(), over: connections[index])
                return answer?.flags.contains(.reportFullState) ?? false
            }
        }
        #expect(asked() == 2)
        bench.clock.advance(by: .seconds(1))
        #expect(asked() == 2)
        for index in agents.indices { bench.say(agents[index].full(), over: connections[index]) }
        bench.clock.advance(by: .seconds(10))
        let calm = agents.indices.count { index in
            bench.say(agents[index].heartbeat(), over: connections[index])?.flags.isEmpty == false
        }
        #expect(calm == 0)
    }

    @Test func `many agents may speak over one connection, which ends for all of them`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        let other = FakeConnection()
        var agents = (1...3).map { FakeAgent(UInt64($0)) }
        bench.say(agents[0].full(), over: connection)
        bench.say(agents[1].full(), over: connection)
        bench.say(agents[2].full(), over: other)
        #expect(bench.inventory.counts == (3, 3))
        bench.gateway.closed(connection)
        #expect(bench.inventory.counts == (3, 1))
        #expect(bench.inventory.agent(agents[2].uid)?.overview.isConnected == true)
        bench.gateway.closed(connection)
        #expect(bench.inventory.counts == (3, 1))
    }

    @Test func `an old connection that ends late takes nothing from the new one`() async throws {
        let bench = try await GatewayBench()
        let (old, new) = (FakeConnection(), FakeConnection())
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: old)
        var last = agent.heartbeat()
        last.isDisconnect = true
        #expect(bench.say(last, over: old)?.instanceUID == agent.uid)
        #expect(bench.inventory.counts == (1, 0))
        let answer = bench.say(agent.heartbeat(), over: new)
        #expect(answer?.capabilities.isEmpty == false)
        bench.gateway.closed(old)
        #expect(bench.inventory.counts == (1, 1))
    }

    @Test func `what is no message is told so, and too many of them end the connection`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        for number in 1...8 {
            switch bench.gateway.receive(Bytes([0xFF, 0xFF]), over: connection) {
            case .send(let chunks):
                #expect(number < 8)
                #expect(FakeConnection.message(chunks)?.errorResponse?.kind == .badRequest)
            case .close(let code, _):
                #expect(number == 8)
                #expect(code == 1008)
            }
        }
        #expect(bench.gateway.statistics.malformed == 8)
    }

    @Test func `a message that is too large ends the connection`() async throws {
        var settings = GatewaySettings()
        settings.limits = MessageLimits(messageBytes: 10)
        let bench = try await GatewayBench(settings: settings)
        guard
            case .close(let code, _) = bench.gateway.receive(
                Bytes(Array(repeating: 0, count: 11)), over: FakeConnection())
        else {
            Issue.record("it was taken")
            return
        }
        #expect(code == 1009)
    }

    @Test func `an agent that asks for an id gets one and is not known by its temporary one`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        var report = agent.full()
        report.flags = .requestInstanceUID
        let answer = try #require(bench.say(report, over: connection))
        let new = try #require(answer.newInstanceUID)
        #expect(answer.instanceUID == agent.uid)
        #expect(new != agent.uid)
        #expect(new.bytes[6] >> 4 == 7)
        #expect(bench.inventory.counts.known == 0)
    }

    @Test func `an agent whose credential is bound to its id keeps it when it gets another`() async throws {
        let bench = try await GatewayBench()
        var agent = FakeAgent(1)
        let connection = FakeConnection(as: .agent(agent.uid))
        var report = agent.full()
        report.flags = .requestInstanceUID
        bench.say(report, over: connection)
        await waitUntil("the agent is given an id") { connection.sent.first?.newInstanceUID != nil }
        #expect(bench.access.renamed == [agent.uid])
    }

    @Test func `who is silent for too long is not connected any more`() async throws {
        let bench = try await GatewayBench()
        var (beating, quiet, polling) = (FakeAgent(1), FakeAgent(2), FakeAgent(3))
        quiet.capabilities.remove(.reportsHeartbeat)
        let connection = FakeConnection()
        bench.say(beating.full(), over: connection)
        bench.say(quiet.full(), over: FakeConnection())
        bench.say(polling.full(), over: FakeConnection(webSocket: false))
        #expect(bench.inventory.counts == (3, 3))
        bench.clock.advance(by: .seconds(90))
        await bench.gateway.sweep()
        #expect(bench.inventory.counts == (3, 3))
        bench.clock.advance(by: .seconds(1))
        await bench.gateway.sweep()
        #expect(bench.inventory.counts == (3, 1))
        #expect(connection.closed == 1001)
        bench.say(polling.heartbeat(), over: FakeConnection(webSocket: false))
        #expect(bench.inventory.counts == (3, 2))
    }

    @Test func `components are asked for once in the fleet`() async throws {
        let bench = try await GatewayBench()
        var agents = (1...3).map { FakeAgent(UInt64($0)) }
        func report(_ index: Int, _ components: [String: ComponentDetails] = [:]) -> ServerToAgent? {
            var report = agents[index].full()
            report.availableComponents = AvailableComponents(components: components, hash: [7])
            return bench.say(report, over: FakeConnection(webSocket: false))
        }
        #expect(report(0)?.flags == .reportAvailableComponents)
        #expect(report(1)?.flags.isEmpty == true)
        bench.clock.advance(by: .seconds(61))
        #expect(report(1)?.flags == .reportAvailableComponents)
        let components = ["receivers": ComponentDetails(metadata: [KeyValue("a", "b")])]
        _ = report(1, components)
        #expect(report(2)?.flags.isEmpty == true)
        #expect(bench.gateway.statistics.messages == 5)
        await waitUntil("the components are kept") {
            await bench.gateway.components([7])?.components == components
        }
        #expect(bench.inventory.agent(agents[2].uid)?.components == [7])
    }
}
