import Extensions
import Foundation
import OpAMP
import Pipeline
import PipelineTesting
import Testing
import Transport

@Suite struct ConnectionSettingsTests {
    private let fixture: OpAMPFixture
    private let accepts = "accepts_opamp_connection_settings: true"

    init() throws { fixture = try OpAMPFixture() }

    private func offer(
        _ uid: InstanceUID, _ hash: [UInt8], _ change: (inout OpAMPConnectionSettings) -> Void
    ) -> ServerToAgent {
        var settings = OpAMPConnectionSettings()
        settings.heartbeatInterval = 30
        change(&settings)
        var offers = ConnectionSettingsOffers()
        offers.hash = hash
        offers.opamp = settings
        var message = ServerToAgent(instanceUID: uid)
        message.connectionSettings = offers
        return message
    }

    private func status(
        _ server: ScriptedServer, _ hash: [UInt8], _ status: ConnectionSettingsStatus.Status
    ) async -> ConnectionSettingsStatus? {
        await server.message {
            $0.connectionSettingsStatus?.lastHash == hash && $0.connectionSettingsStatus?.status == status
        }.connectionSettingsStatus
    }

    @Test func `a token of its own is tried, kept and used after a restart`() async throws {
        let server = try await ScriptedServer()
        var run = try await fixture.run(server.url(), capabilities: accepts)
        let uid = await server.message { _ in true }.instanceUID
        server.push(offer(uid, [1]) { $0.headers = [ConnectionHeader("Authorization", "Bearer own")] })
        _ = await status(server, [1], .applied)
        #expect(server.authorizations == ["Bearer first", "Bearer own"])
        #expect(fixture.file("candidate.json") == nil)
        try await run.stop()
        run = try await fixture.run(server.url(), capabilities: accepts)
        #expect(await fixture.eventually { server.authorizations.count == 3 })
        #expect(server.authorizations.last == "Bearer own")
        try await run.stop()
        // Other settings of the administrator count more than what the server gave.
        run = try await fixture.run(server.url() + "?x=1", capabilities: accepts)
        #expect(await fixture.eventually { server.authorizations.count == 4 })
        #expect(server.authorizations.last == "Bearer first")
        try await run.stop()
        // When those are taken back, the agent is known as before.
        run = try await fixture.run(server.url(), capabilities: accepts)
        #expect(await fixture.eventually { server.authorizations.count == 5 })
        #expect(server.authorizations.last == "Bearer own")
        try await run.stop()
        await server.stop()
    }

    @Test func `settings that do not work are left, and the old ones go on`() async throws {
        let server = try await ScriptedServer(admits: { authorization in
            authorization == "Bearer first" ? nil : .text(401, "who are you?")
        })
        let run = try await fixture.run(server.url(), capabilities: accepts)
        let uid = await server.message { _ in true }.instanceUID
        server.push(offer(uid, [1]) { $0.headers = [ConnectionHeader("Authorization", "Bearer wrong")] })
        let failed = await status(server, [1], .failed)
        #expect(failed?.errorMessage.contains("401") == true)
        #expect(server.authorizations == ["Bearer first", "Bearer wrong", "Bearer first"])
        #expect(fixture.files == ["instance_uid"])
        try await run.stop()
        await server.stop()
    }

    @Test func `another server is tried and used`() async throws {
        let (old, new) = (try await ScriptedServer(), try await ScriptedServer())
        let run = try await fixture.run(old.url(), capabilities: accepts)
        let uid = await old.message { _ in true }.instanceUID
        let url = new.url("http")
        old.push(offer(uid, [4]) { $0.endpoint = url })
        _ = await status(new, [4], .applied)
        #expect(old.messages.last?.isDisconnect == true)
        #expect(new.authorizations.first == "Bearer first")
        try await run.stop()
        await old.stop()
        await new.stop()
    }

    @Test func `what is less safe is refused with the names of the fields`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        let uid = await server.message { _ in true }.instanceUID
        server.push(
            offer(uid, [2]) { settings in
                settings.tls = TLSConnectionSettings()
                settings.tls?.skipsVerification = true
                settings.proxy = ProxyConnectionSettings()
                settings.proxy?.url = "http://evil:3128"
            })
        let failed = await status(server, [2], .failed)
        #expect(failed?.errorMessage.contains("tls.insecure_skip_verify") == true)
        #expect(failed?.errorMessage.contains("proxy") == true)
        #expect(server.authorizations.count == 1)
        try await run.stop()
        await server.stop()
    }

    @Test func `another interval alone needs no other connection`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts)
        let uid = await server.message { _ in true }.instanceUID
        server.push(offer(uid, [3]) { $0.heartbeatInterval = 5 })
        _ = await status(server, [3], .applied)
        #expect(server.connections == 1)
        try await run.stop()
        await server.stop()
    }

    @Test func `settings that were being tried when the process ended are reported as failed`() async throws {
        let server = try await ScriptedServer()
        var run = try await fixture.run(server.url(), capabilities: accepts)
        try await run.stop()
        let candidate = AcceptedConnectionText.make(hash: "09", endpoint: server.url())
        try candidate.write(toFile: "\(fixture.home)/opamp/candidate.json", atomically: true, encoding: .utf8)
        run = try await fixture.run(server.url(), capabilities: accepts)
        _ = await status(server, [9], .failed)
        #expect(fixture.file("candidate.json") == nil)
        try await run.stop()
        await server.stop()
    }

    @Test func `a certificate is asked for with a key that stays here`() async throws {
        let server = try await ScriptedServer()
        let run = try await fixture.run(server.url(), capabilities: accepts, "request_certificate: true")
        await fixture.established()
        // Over a connection that is new the server may give other credentials first.
        #expect(fixture.file("pending_key.pem") == nil)
        await fixture.pass(.seconds(5))
        let asked = await server.message { $0.connectionSettingsRequest != nil }
        let request = String(
            decoding: asked.connectionSettingsRequest?.certificateSigningRequest ?? [], as: UTF8.self)
        #expect(request.hasPrefix("-----BEGIN CERTIFICATE REQUEST-----"))
        #expect(fixture.file("pending_key.pem")?.hasPrefix("-----BEGIN PRIVATE KEY-----") == true)
        server.push(
            offer(asked.instanceUID, [5]) {
                $0.certificate = TLSCertificate(certificate: Array("x".utf8), privateKey: Array("y".utf8))
            })
        #expect(await status(server, [5], .failed)?.errorMessage.contains("private_key") == true)
        server.push(
            offer(asked.instanceUID, [6]) { $0.certificate = TLSCertificate(certificate: Array("x".utf8)) })
        #expect(await status(server, [6], .failed)?.errorMessage.contains("certificate.cert") == true)
        try await run.stop()
        await server.stop()
    }
}

/// The file of settings that are being tried.
private enum AcceptedConnectionText {
    static func make(hash: String, endpoint: String) -> String {
        #"{"mark":"apus-opamp-connection-1","hash":"\#(hash)","endpoint":"\#(endpoint)","headers":null,"#
            + #""heartbeat":30,"tls":null,"certificate":"","private_key":"","origin":"x"}"#
    }
}
