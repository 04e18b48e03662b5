import Engine
import Pipeline
import PipelineTesting
import Settings
import Testing

@testable import Control

@Suite struct ConfirmationTests {
    private let fixture: ServiceFixture

    init() throws { fixture = try ServiceFixture() }

    /// Lets seconds pass, one by one, until `condition` or at most `limit`.
    private func pass(_ limit: Int, until condition: () async -> Bool) async -> Bool {
        for _ in 0..<limit {
            if await condition() { return true }
            await fixture.clock.waitForSleepers()
            fixture.clock.advance(by: .seconds(1))
            for _ in 0..<100 { await Task.yield() }
        }
        return await condition()
    }

    @Test func `a change that is not confirmed in time is taken back`() async throws {
        let process = try await fixture.start()
        let applied = try await process.service.apply(
            level(2), ChangeOptions(confirmWithin: .seconds(30)), by: fixture.alice)
        #expect(applied.confirmWithin == .seconds(30))
        #expect(await process.service.state().active.status == .active)
        #expect(await pass(200) { await process.service.state().confirmWithin == nil })
        let state = await process.service.state()
        #expect(process.level == "1")
        #expect(state.active.id == state.confirmed?.id)
        #expect(state.lastFailed?.id == applied.revision.id && state.lastFailed?.status == .rolledBack)
        #expect(process.engine.events.events.contains { $0.kind == .configurationRolledBack })
    }

    @Test func `a change that is confirmed stays`() async throws {
        let process = try await fixture.start()
        let applied = try await process.service.apply(
            level(2), ChangeOptions(confirmWithin: .seconds(30)), by: fixture.alice)
        let state = try await process.service.confirm(applied.revision.id, by: fixture.alice)
        #expect(state.confirmWithin == nil && state.confirmed?.id == applied.revision.id)
        _ = await pass(60) { false }
        #expect(process.level == "2")
    }

    @Test func `a change that does harm is taken back before its time`() async throws {
        let process = try await fixture.start()
        let applied = try await process.service.apply(
            level(2), ChangeOptions(confirmWithin: .seconds(3600)), by: fixture.alice)
        process.engine.report(.permanentError("no such host"))
        #expect(await pass(50) { await process.service.state().confirmWithin == nil })
        #expect(process.level == "1")
        let failed = await process.service.state().lastFailed
        #expect(failed?.id == applied.revision.id)
        #expect(failed?.reason?.contains("no such host") == true)
    }

    @Test func `while one waits, other remote changes are told so and the sources can be read`() async throws
    {
        let process = try await fixture.start()
        _ = try await process.service.apply(
            level(2), ChangeOptions(confirmWithin: .seconds(30)), by: fixture.alice)
        await #expect(throws: ChangeFailure.self) {
            try await process.service.apply(level(3), ChangeOptions(), by: fixture.alice)
        }
        _ = try await process.service.reload(by: ChangeOrigin(.signal, actor: "SIGHUP"))
        #expect(process.level == "1")
        #expect(await process.service.state().confirmWithin == nil)
    }

    @Test func `going back by hand does not wait`() async throws {
        let process = try await fixture.start()
        let applied = try await process.service.apply(
            level(2), ChangeOptions(confirmWithin: .seconds(30)), by: fixture.alice)
        _ = try await process.service.rollBack(to: nil, because: "wrong", by: fixture.alice)
        let state = await process.service.state()
        #expect(process.level == "1" && state.confirmWithin == nil)
        #expect(state.lastFailed?.id == applied.revision.id)
    }

    @Test(arguments: [Duration.milliseconds(999), .seconds(86_401)])
    func `the time to confirm has bounds`(_ within: Duration) async throws {
        let process = try await fixture.start()
        await #expect(throws: ChangeFailure.self) {
            try await process.service.apply(
                level(2), ChangeOptions(confirmWithin: within), by: fixture.alice)
        }
    }

    // MARK: - Over the end of the process

    /// Makes a change and ends the process.
    private func live(confirmWithin: Duration?, stops: Bool) async throws {
        let process = try await fixture.start()
        _ = try await process.service.apply(
            level(2), ChangeOptions(confirmWithin: confirmWithin), by: fixture.alice)
        fixture.clock.advance(by: .seconds(10))
        if stops { await process.service.stop() } else { await process.service.crash() }
    }

    @Test func `after a crash the confirmed revision runs`() async throws {
        try await live(confirmWithin: .seconds(30), stops: false)
        let process = try await fixture.start()
        #expect(process.level == "1")
        #expect(await process.service.state().lastFailed?.status == .rolledBack)
    }

    @Test func `after a stop the revision goes on waiting for the time that was left`() async throws {
        try await live(confirmWithin: .seconds(30), stops: true)
        let process = try await fixture.start()
        #expect(process.level == "2")
        #expect(await process.service.state().confirmWithin == .seconds(20))
        #expect(await pass(100) { process.level == "1" })
    }

    @Test func `a revision confirmed over the API wins over the file until it is read again`() async throws {
        try await live(confirmWithin: nil, stops: false)
        try fixture.scratch.write(
            ServiceFixture.agent.replacing("level: 1", with: "level: 5"), to: "agent.yaml")
        let process = try await fixture.start()
        #expect(process.level == "2")
        _ = try await process.service.reload(by: ChangeOrigin(.signal, actor: "SIGHUP"))
        #expect(process.level == "5")
        await process.service.stop()
    }

    @Test func `without sources the confirmed revision runs`() async throws {
        try await live(confirmWithin: nil, stops: true)
        // A confirmed revision that was made for a file is used when nobody names another.
        #expect(try await fixture.start(sources: []).level == "2")
    }

    @Test func `a wrong file is answered with the last confirmed revision, or with nothing at all`()
        async throws
    {
        try fixture.scratch.write("receivers: [", to: "agent.yaml")
        let idle = try await fixture.start()
        #expect(await idle.service.state().active.number == 0)
        await idle.service.stop()
        try fixture.scratch.write(ServiceFixture.agent, to: "agent.yaml")
        let good = try await fixture.start()
        #expect(good.level == "1")
        await good.service.crash()
        try fixture.scratch.write("receivers: [", to: "agent.yaml")
        #expect(try await fixture.start().level == "1")
        await #expect(throws: StateFailure.self) {
            try await fixture.start(isNamed: false, keepsState: false)
        }
    }

    @Test func `a revision that ends the process again and again is left`() async throws {
        try await live(confirmWithin: nil, stops: false)
        for _ in 1..<RevisionHistory.allowedExits {
            let process = try await fixture.start()
            #expect(process.level == "2")
            await process.service.crash()
        }
        let process = try await fixture.start()
        #expect(process.level == "1")
        #expect(await process.service.state().lastFailed?.status == .failed)
    }
}

extension ConfigurationService {
    /// Ends without a word, as a process that is killed.
    func crash() { watch?.cancel() }
}
