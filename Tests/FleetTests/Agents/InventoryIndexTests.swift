import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Synchronization
import Testing

@testable import Fleet

/// Lists and sums come from sets of places; here they are held against a look at every agent.
@Suite struct InventoryIndexTests {
    /// Numbers that follow from a seed (SplitMix64).
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
        mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
    }

    private static let keys = ["env", "region", "service.version", "team", "own", "host.name"]
    private static let texts = ["", "a", "b", "prod", "PROD-eu", "é", "0.1.0"]

    /// A fleet to which things happen.
    private final class Play {
        let bench: GatewayBench
        var dice: Dice
        var agents: [FakeAgent] = []
        var connections: [FakeConnection] = []
        private var next: UInt64 = 0

        init(seed: UInt64) async throws {
            bench = try await GatewayBench()
            dice = Dice(state: seed)
        }

        private func attributes() -> [String: String] {
            var attributes: [String: String] = [:]
            for key in keys where dice.below(3) > 0 {
                attributes[key] =
                    key == "own" || key == "host.name" ? "x\(dice.below(1000))" : dice.pick(texts)
            }
            return attributes
        }

        func come() {
            var agent = FakeAgent(dice.next() >> 20 | 1 << 62 | next)
            next += 1
            agent.attributes = attributes()
            agent.hasHealth = dice.below(4) > 0
            bench.access.set(dice.below(6) == 0 ? .waiting : .admitted, for: agent.uid)
            let connection = FakeConnection(webSocket: dice.below(4) > 0)
            bench.say(agent.full(), over: connection)
            agents.append(agent)
            connections.append(connection)
        }

        func change() async throws {
            guard !agents.isEmpty else { return come() }
            let index = dice.below(agents.count)
            let uid = agents[index].uid
            switch dice.below(9) {
            case 0, 1: come()
            case 2:
                agents[index].attributes = attributes()
                bench.say(agents[index].full(), over: connections[index])
            case 3:
                var report = agents[index].heartbeat()
                report.health = ComponentHealth(healthy: dice.below(2) == 0, status: "StatusOK")
                report.effectiveConfig = EffectiveConfig(
                    AgentConfigMap(["": AgentConfigObject(body: [UInt8(dice.below(3))])]))
                bench.say(report, over: connections[index])
            case 4: bench.gateway.closed(connections[index])
            case 5:
                let labels = [dice.pick(keys): dice.pick(texts), "label": "y\(dice.below(4))"]
                try await bench.inventory.editLabels(
                    of: [uid], set: dice.below(3) == 0 ? [:] : labels, remove: [dice.pick(keys)])
            case 6:
                let hash = ContentHash(of: [UInt8(dice.below(3))])
                try await bench.inventory.assign([agents[index].assignment(hash, dice.below(3) + 1, at: 1)])
            case 7:
                let status = dice.pick([RemoteConfigStatus.Status.applied, .failed, .applying])
                bench.say(
                    agents[index].status(status, ContentHash(of: [UInt8(dice.below(3))])),
                    over: connections[index])
            default:
                try await bench.inventory.forget(uid)
                bench.gateway.closed(connections[index])
                agents.remove(at: index)
                connections.remove(at: index)
            }
        }

        /// Every agent that there is, looked at one by one.
        var records: [AgentRecord] {
            agents.compactMap { bench.inventory.agent($0.uid) }.sorted { $0.uid < $1.uid }
        }

        func selector() throws -> Selector {
            let parts = (0..<dice.below(4)).map { _ in
                let key = dice.pick(keys + ["label", "missing"])
                let values = (0...dice.below(3)).map { _ in dice.pick(texts + ["x7", "y1"]) }
                switch dice.below(4) {
                case 0: return "\(key) in (\(values.joined(separator: ",")))"
                case 1: return "\(key) notin (\(values.joined(separator: ",")))"
                case 2: return key
                default: return "!\(key)"
                }
            }
            return try Selector(parsing: parts.joined(separator: ","))
        }

        func query() throws -> AgentQuery {
            var query = AgentQuery(selectors: [try selector(), try selector()])
            if dice.below(2) == 0 { query.selectors.removeLast() }
            if dice.below(3) == 0 {
                query.search = dice.pick(["a", "PROD", "x1", "é", "-", "4", "0190a5c8-0"])
            }
            if dice.below(4) == 0 { query.isConnected = dice.below(2) == 0 }
            if dice.below(4) == 0 { query.isHealthy = dice.below(2) == 0 }
            if dice.below(4) == 0 { query.drift = dice.pick(DriftState.allCases) }
            if dice.below(4) == 0 { query.version = dice.pick(texts) }
            if dice.below(4) == 0 { query.revision = RevisionReference("edge", dice.below(3) + 1) }
            if dice.below(4) == 0 { query.effective = records.compactMap(\.effective).first }
            query.includesWaiting = dice.below(2) == 0
            query.order = dice.pick([.uid, .uid, .name, .lastSeen])
            query.isDescending = dice.below(2) == 0
            query.pageSize = 1 + dice.below(5)
            return query
        }
    }

    /// What a query means.
    private static func matches(_ record: AgentRecord, _ query: AgentQuery) -> Bool {
        let overview = record.overview
        let texts =
            Array(record.attributes.values) + Array(record.ownLabels.values)
            + [overview.name, record.uid.description]
        return query.selectors.allSatisfy { $0.matches(overview.labels) }
            && (query.includesWaiting || !overview.isWaiting)
            && (query.isConnected ?? overview.isConnected) == overview.isConnected
            && (query.isHealthy == nil || query.isHealthy == overview.isHealthy)
            && (query.drift ?? overview.drift) == overview.drift
            && (query.version ?? overview.version) == overview.version
            && (query.revision == nil || query.revision == overview.assignment?.revision)
            && (query.effective == nil || query.effective == record.effective)
            && (query.search.isEmpty
                || texts.contains { $0.lowercased().contains(query.search.lowercased()) })
    }

    private static func sorted(_ records: [AgentRecord], _ query: AgentQuery) -> [InstanceUID] {
        let sorted = records.sorted { left, right in
            switch query.order {
            case .uid: return left.uid < right.uid
            case .name: return (left.overview.name, left.uid) < (right.overview.name, right.uid)
            case .lastSeen:
                func second(_ record: AgentRecord) -> UInt64 { record.overview.lastSeen / 1_000_000_000 }
                return (second(left), left.uid) < (second(right), right.uid)
            }
        }.map(\.uid)
        return query.isDescending ? sorted.reversed() : sorted
    }

    private static func pages(_ inventory: Inventory, _ query: AgentQuery) throws -> [InstanceUID] {
        var (query, found) = (query, [InstanceUID]())
        while true {
            let page = try inventory.list(query)
            found += page.agents.map(\.uid)
            guard let next = page.next, found.count < 10_000 else { return found }
            query.pageToken = next
        }
    }

    private static func check(_ play: Play) throws {
        let (records, inventory) = (play.records, play.bench.inventory)
        let query = try play.query()
        let chosen = records.filter { matches($0, query) }
        #expect(try pages(inventory, query) == sorted(chosen, query), "\(query)")
        let selector = try play.selector()
        let known = records.filter { !$0.overview.isWaiting && selector.matches($0.overview.labels) }
        let connected = known.filter(\.overview.isConnected)
        #expect(inventory.resolve(selector) == known.map(\.uid), "\(selector)")
        #expect(inventory.count(selector) == (known.count, connected.count), "\(selector)")
        let summary = inventory.summary([selector])
        #expect(summary.agents == known.count)
        #expect(summary.connected == connected.count)
        #expect(summary.healthy == connected.count { $0.overview.isHealthy == true })
        #expect(summary.unhealthy == connected.count { $0.overview.isHealthy == false })
        #expect(
            summary.waiting
                == records.count { $0.overview.isWaiting && selector.matches($0.overview.labels) })
        func counts<Key: Hashable>(_ key: (AgentRecord) -> Key?) -> [Key: Int] {
            known.reduce(into: [:]) { counts, record in
                if let key = key(record) { counts[key, default: 0] += 1 }
            }
        }
        #expect(summary.drift == counts(\.overview.drift))
        #expect(summary.versions == counts(\.overview.version))
        #expect(summary.revisions == counts(\.overview.assignment?.revision))
        let variants = inventory.variants([selector])
        #expect(
            Dictionary(uniqueKeysWithValues: variants.map { ($0.hash, $0.agents) }) == counts(\.effective))
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `sets of places say what a look at every agent says`(_ seed: UInt64) async throws {
        let play = try await Play(seed: seed)
        // Some fleets are large enough for sets to become dense and thin out again.
        for _ in 0..<(seed % 3 == 0 ? 300 : 20) { play.come() }
        for _ in 0..<40 {
            for _ in 0..<8 { try await play.change() }
            play.bench.clock.advance(by: .milliseconds(700))
            try Self.check(play)
        }
        for agent in play.agents { try await play.bench.inventory.forget(agent.uid) }
        play.bench.inventory.state.withLock { state in
            #expect(state.states.all.isEmpty)
            let sets =
                state.labelIndex.byAttribute.byPair.sets + state.labelIndex.byLabel.byPair.sets
                + state.labelIndex.byAttribute.byKey.sets + state.labelIndex.byLabel.byKey.sets
                + state.states.builds.sets + state.states.effective.sets + state.states.revisions.sets
            #expect(sets.allSatisfy { $0.isEmpty })
            #expect(state.tables.attributes.pairs.count == 0)
            #expect(state.labelIndex.labels.count == 0)
            #expect(state.tables.revisions.count == 0)
        }
    }
}
