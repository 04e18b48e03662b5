import Engine
import Pipeline
import PipelineTesting
import Settings
import Testing

@testable import Control

/// What is left of remote configurations when a process ends.
@Suite struct RemoteRestartTests {
    private let fixture: FleetFixture

    init() throws { fixture = try FleetFixture() }

    /// A process that applies a configuration, and confirms it when asked to.
    private func live(
        _ configuration: RemoteConfiguration, confirms: Bool, stops: Bool = false
    ) async throws {
        let process = try await fixture.start()
        await process.control.offer(configuration)
        _ = await process.state { $0.hash == configuration.hash && $0.phase == .applied }
        if confirms { #expect(await process.control.confirm(configuration.hash, by: "test")) }
        if stops { await process.service.stop() } else { await process.service.crash() }
    }

    @Test func `a confirmed one runs again and keeps its hash`() async throws {
        try await live(fixture.level(2), confirms: true)
        let process = try await fixture.start()
        #expect(process.level == "2")
        #expect(await process.control.remoteState() == RemoteConfigurationState(hash: [2], phase: .applied))
    }

    @Test func `one that was not confirmed when the process crashed is reported as taken back`() async throws
    {
        try await live(fixture.level(2), confirms: true)
        try await live(fixture.level(3), confirms: false)
        let process = try await fixture.start()
        #expect(process.level == "2")
        let state = await process.control.remoteState()
        #expect(state.hash == [3] && state.phase == .failed)
        #expect(state.message.contains("the process ended"))
        #expect(state.rollbacks.map { $0.to } == [[2]])
    }

    @Test func `one that took the place of an unconfirmed one leads back to the confirmed one`() async throws
    {
        try await live(fixture.level(2), confirms: true)
        let process = try await fixture.start()
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        await process.control.offer(fixture.level(4, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [4] && $0.phase == .applied }
        await process.service.crash()
        let next = try await fixture.start()
        #expect(next.level == "2")
        let state = await next.control.remoteState()
        #expect(state.hash == [4] && state.phase == .failed)
        #expect(state.rollbacks.map { $0.to } == [[2]])
    }

    @Test func `after a stop it goes on waiting, and confirms itself`() async throws {
        try await live(fixture.level(2), confirms: false, stops: true)
        let process = try await fixture.start()
        #expect(process.level == "2")
        #expect(await process.service.state().confirmWithin != nil)
        #expect(await fixture.pass(100) { await process.service.state().confirmWithin == nil })
        #expect(process.level == "2")
        #expect(await process.control.remoteState().phase == .applied)
    }

    @Test func `when the files are read again it stays over them`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(2))
        _ = await process.state { $0.phase == .applied }
        #expect(await process.control.confirm([2], by: "test"))
        // What takes note of the confirmation works beside this.
        #expect(await fixture.pass(5) { await process.service.overlay != nil })
        let changed = ServiceFixture.agent.replacing("level: 1", with: "level: 1, endpoint: 'new:1'")
        try fixture.service.scratch.write(changed, to: "agent.yaml")
        _ = try await process.service.reload(by: ChangeOrigin(.signal, actor: "SIGHUP"))
        #expect(process.level == "2")
        #expect(process.engine.effective.last?[["exporters", "target", "endpoint"]]?.text == "new:1")
        #expect(await process.control.remoteState().phase == .applied)
        await process.service.stop()
        let next = try await fixture.start()
        #expect(next.level == "2")
        #expect(await next.control.remoteState().hash == [2])
    }

    @Test func `it is put over other sources of another command line`() async throws {
        try await live(fixture.level(2), confirms: true)
        let other = ServiceFixture.agent.replacing("level: 1", with: "level: 1, endpoint: 'other:1'")
        try fixture.service.scratch.write(other, to: "other.yaml")
        let process = try await fixture.start(sources: ["\(fixture.service.scratch.path)/other.yaml"])
        #expect(await fixture.pass(100) { process.level == "2" })
        #expect(process.engine.effective.last?[["exporters", "target", "endpoint"]]?.text == "other:1")
    }

    @Test func `what is damaged is left alone`() async throws {
        try await live(fixture.level(2), confirms: true)
        try fixture.service.scratch.write("nonsense", to: "state/fleet/remote.json")
        let process = try await fixture.start()
        #expect(process.level == "2")
        #expect(await process.control.remoteState().phase == .unset)
    }

    @Test func `a record is read as it was written`() throws {
        var record = RemoteRecord()
        record.begin(RemoteRecord.Layer(fixture.level(2)))
        record.resolve(RevisionID("abc"))
        record.apply(.byServer)
        record.confirm()
        record.begin(RemoteRecord.Layer(fixture.level(3)))
        record.apply(.byContact)
        record.fail("it was wrong: \"x\"\n")
        record.begin(RemoteRecord.Layer(fixture.level(4)))
        #expect(try RemoteRecord(text: record.text) == record)
        #expect(throws: StateFailure.self) { _ = try RemoteRecord(text: String(record.text.dropLast(5))) }
    }
}

@Suite struct SeatRowTests {
    private let id = ComponentID(type: "opamp")

    @Test func `the next one gets the seat when the one before leaves`() async throws {
        let row = SeatRow()
        let first = Task { try await row.take(id) }
        row.open()
        let seat = try await first.value
        let second = Task { try await row.take(id) }
        let other = try await row.take(ComponentID(type: "opamp", name: "other"))
        for _ in 0..<100 { await Task.yield() }
        seat.leave()
        let next = try await second.value
        seat.leave()
        let third = Task { try await row.take(id) }
        for _ in 0..<100 { await Task.yield() }
        third.cancel()
        await #expect(throws: CancellationError.self) { _ = try await third.value }
        next.leave()
        other.leave()
        _ = try await row.take(id)
    }
}
