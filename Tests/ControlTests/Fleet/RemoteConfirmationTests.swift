import Engine
import Pipeline
import PipelineTesting
import Settings
import Testing

@testable import Control

@Suite struct RemoteConfirmationTests {
    private let fixture: FleetFixture

    init() throws { fixture = try FleetFixture() }

    /// Applies a configuration and confirms it.
    private func confirmed(_ level: Int, in process: FleetFixture.Process) async {
        await process.control.offer(fixture.level(level))
        _ = await process.state { $0.hash == [UInt8(level)] && $0.phase == .applied }
        #expect(await process.control.confirm([UInt8(level)], by: "test"))
    }

    @Test func `what the server wants to confirm is taken back without it`() async throws {
        let process = try await fixture.start()
        await confirmed(2, in: process)
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(60)))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        // The collector's own look does not confirm it, and neither does a new connection.
        await process.control.reached("ws://fleet", connectedAt: Instant(offset: .seconds(10_000)))
        #expect(await fixture.pass(200) { await process.control.remoteState().phase == .failed })
        let state = await process.control.remoteState()
        #expect(process.level == "2")
        #expect(state.hash == [3] && state.message.contains("not confirmed"))
        #expect(state.rollbacks.map { $0.from } == [[3]] && state.rollbacks.map { $0.to } == [[2]])
        await process.control.acknowledge(state.rollbacks[0])
        #expect(await process.control.remoteState().rollbacks.isEmpty)
    }

    @Test func `the server's confirmation keeps it`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(60)))
        _ = await process.state { $0.phase == .applied }
        #expect(await process.control.confirm([4], by: "ws://fleet") == false)
        #expect(await process.control.confirm([3], by: "ws://fleet"))
        #expect(await process.service.state().confirmWithin == nil)
        #expect(await process.control.confirm([3], by: "ws://fleet"))
        #expect(process.level == "3")
    }

    @Test func `a change of the way to the server waits for a new connection`() async throws {
        let process = try await fixture.start()
        process.engine.change("opamp")
        await process.control.offer(fixture.level(3))
        _ = await process.state { $0.phase == .applied }
        let before = await process.service.running.timeLeft
        await process.control.reached("ws://fleet", connectedAt: Instant(offset: .seconds(-1)))
        #expect(await process.service.running.timeLeft == before && before != nil)
        await process.control.reached("ws://fleet", connectedAt: fixture.service.clock.now)
        #expect(await process.service.running.timeLeft == nil)
    }

    @Test func `a change that cuts the way to the server is taken back`() async throws {
        let process = try await fixture.start()
        process.engine.change("opamp")
        await process.control.offer(fixture.level(3))
        _ = await process.state { $0.phase == .applied }
        #expect(await fixture.pass(200) { await process.control.remoteState().phase == .failed })
        #expect(process.level == "1")
        #expect(await process.control.remoteState().rollbacks.map { $0.to } == [[]])
    }

    @Test func `a change that does harm is taken back`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(3))
        _ = await process.state { $0.phase == .applied }
        process.engine.report(.permanentError("no such host"))
        #expect(await fixture.pass(100) { await process.control.remoteState().phase == .failed })
        #expect(await process.control.remoteState().message.contains("no such host"))
        #expect(process.level == "1")
    }

    @Test func `what waits to be confirmed makes way at once for what comes next`() async throws {
        let process = try await fixture.start()
        await confirmed(2, in: process)
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        await process.control.offer(fixture.level(4, confirmWithin: .seconds(60)))
        // Nothing has to be waited for: no time passes here.
        _ = await process.state { $0.hash == [4] && $0.phase == .applied }
        #expect(process.level == "4")
        #expect(await process.control.confirm([3], by: "ws://fleet") == false)
        // What is gone back to is what was confirmed, not what made way.
        #expect(await fixture.pass(200) { await process.control.remoteState().phase == .failed })
        let state = await process.control.remoteState()
        #expect(process.level == "2")
        #expect(state.rollbacks.map { $0.from } == [[4]] && state.rollbacks.map { $0.to } == [[2]])
        let levels = process.engine.effective.compactMap { $0[["exporters", "target", "level"]]?.text }
        #expect(levels == ["1", "2", "3", "4", "2"])
    }

    @Test func `what comes next is confirmed like everything else`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(2, confirmWithin: .seconds(60)))
        _ = await process.state { $0.hash == [2] && $0.phase == .applied }
        await process.control.offer(fixture.level(3))
        await process.control.offer(fixture.level(4))
        _ = await process.state { $0.hash == [4] && $0.phase == .applied }
        #expect(await fixture.pass(60) { await process.service.state().confirmWithin == nil })
        #expect(process.level == "4")
        #expect(await process.service.state().confirmed?.origin.channel == .fleet)
        #expect(await process.control.remoteState().rollbacks.isEmpty)
    }

    @Test(arguments: ["exporters: [", "exporters: {target: {levle: 3}}"])
    func `when what comes next cannot be used, what was confirmed runs again`(_ text: String) async throws {
        let process = try await fixture.start()
        await confirmed(2, in: process)
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        await process.control.offer(fixture.configuration([9], text))
        let failed = await process.state { $0.hash == [9] && $0.phase == .failed }
        #expect(!failed.message.isEmpty && failed.rollbacks.isEmpty)
        #expect(await fixture.pass(5) { process.level == "2" })
        #expect(await process.service.state().confirmWithin == nil)
        // The one before is offered again and is what runs.
        await process.control.offer(fixture.level(2))
        #expect(await process.state { $0.hash == [2] && $0.phase == .applied }.hash == [2])
    }

    @Test func `harm that the one before has done is not excused for the one after it`() async throws {
        let process = try await fixture.start()
        await confirmed(2, in: process)
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        process.engine.report(.permanentError("no such host"))
        await process.control.offer(fixture.level(4, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [4] && $0.phase == .applied }
        #expect(await fixture.pass(100) { await process.control.remoteState().phase == .failed })
        #expect(await process.control.remoteState().message.contains("no such host"))
        #expect(process.level == "2")
    }

    @Test func `the one before is run again at once`() async throws {
        let process = try await fixture.start()
        await confirmed(2, in: process)
        await process.control.offer(fixture.level(3, confirmWithin: .seconds(3600)))
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        await process.control.offer(fixture.level(2))
        #expect(await process.state { $0.hash == [2] && $0.phase == .applied }.hash == [2])
        #expect(process.level == "2")
        #expect(await process.service.state().confirmWithin == nil)
    }

    @Test func `it waits for a change over the admin API that is not confirmed yet`() async throws {
        let process = try await fixture.start()
        let alice = fixture.service.alice
        let pending = try await process.service.apply(
            level(5), ChangeOptions(confirmWithin: .seconds(60)), by: alice)
        await process.control.offer(fixture.level(3))
        for _ in 0..<100 { await Task.yield() }
        #expect(process.level == "5")
        _ = try await process.service.confirm(pending.revision.id, by: alice)
        _ = await process.state { $0.hash == [3] && $0.phase == .applied }
        #expect(process.level == "3")
    }

    @Test func `going back by hand is told`() async throws {
        let process = try await fixture.start()
        await confirmed(2, in: process)
        _ = try await process.service.rollBack(to: nil, because: "too slow", by: fixture.service.alice)
        let state = await process.state { $0.phase == .failed }
        #expect(state.hash == [2] && state.rollbacks.map { $0.reason } == ["too slow"])
        #expect(process.level == "1")
    }
}
