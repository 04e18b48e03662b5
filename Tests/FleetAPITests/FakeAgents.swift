import FleetModel
import FleetStore
import OpAMP
import Pipeline
import Synchronization

@testable import Fleet
@testable import FleetAPI

/// Agents that are not there.
final class FakeAgents: AgentDirectory {
    static let first = InstanceUID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

    private struct State {
        var labels: [String: String] = ["env": "prod"]
        var calls: [String] = []
        var isConnected = true
        var effective: ContentHash?
        var contents: [ContentHash: [UInt8]] = [:]
    }

    private let state = Mutex(State())

    /// What was asked for, but for looks.
    var calls: [String] { state.withLock { $0.calls } }

    func set(isConnected: Bool) { state.withLock { $0.isConnected = isConnected } }

    /// Has agents run files, or have run them.
    func run(_ files: [ConfigurationFile], now: Bool = true) -> ContentHash {
        let bytes = CanonicalFiles.encode(files)
        let hash = ContentHash(of: bytes)
        state.withLock { state in
            state.contents[hash] = bytes
            if now { state.effective = hash }
        }
        return hash
    }

    func pipelineFlows(_ uid: InstanceUID) -> [PipelineFlow] { [] }

    func agent(_ uid: InstanceUID) -> AgentRecord? {
        guard uid == Self.first else { return nil }
        let state = state.withLock { $0 }
        let assignment = Assignment(
            uid: uid, revision: RevisionReference("edge", 2), hash: ContentHash(of: [1]), rollout: "r1",
            confirmWithin: 60, time: 1_700_000_000_000_000_000)
        let overview = AgentOverview(
            uid: uid, name: "host-1", version: "0.1.0", isConnected: state.isConnected, isWaiting: false,
            lastSeen: 1_700_000_000_000_000_000, isHealthy: true, error: nil, drift: .inSync,
            labels: state.labels.merging(["host.name": "host-1"]) { own, _ in own }, assignment: assignment)
        var health = ComponentHealth()
        health.healthy = true
        health.components["pipeline:traces"] = ComponentHealth()
        var flow = FlowHistory()
        for second in [0, 10] as [UInt64] {
            var sample = FlowCounters()
            sample.time = second * 1_000_000_000
            sample.accepted = second * 5
            flow.add(sample)
        }
        return AgentRecord(
            overview: overview, build: "apus 0.1.0", firstSeen: 1, peer: "127.0.0.1:9", isWebSocket: true,
            replica: "test", ownLabels: state.labels, attributes: ["os.type": "linux"],
            identity: ["service.name": "apus"], capabilities: [.reportsStatus, .acceptsRestartCommand],
            customCapabilities: [], health: health, worst: .ok, worstSince: 0, started: 1,
            reportedHash: ContentHash(of: [1]).bytes, effective: state.effective,
            history: [
                ConfigurationReport(hash: [0xAB], outcome: .failed, message: "no port", time: 1),
                ConfigurationReport(
                    hash: ContentHash(of: [1]).bytes, outcome: .applied, message: "", time: 2),
            ], flow: flow, components: nil, connectionSettings: nil)
    }

    func list(_ query: AgentQuery) throws(InventoryError) -> AgentPage {
        guard query.pageToken == nil || query.pageToken == "next" else { throw .invalidPageToken }
        guard let agent = agent(Self.first)?.overview,
            query.selectors.allSatisfy({ $0.matches(agent.labels) })
        else { return AgentPage(agents: [], next: nil) }
        return AgentPage(agents: [agent], next: query.pageToken == nil ? "next" : nil)
    }

    func summary(_ selectors: [Selector]) -> FleetSummary {
        var summary = FleetSummary()
        guard let agent = agent(Self.first)?.overview, selectors.allSatisfy({ $0.matches(agent.labels) })
        else { return summary }
        summary.agents = 1
        summary.connected = 1
        summary.drift = [.inSync: 1]
        summary.versions = ["0.1.0": 1]
        return summary
    }

    func variants(_ selectors: [Selector], limit: Int) -> [EffectiveVariant] {
        guard let hash = state.withLock({ $0.effective }) else { return [] }
        return [
            EffectiveVariant(
                hash: hash, agents: 1, revisions: [RevisionReference("edge", 2)], examples: [Self.first])
        ]
    }

    func content(_ hash: ContentHash) async throws(StoreError) -> [UInt8]? {
        state.withLock { $0.contents[hash] }
    }

    func builds(_ selector: Selector) async throws(StoreError) -> [AgentBuild] {
        var components = AgentComponents()
        components.add("nop", of: .receiver)
        components.add("nop", of: .exporter)
        return [AgentBuild(name: "apus 0.1.0", components: components)]
    }

    func setLabels(
        _ labels: [String: String], of uid: InstanceUID, expecting expected: [String: String]?
    ) async throws(InventoryFailure) {
        let isExpected = state.withLock { state in
            guard expected == nil || expected == state.labels else { return false }
            state.labels = labels
            state.calls.append("labels")
            return true
        }
        guard isExpected else { throw .inventory(.conflict(uid)) }
    }

    func forget(_ uid: InstanceUID) async throws(StoreError) -> Bool {
        note("forget")
        return true
    }

    func restart(_ uid: InstanceUID) async throws(InventoryError) { note("restart") }
    func retry(_ uids: [InstanceUID]) async { note("retry") }
    func retryPackages(_ uids: [InstanceUID]) async { note("retry packages") }

    private func note(_ call: String) { state.withLock { $0.calls.append(call) } }
}
