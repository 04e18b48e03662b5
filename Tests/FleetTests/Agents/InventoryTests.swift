import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Testing

@testable import Fleet

@Suite struct InventoryTests {
    /// Agents of some regions, some of them connected.
    private static func fleet(_ bench: GatewayBench, _ count: Int) -> [FakeAgent] {
        (0..<count).map { number in
            var agent = FakeAgent(
                UInt64(number),
                [
                    "region": ["eu", "us", "ap"][number % 3], "os.type": "linux",
                    "service.version": "0.\(number % 2).0",
                ])
            let connection = FakeConnection()
            bench.say(agent.full(), over: connection)
            if number % 5 == 0 { bench.gateway.closed(connection) }
            return agent
        }
    }

    private static func pages(
        _ inventory: Inventory, _ query: AgentQuery, between: () -> Void = {}
    ) throws -> [InstanceUID] {
        var query = query
        var found: [InstanceUID] = []
        while true {
            let page = try inventory.list(query)
            #expect(page.agents.count <= query.pageSize)
            found += page.agents.map(\.uid)
            guard let next = page.next else { return found }
            query.pageToken = next
            between()
        }
    }

    @Test(arguments: [AgentQuery.Order.uid, .name, .lastSeen], [false, true])
    func `pages have every agent once, in order`(_ order: AgentQuery.Order, _ isDescending: Bool) async throws
    {
        let bench = try await GatewayBench()
        var agents: [FakeAgent] = []
        for number in [7, 3, 9, 1, 8, 2, 6, 4, 5, 0] as [UInt64] {
            var agent = FakeAgent(number, ["host.name": "host-\(number / 2)"])
            bench.say(agent.full(), over: FakeConnection())
            bench.clock.advance(by: .milliseconds(600))
            agents.append(agent)
        }
        var query = AgentQuery()
        query.order = order
        query.isDescending = isDescending
        query.pageSize = 3
        let found = try Self.pages(bench.inventory, query)
        let seen = Dictionary(uniqueKeysWithValues: agents.enumerated().map { ($1.uid, $0) })
        let sorted = agents.map(\.uid).sorted { left, right in
            switch order {
            case .uid: return left < right
            case .name: return (left.low / 2, left) < (right.low / 2, right)
            case .lastSeen:
                func second(_ uid: InstanceUID) -> Int { (seen[uid] ?? 0) * 600 / 1000 }
                return (second(left), left) < (second(right), right)
            }
        }
        #expect(found == (isDescending ? sorted.reversed() : sorted))
    }

    @Test func `agents that come while pages are read make none appear twice or be missed`() async throws {
        let bench = try await GatewayBench()
        let agents = Self.fleet(bench, 20)
        var query = AgentQuery()
        query.pageSize = 4
        var number: UInt64 = 0
        let found = try Self.pages(bench.inventory, query) {
            var early = FakeAgent(1000 + number)
            number += 1
            early = FakeAgent(early.uid.low, ["late": "yes"])
            bench.say(early.full(), over: FakeConnection())
        }
        #expect(found.count == Set(found).count)
        #expect(Set(found).isSuperset(of: agents.map(\.uid)))
        query.pageToken = "something else"
        #expect(throws: InventoryError.invalidPageToken) { try bench.inventory.list(query) }
    }

