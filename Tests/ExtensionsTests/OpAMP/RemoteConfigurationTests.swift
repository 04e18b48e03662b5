import Extensions
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Testing

@Suite struct RemoteConfigurationTests {
    private let fixture: OpAMPFixture
    private let accepts = "accepts_remote_config: true, accepts_restart_command: true"

    init() throws { fixture = try OpAMPFixture() }

    private func offer(_ uid: InstanceUID, _ hash: [UInt8] = [0xAB]) -> ServerToAgent {
        var message = ServerToAgent(instanceUID: uid)
        message.remoteConfig = AgentRemoteConfig(
            AgentConfigMap([
                "b.yaml": AgentConfigObject(body: [0x62], contentType: "text/yaml"),
                "a.yaml": AgentConfigObject(body: [0x61], contentType: ""),
            ]), hash: hash)
        return message
    }

    @Test func `a configuration is passed on, and what became of it is reported`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        let uid = await server.message { _ in true }.instanceUID
        server.push(offer(uid))
        let status = await server.message { $0.remoteConfigStatus?.status == .applied }
        #expect(status.remoteConfigStatus?.lastHash == [0xAB])
        let offered = try #require(fixture.collector.offers.first)
        #expect(offered.files.map { $0.name } == ["a.yaml", "b.yaml"])
        #expect(offered.confirmWithin == nil && !offered.expectsDrop && offered.occasion == nil)
        #expect(offered.server == server.url() && offered.carrier == ComponentID(type: "opamp"))
        try await run.stop()
        await server.stop()
    }

    @Test func `what the server says about a configuration goes with it`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        let uid = await server.message { _ in true }.instanceUID
        var message = offer(uid)
        message.customMessage = CustomMessage(
            "io.apus.config/v1", "offer",
            json: #"{"hash":"ab","rollout":"r1","confirm_within_s":90,"expect_drop":true}"#)
        server.push(message)
        _ = await server.message { $0.remoteConfigStatus?.status == .applied }
        let offered = try #require(fixture.collector.offers.first)
        #expect(offered.confirmWithin == .seconds(90) && offered.expectsDrop && offered.occasion == "r1")
        var confirmation = ServerToAgent(instanceUID: uid)
        confirmation.customMessage = CustomMessage("io.apus.config/v1", "confirm", json: #"{"hash":"ab"}"#)
        server.push(confirmation)
        #expect(await fixture.eventually { fixture.collector.confirmed == [[0xAB]] })
        try await run.stop()
        await server.stop()
    }

    @Test func `without permission nothing is passed on`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url())
        let uid = await server.message { _ in true }.instanceUID
        server.push(offer(uid))
        var restart = ServerToAgent(instanceUID: uid)
        restart.command = .restart
        server.push(restart)
        var validate = ServerToAgent(instanceUID: uid)
        validate.customMessage = CustomMessage(
            "io.apus.config/v1", "validate", json: #"{"id":"1","files":[]}"#)
        server.push(validate)
        // What comes after them shows that they have been looked at.
        var flags = ServerToAgent(instanceUID: uid)
        flags.flags = [.reportFullState]
        server.push(flags)
        _ = await server.message { $0.sequenceNumber > 1 && $0.agentDescription != nil }
        #expect(fixture.collector.offers.isEmpty && fixture.collector.restarts.isEmpty)
        #expect(!server.messages.contains { $0.customMessage?.capability == "io.apus.config/v1" })
        try await run.stop()
        await server.stop()
    }

    @Test func `a restart is passed on`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        var restart = ServerToAgent(instanceUID: await server.message { _ in true }.instanceUID)
        restart.command = .restart
        server.push(restart)
        #expect(await fixture.eventually { fixture.collector.restarts.count == 1 })
        try await run.stop()
        await server.stop()
    }

    @Test func `documents are checked without being applied`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        var validate = ServerToAgent(instanceUID: await server.message { _ in true }.instanceUID)
        validate.customMessage = CustomMessage(
            "io.apus.config/v1", "validate",
            json: #"{"id":"q1","files":[{"name":"x.yaml","type":"text/yaml","body":"wrong"}]}"#)
        server.push(validate)
        let answer = await server.message { $0.customMessage?.type == "validated" }
        let tree = try #require(answer.customMessage?.tree)
        #expect(tree["id"]?.text == "q1" && tree["valid"]?.text == "false")
        #expect(tree[["diagnostics", "0", "pointer"]]?.text == "/exporters/otlp")
        #expect(tree[["diagnostics", "0", "line"]]?.text == "3")
        #expect(tree[["diagnostics", "0", "message"]]?.text == "wrong")
        #expect(fixture.collector.offers.isEmpty)
        try await run.stop()
        await server.stop()
    }

    @Test func `going back is told once, with its reason`() async throws {
        let rollback = RemoteRollback(from: [2], to: [1], reason: "no such host")
        fixture.collector.setRemote(
            RemoteConfigurationState(
                hash: [2], phase: .failed, message: "no such host", rollbacks: [rollback]))
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        let first = await server.message { _ in true }
        #expect(first.remoteConfigStatus?.status == .failed)
        #expect(first.remoteConfigStatus?.errorMessage == "no such host")
        let told = await server.message { $0.customMessage?.type == "rolled_back" }
        let tree = try #require(told.customMessage?.tree)
        #expect(tree["from"]?.text == "02" && tree["to"]?.text == "01")
        #expect(tree["reason"]?.text == "no such host")
        #expect(await fixture.eventually { fixture.collector.acknowledged == [rollback] })
        try await run.stop()
        await server.stop()
    }

    @Test func `the collector learns that the server was reached`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        #expect(await fixture.eventually { fixture.collector.reached == [server.url()] })
        try await run.stop()
        await server.stop()
    }
}
