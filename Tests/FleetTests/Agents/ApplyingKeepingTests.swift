import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Testing

@testable import Fleet

/// What an agent says in the middle of a change is written once, with what comes of it.
@Suite struct ApplyingKeepingTests {
    private static let hash = ContentHash(of: [1])

    private func rows(_ bench: GatewayBench) async throws -> Int64 {
        try await bench.store.agents(changedAfter: .beginning, limit: 10).first?.mark.change ?? 0
    }

    @Test func `that an agent applies something is written when it has been so for a while`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: connection)
        try await bench.inventory.flush()
        let first = try await rows(bench)
        #expect(first > 0)
        try await bench.inventory.assign([agent.assignment(Self.hash, at: bench.clock.unixNanoseconds)])
        bench.say(agent.status(.applying, Self.hash), over: connection)
        for _ in 0..<4 {
            bench.clock.advance(by: .seconds(1))
            try await bench.inventory.flush()
            #expect(try await rows(bench) == first)
        }
        bench.clock.advance(by: .seconds(1))
        try await bench.inventory.flush()
        #expect(try await rows(bench) > first)
    }

    @Test(arguments: [RemoteConfigStatus.Status.applied, .failed])
    func `what has become of it is written with the next batch`(status: RemoteConfigStatus.Status)
        async throws
    {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        var agent = FakeAgent(1)
        bench.say(agent.full(), over: connection)
        try await bench.inventory.flush()
        let first = try await rows(bench)
        try await bench.inventory.assign([agent.assignment(Self.hash, at: bench.clock.unixNanoseconds)])
        bench.say(agent.status(.applying, Self.hash), over: connection)
        try await bench.inventory.flush()
        bench.say(agent.status(status, Self.hash), over: connection)
        try await bench.inventory.flush()
        #expect(try await rows(bench) > first)
    }
}
