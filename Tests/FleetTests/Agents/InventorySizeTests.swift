import FleetModel
import OpAMP
import Synchronization
import Testing

@testable import Fleet

/// What each of many agents costs; bytes of the whole are measured by the benchmark of the fleet.
@Suite struct InventorySizeTests {
    private static let agents = 3000

    /// A fleet as fleets are: most of what agents say of themselves, many others say too.
    private static func report(_ number: Int) -> AgentToServer {
        var agent = FakeAgent(UInt64(number))
        for key in 0..<50 { agent.attributes["attribute.\(key)"] = "value \(number % (key % 4 + 1))" }
        for key in 0..<3 { agent.attributes["own.\(key)"] = "only of \(number)" }
        agent.attributes["region"] = "region-\(number % 20)"
        var report = agent.full()
        var root = ComponentHealth(healthy: true, status: "StatusOK", startTime: UInt64(number))
        for component in 0..<30 {
            root.components["c\(component)"] = ComponentHealth(
                healthy: true, status: "StatusOK", statusTime: UInt64(number))
        }
        if number % 100 == 0 {
            root.components["c7"] = ComponentHealth(
                healthy: false, status: "StatusRecoverableError", lastError: "error of \(number)")
        }
        report.health = root
        report.effectiveConfig = EffectiveConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array("config \(number % 200)".utf8))]))
        return report
    }

    @Test func `what agents have alike is kept once`() async throws {
        let bench = try await GatewayBench()
        let connections = (0..<3).map { _ in FakeConnection() }
        for number in 0..<Self.agents {
            bench.say(Self.report(number), over: connections[number % 3])
        }
        #expect(bench.inventory.counts.known == Self.agents)
        bench.inventory.state.withLock { state in
            let tables = state.tables
            // Combinations of attributes that do not belong together, and those from before it was learned
            // which keys are each agent's own.
            #expect(tables.attributes.profiles.count <= 60 + AttributeTable.sharedValues + 1)
            #expect(tables.attributes.pairs.count <= 4 * Self.agents + 300)
            #expect(tables.effective.count == 200)
            #expect(tables.builds.count == 1)
            #expect(tables.customs.count == 1)
            // The usual one, and the one where a component is not as usual.
            #expect(tables.shapes.count == 2)
            let own = state.agents.compactMap { $0?.own.count }.max() ?? 0
            #expect(own <= 4)
        }
        #expect(MemoryLayout<HotAgent?>.stride <= 48)
        #expect(MemoryLayout<ServerSession>.size <= 64)
        let selector = try Selector(parsing: "region=region-7")
        #expect(bench.inventory.resolve(selector).count == Self.agents / 20)
        #expect(bench.inventory.summary().unhealthy == 0)
        for connection in connections { bench.gateway.closed(connection) }
        #expect(bench.inventory.counts == (Self.agents, 0))
    }

    @Test func `agents that are forgotten leave nothing behind`() async throws {
        let bench = try await GatewayBench()
        var uids: [InstanceUID] = []
        for number in 0..<200 {
            let report = Self.report(number)
            uids.append(report.instanceUID)
            bench.say(report, over: FakeConnection(webSocket: false))
        }
        try await bench.inventory.editLabels(of: uids, set: ["a": "b"])
        let hash = ContentHash(of: [1])
        try await bench.inventory.assign(
            uids.map {
                Assignment(
                    uid: $0, revision: RevisionReference("edge", 1), hash: hash, rollout: "r", time: 1)
            })
        for uid in uids { try await bench.inventory.forget(uid) }
        bench.inventory.state.withLock { state in
            let tables = state.tables
            let left = [
                tables.attributes.pairs.count, tables.attributes.profiles.count, tables.labels.count,
                tables.builds.count, tables.shapes.count, tables.effective.count, tables.terms.count,
                tables.customs.count, tables.components.count, tables.revisions.count,
                state.labelIndex.labels.count, state.count, state.order.count,
            ]
            #expect(left.allSatisfy { $0 == 0 }, "\(left)")
        }
    }
}
