import Extensions
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct OpAMPAgentTests {
    private let fixture: OpAMPFixture

    init() throws { fixture = try OpAMPFixture() }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(OpAMPAgent.self, yaml: "{server: {ws: {endpoint: 'ws://127.0.0.1:9/'}}}")
    }

    @Test func `the first message says who the agent is and how it is doing`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(
            server.url(), capabilities: "accepts_remote_config: true",
            "labels: {env: prod}, agent_description: {include_resource_attributes: true, "
                + "non_identifying_attributes: {rack: r7}}")
        let first = await server.message { _ in true }
        let description = try #require(first.agentDescription)
        #expect(description.text("service.name") == "apus")
        #expect(description.text("service.version") == "1.2.3")
        #expect(description.text("service.instance.id") == "\(first.instanceUID)")
        #expect(description.text("host.name") == "box" && description.text("os.type") == "linux")
        #expect(description.text("env") == "prod" && description.text("rack") == "r7")
        #expect(description.text("team") == "edge")
        let bits: AgentCapabilities = [
            .reportsStatus, .acceptsRemoteConfig, .reportsEffectiveConfig, .reportsHealth,
            .reportsRemoteConfig,
            .reportsHeartbeat, .reportsAvailableComponents,
        ]
        #expect(first.capabilities == bits)
        #expect(first.health?.healthy == true)
        #expect(first.effectiveConfig?.config?.objects[""]?.body == Array("receivers: {}\n".utf8))
        #expect(
            first.availableComponents?.hash == [7, 7] && first.availableComponents?.components.isEmpty == true
        )
        #expect(first.customCapabilities?.capabilities == ["io.apus.config/v1", "io.apus.flow/v1"])
        #expect(server.authorizations == ["Bearer first"])
        try await run.stop()
        await server.stop()
    }

    @Test func `it says goodbye and closes`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url())
        _ = await server.message { _ in true }
        try await run.stop()
        #expect(await fixture.eventually { server.closings.count == 1 })
        #expect(server.closings == [1000])
        #expect(server.messages.last?.isDisconnect == true)
        await server.stop()
    }

    @Test func `it has the same id after a restart, and another one when it is given one`() async throws {
        let given = InstanceUID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
        let server = try await ScriptedServer()
        var run = try await fixture.run(server.url())
        let uid = await server.message { _ in true }.instanceUID
        try await run.stop()
        run = try await fixture.run(server.url())
        _ = await server.message { !$0.isDisconnect && $0.sequenceNumber == 1 && $0.instanceUID == uid }
        server.setAnswer { message in
            var answer = ScriptedServer.acknowledge(message)
            if message.instanceUID != given { answer.newInstanceUID = given }
            return answer
        }
        try await run.stop()
        run = try await fixture.run(server.url())
        _ = await server.message { $0.instanceUID == given }
        #expect(await fixture.eventually { fixture.file("instance_uid")?.hasPrefix("\(given)") == true })
        try await run.stop()
        await server.stop()
    }

    @Test func `without a server it starts, works and stops`() async throws {
        let server = try await ScriptedServer()
        let url = server.url()
        await server.stop()
        let run = try await fixture.run(url)
        #expect(await fixture.eventually { fixture.hasComplained })
        try await run.stop()
    }

    @Test func `it comes back when the connection ends`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url())
        await fixture.established()
        server.drop(code: 1012)
        #expect(await fixture.eventually { fixture.hasComplained })
        await fixture.pass(.seconds(5))
        _ = await server.message { $0.sequenceNumber == 2 }
        #expect(server.connections == 2)
        try await run.stop()
        await server.stop()
    }

    @Test func `over plain HTTP it asks from time to time`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url("http"), server: ", polling_interval: 10s")
        await fixture.established()
        for number in UInt64(2)...4 {
            await fixture.pass(.seconds(10))
            _ = await server.message { $0.sequenceNumber == number }
        }
        #expect(server.connections == 0)
        try await run.stop()
        #expect(server.messages.last?.isDisconnect == true)
        await server.stop()
    }

    @Test func `a change of the configuration is reported, and nothing without a change`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url())
        _ = await server.message { _ in true }
        fixture.collector.setText("receivers: {otlp: {}}\n")
        let changed = await server.message { message in
            message.effectiveConfig?.config?.objects[""]?.body == Array("receivers: {otlp: {}}\n".utf8)
        }
        #expect(changed.agentDescription == nil)
        try await run.stop()
        await server.stop()
    }

    @Test func `all components are told only when the server asks`() async throws {
        let server = try await ScriptedServer(answering: { message in
            var answer = ScriptedServer.acknowledge(message)
            if message.sequenceNumber == 1 { answer.flags = [.reportAvailableComponents] }
            return answer
        })
        let run = try await fixture.run(server.url())
        let all = await server.message { $0.availableComponents?.components.isEmpty == false }
        #expect(all.availableComponents?.components["receivers"]?.components["otlp"]?.metadata.count == 1)
        try await run.stop()
        await server.stop()
    }

    @Test func `another state of a component is told at once, other words later`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url())
        await fixture.established()
        func set(_ status: ComponentStatus) {
            let part = Pipeline.ComponentHealth(
                kind: .exporter, id: ComponentID(type: "otlp"), status: status, since: 5)
            run.setHealth(
                CollectorHealth(
                    isReady: true, startedAt: 1, uptime: .zero, components: [part],
                    pipelines: [PipelineHealth(id: PipelineID(signal: .traces), components: [part])]))
        }
        set(.recoverableError("refused"))
        await fixture.pass(.seconds(1))
        let first = await server.message { $0.health?.lastError == "refused" }
        let part = first.health?.components["pipeline:traces"]
        #expect(part?.components["exporter:otlp"]?.status == "StatusRecoverableError")
        #expect(part?.healthy == false)
        set(.recoverableError("reset"))
        await fixture.pass(.seconds(1))
        set(.recoverableError("timeout"))
        await fixture.pass(.seconds(5))
        _ = await server.message { $0.health?.lastError == "timeout" }
        #expect(!server.messages.contains { $0.health?.lastError == "reset" })
        try await run.stop()
        await server.stop()
    }

    @Test func `counters come with heartbeats, and more often while somebody watches`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url())
        await fixture.established()
        @Sendable func accepted(_ message: AgentToServer) -> UInt64? {
            guard let custom = message.customMessage, custom.capability == FlowReport.capability,
                let report = try? FlowReport(decoding: Bytes(custom.data)),
                report.pipelines.map({ $0.id }) == ["traces"]
            else { return nil }
            return report.total.accepted
        }
        fixture.collector.setAccepted(10)
        await fixture.pass(.seconds(30))
        _ = await server.message { accepted($0) == 10 }
        fixture.collector.setAccepted(20)
        server.push(watch(server.messages[0].instanceUID, #"{"interval_s":1,"for_s":60}"#))
        _ = await server.message { accepted($0) == 20 }
        fixture.collector.setAccepted(30)
        await fixture.pass(.seconds(1))
        _ = await server.message { accepted($0) == 30 }
        try await run.stop()
        await server.stop()
    }

    private func watch(_ uid: InstanceUID, _ json: String) -> ServerToAgent {
        var message = ServerToAgent(instanceUID: uid)
        message.customMessage = CustomMessage(FlowReport.capability, "watch", json: json)
        return message
    }

    @Test func `without a collector to manage it only reports`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(
            server.url(), capabilities: "accepts_remote_config: true, accepts_restart_command: true",
            isManaged: false)
        let first = await server.message { _ in true }
        #expect(first.capabilities == [.reportsStatus, .reportsHealth, .reportsHeartbeat])
        #expect(first.agentDescription != nil && first.effectiveConfig == nil)
        try await run.stop()
        await server.stop()
    }
}
