import FleetModel
import OpAMP
import Testing

@testable import Fleet

@Suite struct CompactTests {
    @Test func `what nobody has any more is gone`() {
        var table = InternTable<String>()
        let (a, b) = (table.take("a"), table.take("b"))
        #expect(table.take("a") == a)
        #expect(table.users(of: a) == 2)
        #expect(table.release(a) == nil)
        #expect(table.release(a) == "a")
        #expect(table[a] == nil)
        #expect(table.take("c") == a)
        #expect(table[b] == "b")
        #expect(table.count == 2)
        #expect(table.release(.absent) == nil)
    }

    @Test func `attributes that differ from agent to agent are not in the profile`() {
        var table = AttributeTable()
        func list(_ number: Int) -> [Attribute] {
            [
                Attribute(key: "os.type", value: "linux", isIdentifying: false),
                Attribute(key: "host.name", value: "host-\(number)", isIdentifying: false),
                Attribute(key: "serial", value: "s-\(number)", isIdentifying: false),
            ]
        }
        let all = (0..<1000).map { table.take(list($0)) }
        #expect(table.profiles.count <= AttributeTable.sharedValues + 2)
        for (number, numbers) in all.enumerated() {
            #expect(Set(table.list(numbers)) == Set(list(number)))
            #expect(table.value("serial", of: numbers) == "s-\(number)")
        }
        for numbers in all { table.release(numbers) }
        #expect(table.profiles.count == 0)
        #expect(table.pairs.count == 0)
    }

    @Test func `values of all types are text, and long ones are cut`() {
        var description = AgentDescription()
        description.identifyingAttributes = [
            KeyValue("a", .int(3)), KeyValue("b", .bool(true)), KeyValue("c", .array([.string("x"), nil])),
            KeyValue("d", .keyValues([KeyValue("k", .double(0.5))])), KeyValue("e", .bytes([0xAB])),
            KeyValue("f", nil), KeyValue("", "nameless"), KeyValue("a", "twice"),
            KeyValue("long", String(repeating: "é", count: 600)),
        ]
        let found = Dictionary(uniqueKeysWithValues: description.attributes.map { ($0.key, $0.value) })
        #expect(found["a"] == "3")
        #expect(found["b"] == "true")
        #expect(found["c"] == #"["x",null]"#)
        #expect(found["d"] == #"{"k":0.5}"#)
        #expect(found["e"] == "ab")
        #expect(found["long"] == String(repeating: "é", count: 512))
        #expect(found.count == 6)
    }

    private static func tree(_ error: String, _ status: String = "StatusPermanentError") -> ComponentHealth {
        let exporter = ComponentHealth(
            healthy: error.isEmpty, status: error.isEmpty ? "StatusOK" : status, lastError: error,
            statusTime: error.isEmpty ? 0 : 9)
        let receiver = ComponentHealth(healthy: true, status: "StatusOK")
        let pipeline = ComponentHealth(
            healthy: error.isEmpty, status: error.isEmpty ? "StatusOK" : status,
            components: ["exporter:otlp": exporter, "receiver:otlp": receiver])
        return ComponentHealth(
            healthy: error.isEmpty, status: error.isEmpty ? "StatusOK" : status, startTime: 5,
            statusTime: 6, components: ["pipeline:traces": pipeline])
    }

    @Test func `agents that are well share one shape`() {
        let (shape, compact) = HealthShape.taken(Self.tree(""))
        #expect(compact.deviations.isEmpty)
        #expect(compact.worst == .ok)
        #expect(compact.isHealthy)
        var other = Self.tree("")
        other.startTime = 99
        #expect(HealthShape.taken(other).shape == shape)
        #expect(shape.tree(compact) == Self.tree(""))
    }

    @Test(arguments: [
        ("StatusRecoverableError", ComponentState.recoverable), ("StatusPermanentError", .permanent),
        ("StatusFatalError", .fatal), ("something", .permanent),
    ])
    func `what is wrong is kept with its place`(_ status: String, _ state: ComponentState) {
        let tree = Self.tree("no route", status)
        let (shape, compact) = HealthShape.taken(tree)
        #expect(compact.worst == state)
        #expect(compact.error == "no route")
        #expect(shape.tree(compact) == tree)
    }

    @Test func `a large tree that is not well is bounded`() {
        var root = ComponentHealth(healthy: false, status: "StatusFatalError")
        for number in 0..<1000 {
            root.components["c\(number)"] = ComponentHealth(
                healthy: false, status: "StatusFatalError", lastError: String(repeating: "x", count: 10_000))
        }
        let (shape, compact) = HealthShape.taken(root)
        #expect(shape.nodes.count == 1001)
        #expect(compact.deviations.count == CompactHealth.mostDeviations)
        #expect(compact.deviations.allSatisfy { $0.error.utf8.count <= CompactHealth.longestError })
        #expect(compact.error.utf8.count == 1024)
    }

    @Test func `what is kept of an agent comes back, and what cannot be read does not`() throws {
        let uid = InstanceUID(high: 1, low: 2)
        var kept = KeptAgent(uid)
        kept.report.capabilities = [.reportsStatus]
        kept.report.sequenceNumber = 5
        kept.report.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("a", "b")])
        kept.known = [.description, .health]
        (kept.firstSeen, kept.lastSeen) = (1, .max)
        kept.reportedHash = [1, 2]
        kept.history = ConfigurationReport.Outcome.allCases.map {
            ConfigurationReport(hash: [3], outcome: $0, message: "é", time: 4)
        }
        kept.baseline = ContentHash(of: [])
        kept.components = [5]
        kept.offeredSettings = [6]
        kept.health = CompactHealth(
            isHealthy: true, worst: .fatal, error: "e", started: 1, time: 2, deviations: [])
        kept.worstSince = 7
        kept.ownedSince = 8
        var sample = FlowCounters()
        (sample.time, sample.accepted, sample.queued) = (1, .max, 3)
        kept.flow = [sample, sample]
        #expect(KeptAgent(uid, state: kept.state, live: kept.live) == kept)
        #expect(KeptAgent(uid, state: [], live: []) == KeptAgent(uid))
        #expect(KeptAgent(uid, state: [0xFF], live: []) == nil)
        #expect(KeptAgent(uid, state: kept.state + [0x7A, 1, 0], live: kept.live) == kept)
    }
}