    @Test func `selectors see attributes and labels, and labels win`() async throws {
        let bench = try await GatewayBench()
        let agents = Self.fleet(bench, 30)
        try await bench.inventory.setLabels(["region": "mars", "team": "a"], of: agents[0].uid)
        try await bench.inventory.editLabels(of: [agents[1].uid, agents[3].uid], set: ["team": "b"])
        let selectors = [
            "", "region=eu", "region in (eu, us)", "region!=eu", "team", "!team", "team=a, region=mars",
            "region notin (eu), team=b", "host.name=host-7", "host.name!=host-7", "os.type=linux, team=b",
            "missing!=x", "host.name",
        ]
        for text in selectors {
            let selector = try Selector(parsing: text)
            let expected = agents.filter { agent in
                var labels = agent.attributes
                if agent.uid == agents[0].uid { labels.merge(["region": "mars", "team": "a"]) { $1 } }
                if [agents[1].uid, agents[3].uid].contains(agent.uid) { labels["team"] = "b" }
                return selector.matches(labels)
            }.map(\.uid)
            #expect(bench.inventory.resolve(selector) == expected, "\(text)")
            #expect(bench.inventory.count(selector).known == expected.count, "\(text)")
            #expect(
                bench.inventory.candidates(selector).allSatisfy { selector.matches($0.labels) }, "\(text)")
        }
    }

    @Test func `lists are filtered by state, health, version, revision, text and what runs`() async throws {
        let bench = try await GatewayBench()
        var agents = Self.fleet(bench, 10)
        let hash = ContentHash(of: [1])
        try await bench.inventory.assign([agents[2].assignment(hash, at: 1)])
        var sick = agents[4].heartbeat()
        sick.health = ComponentHealth(healthy: false, status: "StatusPermanentError", lastError: "no disk")
        bench.say(sick, over: FakeConnection())
        bench.clock.advance(by: .seconds(3))
        bench.gateway.settleContests()
        bench.say(agents[4].full(), over: FakeConnection())
        func count(_ change: (inout AgentQuery) -> Void) throws -> Int {
            var query = AgentQuery()
            change(&query)
            return try bench.inventory.list(query).agents.count
        }
        #expect(try count { $0.isConnected = true } == 8)
        #expect(try count { $0.isConnected = false } == 2)
        #expect(try count { $0.version = "0.1.0" } == 5)
        #expect(try count { $0.version = "9" } == 0)
        #expect(try count { $0.revision = RevisionReference("edge", 1) } == 1)
        #expect(try count { $0.drift = .pending } == 1)
        #expect(try count { $0.drift = .unmanaged } == 9)
        #expect(try count { $0.search = "HOST-7" } == 1)
        #expect(try count { $0.search = "LINUX" } == 10)
        #expect(try count { $0.search = agents[3].uid.description } == 1)
        #expect(try count { $0.search = "nowhere" } == 0)
        #expect(try count { $0.isHealthy = true } == 10)
        let running = bench.inventory.agent(agents[1].uid)?.effective
        #expect(try count { $0.effective = running } == 10)
        #expect(try count { $0.effective = ContentHash(of: [9]) } == 0)
    }

    @Test func `the fleet in numbers`() async throws {
        let bench = try await GatewayBench()
        var agents = Self.fleet(bench, 12)
        let hash = ContentHash(of: [1])
        try await bench.inventory.assign(agents[..<3].map { $0.assignment(hash, at: 1) })
        var other = agents[11].heartbeat()
        other.effectiveConfig = EffectiveConfig(AgentConfigMap(["": AgentConfigObject(body: [1])]))
        other.sequenceNumber = 99
        let connection = FakeConnection(webSocket: false)
        bench.gateway.closed(connection)
        bench.say(other, over: connection)
        let summary = bench.inventory.summary()
        #expect(summary.agents == 12)
        #expect(summary.connected == 9)
        #expect(summary.healthy == 9)
        #expect(summary.unhealthy == 0)
        #expect(summary.versions == ["0.0.0": 6, "0.1.0": 6])
        #expect(summary.drift == [.pending: 3, .unmanaged: 9])
        #expect(summary.revisions == [RevisionReference("edge", 1): 3])
        let part = bench.inventory.summary([try Selector(parsing: "region=eu")])
        #expect(part.agents == 4)
        #expect(part.drift == [.pending: 1, .unmanaged: 3])
        let variants = bench.inventory.variants()
        #expect(variants.map(\.agents) == [12])
        #expect(variants.first?.revisions == [RevisionReference("edge", 1)])
        #expect(variants.first?.examples.count == 10)
        #expect(bench.inventory.isInUse("edge"))
        #expect(!bench.inventory.isInUse("other"))
    }

    @Test func `what differs is another variant, with its content`() async throws {
        let bench = try await GatewayBench()
        var agents = Self.fleet(bench, 4)
        var other = agents[1].full()
        let map = AgentConfigMap(["b": AgentConfigObject(body: [2]), "a": AgentConfigObject(body: [1])])
        other.effectiveConfig = EffectiveConfig(map)
        let record = try #require(bench.inventory.agent(agents[1].uid))
        #expect(record.overview.isConnected)
        var fresh = FakeAgent(77)
        var report = fresh.full()
        report.effectiveConfig = EffectiveConfig(map)
        bench.say(report, over: FakeConnection())
        let variants = bench.inventory.variants()
        #expect(variants.map(\.agents) == [4, 1])
        #expect(variants[1].examples == [fresh.uid])
        #expect(variants[1].hash == ContentHash(of: map.canonicalBytes))
        try await bench.inventory.flush()
        #expect(try await bench.store.content(variants[1].hash) == map.canonicalBytes)
        _ = other
    }

    @Test func `labels are such that selectors can ask for them`() async throws {
        let bench = try await GatewayBench()
        let uid = Self.fleet(bench, 1)[0].uid
        let many = Dictionary(uniqueKeysWithValues: (0...64).map { ("k\($0)", "v") })
        for labels in [["a b": "c"], ["a": "(b)"], ["": "x"], ["a": "b,c"], ["!a": "b"], many] {
            await #expect(throws: InventoryFailure.self) {
                try await bench.inventory.setLabels(labels, of: uid)
            }
        }
        let nobody = InstanceUID(high: 9, low: 9)
        await #expect(throws: InventoryFailure.inventory(.unknownAgent(nobody))) {
            try await bench.inventory.setLabels(["a": "b"], of: nobody)
        }
        try await bench.inventory.setLabels(["a": "b"], of: uid, expecting: [:])
        await #expect(throws: InventoryFailure.inventory(.conflict(uid))) {
            try await bench.inventory.setLabels(["a": "c"], of: uid, expecting: [:])
        }
        #expect(bench.inventory.agent(uid)?.ownLabels == ["a": "b"])
        #expect(try await bench.inventory.editLabels(of: [uid, nobody], set: ["c": "d"], remove: ["a"]) == 1)
        #expect(bench.inventory.agent(uid)?.ownLabels == ["c": "d"])
    }
}
