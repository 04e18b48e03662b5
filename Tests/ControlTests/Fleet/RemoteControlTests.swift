import Engine
import Pipeline
import PipelineTesting
import Settings
import Testing

@testable import Control

@Suite struct RemoteControlTests {
    private let fixture: FleetFixture

    init() throws { fixture = try FleetFixture() }

    @Test func `a remote configuration lies over the sources and is confirmed when all is well`() async throws
    {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(2))
        let applied = await process.state { $0.phase == .applied }
        #expect(applied.hash == [2] && applied.message.isEmpty)
        #expect(process.level == "2")
        #expect(process.engine.effective.last?[["exporters", "target", "password"]]?.text == "marker-secret")
        #expect(await process.service.state().confirmWithin != nil)
        #expect(await fixture.pass(60) { await process.service.state().confirmWithin == nil })
        #expect(process.level == "2")
        #expect(await process.service.state().confirmed?.origin.channel == .fleet)
        let audit = try fixture.service.scratch.read("state/audit.log")
        #expect(audit.contains(#""channel":"fleet""#) && audit.contains("rollout r1"))
    }

    @Test func `the extensions of both sides are enabled`() throws {
        let base = try tree("service: {extensions: [opamp, zpages], pipelines: {}}")
        let upper = try tree("service: {extensions: [zpages, memory_limiter]}")
        let merged = RemoteDocuments.merge(upper, over: base)
        let names = merged[["service", "extensions"]]?.list?.compactMap { $0.text }
        #expect(names == ["opamp", "zpages", "memory_limiter"])
        let without = RemoteDocuments.merge(try tree("service: {extensions: }"), over: base)
        #expect(without[["service", "extensions"]]?.list?.count == 2)
    }

    @Test func `later documents win over earlier ones`() async throws {
        let process = try await fixture.start()
        var configuration = fixture.level(2)
        configuration.files.append(
            RemoteFile(name: "z.yaml", contentType: "", body: Array("exporters::target::level: 7".utf8)))
        await process.control.offer(configuration)
        _ = await process.state { $0.phase == .applied }
        #expect(process.level == "7")
    }

    @Test func `a mistake is told with its place in the document and its pointer`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.configuration([9], "exporters:\n  target:\n    levle: 3\n"))
        let failed = await process.state { $0.phase == .failed }
        #expect(failed.hash == [9] && failed.rollbacks.isEmpty)
        #expect(failed.message.hasPrefix("fleet.yaml:3:5: /exporters/target/levle: "))
        #expect(failed.message.contains("did you mean 'level'?"))
        #expect(process.level == "1")
    }

    @Test(arguments: ["exporters: [", "- a", "exporters: {target: {level: ${env:HOME}}}"])
    func `what cannot be used changes nothing`(_ text: String) async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.configuration([9], text))
        let failed = await process.state { $0.phase == .failed }
        #expect(!failed.message.isEmpty)
        #expect(process.engine.effective.count == 1)
    }

    @Test(arguments: ["application/protobuf", "text/plain; charset=utf-8"])
    func `content of another type is refused`(_ type: String) async throws {
        let process = try await fixture.start()
        var configuration = fixture.level(2)
        configuration.files[0].contentType = type
        await process.control.offer(configuration)
        #expect(await process.state { $0.phase == .failed }.message.contains("is not understood"))
    }

    @Test func `what is not text or too much of it is refused`() async throws {
        let process = try await fixture.start()
        var configuration = fixture.level(2)
        configuration.files[0].body = [0xFF, 0xFE]
        await process.control.offer(configuration)
        #expect(await process.state { $0.phase == .failed }.message.contains("not UTF-8"))
        configuration.hash = [3]
        configuration.files[0].body = [UInt8](repeating: 0x23, count: RemoteDocuments.maximumBytes + 1)
        await process.control.offer(configuration)
        #expect(await process.state { $0.hash == [3] && $0.phase == .failed }.message.contains("at most"))
    }

    @Test func `a component that does not start is a failure with its key`() async throws {
        let process = try await fixture.start()
        process.engine.fail("target")
        await process.control.offer(fixture.level(2))
        let failed = await process.state { $0.phase == .failed }
        #expect(failed.message == "/exporters/target/endpoint: the port is taken")
    }

    @Test func `the local policy holds, but not against the collector's own sources`() async throws {
        let text = ServiceFixture.agent.replacing("level: 1", with: "level: 1, path: /var/own")
        let fixture = try FleetFixture(text)
        let process = try await fixture.start()
        await process.control.offer(fixture.configuration([2], "exporters: {target: {path: /etc/x}}"))
        #expect(await process.state { $0.phase == .failed }.message.contains("local policy"))
        // The path of the sources is replaced, and then it comes back.
        await process.control.offer(
            fixture.configuration([3], "exporters: {target: {path: '', password: other}}"))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        #expect(await process.control.confirm([3], by: "test"))
        await process.control.offer(fixture.level(4))
        let last = await process.state { $0.hash == [4] && $0.phase != .applying }
        #expect(last.phase == .applied, "\(last.message)")
        #expect(process.engine.effective.last?[["exporters", "target", "path"]]?.text == "/var/own")
    }

    @Test func `what an agent accepts cannot be changed from elsewhere`() async throws {
        let process = try await fixture.start()
        await process.control.offer(
            fixture.configuration([2], "extensions: {opamp: {capabilities: {accepts_restart_command: true}}}")
        )
        let failed = await process.state { $0.phase == .failed }
        #expect(failed.message.contains("/extensions/opamp/capabilities"))
    }

    @Test func `the configuration that runs already is no change`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(2))
        _ = await process.state { $0.phase == .applied }
        #expect(await process.control.confirm([2], by: "test"))
        await process.control.offer(fixture.configuration([5], "exporters: {target: {level: x}}"))
        _ = await process.state { $0.phase == .failed }
        let runs = process.engine.effective.count
        await process.control.offer(fixture.level(2))
        #expect(await process.state { $0.phase == .applied }.hash == [2])
        #expect(process.engine.effective.count == runs)
    }

    @Test func `without documents only the sources count`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(2))
        _ = await process.state { $0.phase == .applied }
        #expect(await process.control.confirm([2], by: "test"))
        var empty = fixture.level(3)
        empty.files = []
        await process.control.offer(empty)
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        #expect(process.level == "1")
    }

    @Test func `without a state directory nothing is applied`() async throws {
        let process = try await fixture.start(keepsState: false)
        await process.control.offer(fixture.level(2))
        #expect(await process.state { $0.phase == .failed }.message.contains("--state-directory"))
        #expect(process.control.directory(for: fixture.carrier) == nil)
    }

    @Test func `checking has no effect and names places`() async throws {
        let process = try await fixture.start()
        let files = fixture.configuration([1], "exporters: {target: {level: much}}").files
        let found = await process.control.validate(files, for: fixture.carrier, from: "ws://fleet")
        #expect(found.map { $0.pointer } == ["/exporters/target/level"])
        #expect(found.first?.file == "fleet.yaml" && found.first?.line == 1 && found.first?.column == 29)
        let good = await process.control.validate(
            fixture.level(2).files, for: fixture.carrier, from: "ws://fleet")
        #expect(!good.contains { $0.severity == .error })
        #expect(await process.control.remoteState().phase == .unset)
        #expect(process.engine.effective.count == 1)
    }

    @Test func `what is shown has no secrets`() async throws {
        let process = try await fixture.start()
        for form in [ConfigurationForm.effective, .raw] {
            let text = await process.control.effectiveConfiguration(form)
            #expect(text.contains("target") && !text.contains("marker-secret"))
        }
        #expect(await process.control.identity().resource.contains { $0 == ("service.name", "apus") })
        let components = process.control.components
        let exporter = components.sections.first { $0.name == "exporters" }?.components.first
        #expect(exporter?.type == "target" && components.hash.count == 32)
        #expect(exporter?.metadata.first { $0.name == "schema" }?.value.contains("level") == true)
    }

    @Test func `a restart is recorded and asked for`() async throws {
        let process = try await fixture.start()
        await process.control.restart(because: "the server said so", by: "ws://fleet")
        #expect(process.restarts.count == 1)
        #expect(try fixture.service.scratch.read("state/audit.log").contains("process.restart"))
    }
}
