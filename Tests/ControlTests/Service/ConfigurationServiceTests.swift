import Engine
import Foundation
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Control

@Suite struct ConfigurationServiceTests {
    private let fixture: ServiceFixture

    init() throws { fixture = try ServiceFixture() }

    private func failure(_ body: () async throws -> Void) async -> ChangeFailure? {
        do { try await body() } catch { return error as? ChangeFailure }
        return nil
    }

    @Test func `a change is applied, and then it is the active and confirmed revision`() async throws {
        let process = try await fixture.start()
        let before = await process.service.state()
        let applied = try await process.service.apply(level(2), ChangeOptions(), by: fixture.alice)
        let state = await process.service.state()
        #expect(process.level == "2")
        #expect(applied.revision.id == state.active.id && state.confirmed?.id == state.active.id)
        #expect(applied.plan.base == before.active.id)
        #expect(applied.plan.differences.map { $0.path } == [["exporters", "target", "level"]])
        #expect(state.active.origin == fixture.alice)
        #expect(await process.service.revisions().map { $0.status } == [.confirmed, .superseded])
        #expect(try AuditLog.verify(in: fixture.stateDirectory).isIntact)
    }

    @Test func `the same document is no change`() async throws {
        let process = try await fixture.start()
        let applied = try await process.service.apply(level(1), ChangeOptions(), by: fixture.alice)
        #expect(process.engine.effective.count == 1)
        #expect(applied.plan.differences.isEmpty)
        #expect(await process.service.revisions().count == 1)
    }

