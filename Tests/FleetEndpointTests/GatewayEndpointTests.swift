import Fleet
import FleetStore
import Glibc
import Logging
import NIOCore
import NIOPosix
import OpAMP
import PipelineTesting
import Testing
import Transport
import Wire

@testable import FleetEndpoint

/// A manager with its endpoint, and agents that say real messages.
@Suite struct GatewayEndpointTests {
    private static let uid = InstanceUID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let agent = FakeAgent()

    private struct NoSender: WebhookSender {
        func post(
            _ url: String, fields: [(name: String, value: String)], body: [UInt8]
        ) async throws(TransportError) -> Int { 200 }
    }

    /// Opens a manager in memory and lets agents connect to it.
    private func withManager(_ body: (FleetManager, EndpointBench) async throws -> Void) async throws {
        var template = Array("/tmp/apus-endpoint-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let clock = ManualClock()
        let manager = try await FleetManager.open(
            FleetManager.Settings(store: .memory, replica: "a", stateDirectory: directory),
            sender: NoSender(), clock: clock, logger: Self.logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var configuration = FleetEndpointConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
        configuration.drainTime = .zero
        configuration.maxConnections = 10
        let endpoint = try await FleetEndpoint.start(
            configuration, reception: manager.gateway, door: manager.access,
            loops: group.makeIterator().map { $0 }, clock: clock, logger: Self.logger)
        try await body(manager, EndpointBench(endpoint: endpoint, clock: clock, group: group))
        await endpoint.shutdown()
        try await group.shutdownGracefully()
        await manager.close()
    }

    private func message(_ number: UInt64) -> [Bytes] {
        var message = AgentToServer(instanceUID: Self.uid)
        message.sequenceNumber = number
        message.capabilities = [.reportsStatus, .acceptsOpAMPConnectionSettings]
        message.agentDescription = AgentDescription(
            identifyingAttributes: [KeyValue("service.name", .string("edge"))])
        return [Framing.header, message.encoded()]
    }

    /// What the agent has been told so far.
    private func told() -> [ServerToAgent] {
        agent.seen.messages.compactMap { bytes in
            guard let payload = try? Framing.payload(of: Bytes(bytes)) else { return nil }
            return try? ServerToAgent(decoding: payload)
        }
    }

    /// The credential that the agent has been offered.
    private func header() -> ConnectionHeader? {
        told().compactMap { $0.connectionSettings?.opamp?.headers?.first }.last
    }

    @Test func `an agent comes with a token, gets its own, and is sent away when that is revoked`()
        async throws
    {
        try await withManager { manager, bench in
            var request = EnrollmentTokenRequest(name: "edge")
            request.isAutomatic = true
            let token = try await manager.access.enrollmentTokens.create(request, by: "admin").text
            let first = try await bench.connect(agent, fields: ["authorization": "Bearer \(token)"])
            #expect(first.send(message(1)))
            #expect(await eventually { told().first?.instanceUID == Self.uid })
            // It is let in a moment later, and told with the answer to whatever it says then.
            var number: UInt64 = 1
            while header() == nil, number < 200 {
                number += 1
                #expect(first.send(message(number)))
                let wanted = Int(number)
                #expect(await eventually { told().count >= wanted })
            }
            #expect(manager.inventory.agent(Self.uid)?.overview.isConnected == true)
            let own = try #require(header())
            first.close()
            #expect(
                await eventually { manager.inventory.agent(Self.uid)?.overview.isConnected == false })

            let second = try await bench.connect(agent, fields: [own.key: own.value])
            #expect(second.send(message(number + 1)))
            #expect(
                await eventually { manager.inventory.agent(Self.uid)?.overview.isConnected == true })
            let admin = FleetUser(name: "token:admin", owner: "admin", token: "1", roles: [.admin])
            try await manager.access.revoke(Self.uid, reason: "stolen", by: admin)
            #expect(await eventually { agent.seen.closings.last == .some(1008) })
            #expect(await bench.refusal(fields: [own.key: own.value])?.status == 401)
        }
    }

    @Test func `garbage is told to be that, and ends the connection when there is much of it`() async throws {
        try await withManager { manager, bench in
            var request = EnrollmentTokenRequest(name: "edge")
            request.isAutomatic = true
            let token = try await manager.access.enrollmentTokens.create(request, by: "admin").text
            let socket = try await bench.connect(agent, fields: ["authorization": "Bearer \(token)"])
            #expect(socket.send([Bytes([0, 0xFF, 0xFF])]))
            #expect(await eventually { told().first?.errorResponse?.kind == .badRequest })
            for _ in 0..<10 { _ = socket.send([Bytes([0, 0xFF, 0xFF])]) }
            #expect(await eventually { agent.seen.closings == [1008] })
            #expect(await eventually { bench.endpoint.figures.broken == 1 })
        }
    }
}
