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

    @Test func `while one waits only the newest of the others is remembered`() async throws {
        let process = try await fixture.start()
        await process.control.offer(fixture.level(2, confirmWithin: .seconds(60)))
        _ = await process.state { $0.phase == .applied }
        await process.control.offer(fixture.level(3))
        await process.control.offer(fixture.level(4))
        #expect(process.level == "2")
        #expect(await process.control.confirm([2], by: "ws://fleet"))
        _ = await process.state { $0.hash == [4] && $0.phase == .applied }
        let levels = process.engine.effective.compactMap { $0[["exporters", "target", "level"]]?.text }
        #expect(levels == ["1", "2", "4"])
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