    @Test func `a change for another revision is a conflict`() async throws {
        let process = try await fixture.start()
        let found = await failure {
            _ = try await process.service.apply(
                level(2), ChangeOptions(expected: RevisionID("other")), by: fixture.alice)
        }
        guard case .conflict? = found else { return #expect(Bool(false), "\(String(describing: found))") }
        #expect(process.level == "1")
    }

    @Test func `a wrong change says where it is wrong in the document that was sent`() async throws {
        let process = try await fixture.start()
        let change = ConfigurationChange.component(
            .exporter, ComponentID(type: "target"), try tree("{level: much}"))
        let found = await failure {
            _ = try await process.service.apply(change, ChangeOptions(), by: fixture.alice)
        }
        guard case .invalid(let diagnostics)? = found else { return #expect(Bool(false)) }
        #expect(diagnostics.first?.pointer == "/exporters/target/level")
        #expect(diagnostics.first?.position?.description == "yaml:request:1:9")
        #expect(await process.service.validate(change).isValid == false)
        #expect(process.engine.effective.count == 1)
    }

    @Test func `a component that does not start changes nothing`() async throws {
        let process = try await fixture.start()
        process.engine.fail("target")
        let found = await failure {
            _ = try await process.service.apply(level(2), ChangeOptions(), by: fixture.alice)
        }
        guard case .notStarted(.exporter, _, "the port is taken", "endpoint")? = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
        let state = await process.service.state()
        #expect(state.active.status == .confirmed)
        #expect(state.lastFailed?.status == .failed)
        #expect(state.lastFailed?.id != state.active.id)
    }

    @Test func `secrets are never shown, and what is shown can be sent back`() async throws {
        let process = try await fixture.start()
        let change = ConfigurationChange.merge(try tree("exporters: {target: {password: other-secret}}"))
        let id = try await process.service.apply(change, ChangeOptions(), by: fixture.alice).revision.id
        for view in ConfigurationView.allCases {
            let shown = try await process.service.document(of: id, view)
            #expect(!shown.json().contains("other-secret"))
            let back = try await process.service.apply(.replace(shown), ChangeOptions(), by: fixture.alice)
            #expect(
                process.engine.effective.last?[["exporters", "target", "password"]]?.text == "other-secret")
            #expect(back.plan.differences.isEmpty)
        }
        #expect(await !process.service.explanation().contains { $0.value.contains("other-secret") })
    }

    @Test func `expressions are kept as they are written`() async throws {
        let process = try await fixture.start()
        let id = try await process.service.apply(level(2), ChangeOptions(), by: fixture.alice).revision.id
        let raw = try await process.service.document(of: id, .raw)
        #expect(raw[["exporters", "target", "password"]]?.text == "${env:PASSWORD}")
        let kept = try fixture.scratch.read("state/revisions/2.revision")
        #expect(kept.contains("${env:PASSWORD}") && !kept.contains("marker-secret"))
        let explained = await process.service.explanation().first {
            $0.path == ["exporters", "target", "password"]
        }
        #expect(explained?.origin.contains("agent.yaml:2:") == true)
        #expect(explained?.origin.hasSuffix("from env:PASSWORD") == true)
    }

    @Test func `the policy holds for remote changes only`() async throws {
        let process = try await fixture.start()
        let change = ConfigurationChange.merge(try tree("exporters: {target: {path: /etc/x}}"))
        let found = await failure {
            _ = try await process.service.apply(change, ChangeOptions(), by: fixture.alice)
        }
        guard case .forbidden? = found else { return #expect(Bool(false), "\(String(describing: found))") }
        #expect(try fixture.scratch.read("state/audit.log").contains(#""result":"denied""#))
        let local = ChangeOrigin(.signal, actor: "root")
        _ = try await process.service.apply(change, ChangeOptions(), by: local)
        #expect(process.engine.effective.last?[["exporters", "target", "path"]]?.text == "/etc/x")
    }

    @Test func `reading variables that are not used already is forbidden before they are read`() async throws
    {
        let process = try await fixture.start()
        let change = ConfigurationChange.merge(try tree("exporters: {target: {endpoint: '${env:HOME}'}}"))
        #expect(await process.service.validate(change).diagnostics.first?.message.contains("HOME") == true)
    }

    @Test func `without a state directory remote changes are refused`() async throws {
        let process = try await fixture.start(isNamed: false, keepsState: false)
        let found = await failure {
            _ = try await process.service.apply(level(2), ChangeOptions(), by: fixture.alice)
        }
        guard case .storage? = found else { return #expect(Bool(false), "\(String(describing: found))") }
        try fixture.scratch.write(
            ServiceFixture.agent.replacing("level: 1", with: "level: 3"), to: "agent.yaml")
        _ = try await process.service.reload(by: ChangeOrigin(.signal, actor: "SIGHUP"))
        #expect(process.level == "3")
    }

    @Test func `without an audit log remote changes are refused`() async throws {
        let process = try await fixture.start()
        try FileManager.default.createDirectory(
            atPath: "\(fixture.stateDirectory)/audit.log", withIntermediateDirectories: false)
        let found = await failure {
            _ = try await process.service.apply(level(2), ChangeOptions(), by: fixture.alice)
        }
        guard case .storage? = found else { return #expect(Bool(false), "\(String(describing: found))") }
        #expect(process.level == "1")
        _ = try await process.service.apply(
            level(3), ChangeOptions(), by: ChangeOrigin(.signal, actor: "root"))
        #expect(process.level == "3")
    }

    @Test func `a reload with a wrong file changes nothing`() async throws {
        let process = try await fixture.start()
        for text in ["receivers: [", "exporters: {target: {level: x}}", "a: ${file:/does/not/exist}"] {
            try fixture.scratch.write(text, to: "agent.yaml")
            let found = await failure {
                _ = try await process.service.reload(by: ChangeOrigin(.signal, actor: "SIGHUP"))
            }
            guard case .invalid? = found else { return #expect(Bool(false), "\(String(describing: found))") }
        }
        #expect(process.engine.effective.count == 1)
    }

    @Test func `going back runs an earlier revision again`() async throws {
        let process = try await fixture.start()
        let first = await process.service.state().active.id
        _ = try await process.service.apply(level(2), ChangeOptions(), by: fixture.alice)
        _ = try await process.service.apply(level(3), ChangeOptions(), by: fixture.alice)
        _ = try await process.service.rollBack(to: nil, because: "slow", by: fixture.alice)
        #expect(process.level == "2")
        _ = try await process.service.rollBack(to: first, because: "slow", by: fixture.alice)
        #expect(process.level == "1")
        #expect(await process.service.state().active.id == first)
    }
}
