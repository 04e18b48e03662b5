import Connectors
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@Suite struct RoutingConnectorTests {
    private typealias Harness = ConnectorHarness<RoutingConnector>

    private func harness(_ yaml: String, _ pipelines: [String] = ["logs/a", "logs/b"]) async throws -> Harness
    {
        try await ConnectorHarness(RoutingConnector.self, yaml: yaml, pipelines: pipelines)
    }

    private let table = """
        table:
          - {condition: 'attributes["resourceName"] == "A"', pipelines: [logs/a]}
          - {condition: 'attributes["resourceName"] == "B"', pipelines: [logs/b]}
        """

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            RoutingConnector.self,
            yaml: #"{table: [{condition: 'attributes["a"] == "b"', pipelines: [logs]}]}"#)
    }

    // MARK: - Requests

    @Test(arguments: [
        (#"request["X-Tenant"] == "acme""#, ["acme"], true),
        (#"request["X-Tenant"] == "acme""#, ["ecorp"], false),
        (#"request["x-tenant"]=="acme""#, ["ecorp", "acme"], true),
        (#"request["X-Tenant"] != "acme""#, ["acme"], false),
        (#"request["X-Tenant"] != "acme""#, ["ecorp", "acme"], true),
        (#"  request [ "X-Tenant" ] != "acme"  "#, [], false),
        (#"request["X-Tenant"] == """#, [""], true),
        (#"request["X-Tenant"] == "a == b""#, ["a == b"], true),
    ])
    func `a condition on requests holds when one value does`(
        condition: String, values: [String], holds: Bool
    ) async throws {
        let harness = try await harness(
            "table: [{context: request, condition: '\(condition)', pipelines: [logs/a]}]")
        var batch = Grid.batch(.logs, "A", "C", "E")
        batch.origin = Origin(peer: "", metadata: ["x-tenant": values, "other": ["acme"]])
        _ = try await harness.send(batch)
        #expect(harness.sink("logs/a").itemCount == (holds ? 1 : 0))
        #expect(harness.filtered == (holds ? 0 : 1))
    }

    @Test func `a batch of several senders is of none`() async throws {
        let harness = try await harness(
            #"table: [{context: request, condition: 'request["a"] != "b"', pipelines: [logs/a]}]"#)
        _ = try await harness.send(Grid.batch(.logs, "A", "C", "E"))
        #expect(harness.filtered == 1)
    }

    // MARK: - Errors

    @Test(arguments: ["ignore", "silent", "propagate", ""])
    func `a condition that fails does not hold, or ends the batch`(mode: String) async throws {
        let harness = try await harness(
            """
            \(mode.isEmpty ? "" : "error_mode: \(mode)")
            default_pipelines: [logs/b]
            table:
              - {condition: 'attributes["no"] == "no"', pipelines: [logs/a]}
              - {condition: 'ParseJSON(attributes["resourceName"]) == nil', pipelines: [logs/a]}
            """)
        let batch = Grid.batch(.logs, "AB", "C", "E")
        if mode == "propagate" {
            await #expect {
                _ = try await harness.send(batch)
            } throws: { error in
                guard case .never(let reason, nil)? = error as? Rejection else { return false }
                return reason.hasPrefix("the condition of table.1 failed: ")
            }
            #expect(harness.sink("logs/b").itemCount == 0)
        } else {
            _ = try await harness.send(batch)
            #expect(harness.sink("logs/b").batches.map { Grid.items($0) } == [["A/C/E", "B/C/E"]])
            let lines = harness.surroundings.log.lines.filter {
                $0.message.contains("could not be evaluated")
            }
            #expect(lines.count == (mode == "silent" ? 0 : 1), "one line for a batch, whatever its size")
        }
        let errors = harness.surroundings.metric("apus_connector_routing_errors", ["connector": "routing"])
        #expect(errors == (mode == "propagate" ? 1 : 2))
    }

    // MARK: - Answers

    @Test func `a batch is refused when no pipeline takes its part, and then nothing is counted`()
        async throws
    {
        let harness = try await harness(table)
        harness.sink("logs/a").refuse(with: .never(reason: "no"))
        harness.sink("logs/b").refuse(with: .later(reason: "full", after: .seconds(3)))
        await #expect(throws: Rejection.later(reason: "full", after: .seconds(3))) {
            try await harness.send(Grid.batch(.logs, "ABX", "C", "E"))
        }
        #expect(harness.filtered == 0)
        #expect(harness.surroundings.metric("apus_connector_routing_items") == 0)
        _ = try await harness.send(Grid.batch(.logs, "ABX", "C", "E"))
        #expect(harness.filtered == 1)
        for (route, items) in [("0", 1.0), ("1", 1), ("none", 1)] {
            #expect(
                harness.surroundings.metric("apus_connector_routing_items", ["route": route]) == items,
                "\(route)")
        }
    }

    /// Remembers what it was told.
    private final class Listener: Claimant {
        private let state = Mutex((missed: 0, retry: ClaimRetry?.none))
        var goal: ClaimGoal { .delivered }
        var missed: Int { state.withLock { $0.missed } }
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {
            state.withLock { $0 = ($0.missed + items, retry) }
        }
    }

    @Test func `who waits for the items of a refused part is told, and nobody else`() async throws {
        let harness = try await harness(table)
        harness.sink("logs/b").refuse(with: .later(reason: "full"))
        let (first, second, third) = (Listener(), Listener(), Listener())
        var batch = Batch(signal: .logs)
        for (listener, resources) in [(first, "A"), (second, "AB"), (third, "A")] {
            var part = Grid.batch(.logs, resources, "C", "EF")
            part.claims = [Claim(listener, items: part.itemCount)]
            batch.append(part)
        }
        _ = try await harness.send(batch)
        #expect([first.missed, second.missed, third.missed] == [0, 2, 0])
        let arrived = try #require(harness.sink("logs/a").batches.first)
        #expect(arrived.itemCount == 6)
        #expect(arrived.claims.map { $0.items } == [2, 2, 2])
    }

    @Test(arguments: [2, 3, 7, 64, 65])
    func `of many senders each is told of its own items`(count: Int) async throws {
        let harness = try await harness(table)
        harness.sink("logs/b").refuse(with: .later(reason: "full"))
        let listeners = (0..<count).map { _ in Listener() }
        var batch = Batch(signal: .logs)
        for (number, listener) in listeners.enumerated() {
            // Some have items on both ways, some nobody waits for.
            var part = Grid.batch(.logs, ["A", "B", "AB"][number % 3], "C", "EF")
            if number % 5 != 4 { part.claims = [Claim(listener, items: part.itemCount)] }
            batch.append(part)
        }
        batch.claims.append(Claim(Listener(), items: 0))
        _ = try await harness.send(batch)
        let expected = (0..<count).map { $0 % 5 == 4 ? 0 : [0, 2, 2][$0 % 3] }
        #expect(listeners.map { $0.missed } == expected)
        let arrived = harness.sink("logs/a").batches
        let ofA = (0..<count).filter { $0 % 3 != 1 }
        #expect(arrived.reduce(0) { $0 + $1.itemCount } == 2 * ofA.count)
        #expect(arrived.reduce(0) { $0 + $1.claims.items } == 2 * ofA.filter { $0 % 5 != 4 }.count)
    }

    @Test func `who may have items in a refused part is told when nobody knows whose they are`()
        async throws
    {
        let harness = try await harness(table)
        let (first, second) = (Listener(), Listener())
        // A processor has taken out one of four items, nobody knows whose.
        var batch = Grid.batch(.logs, "A", "C", "E")
        batch.append(Grid.batch(.logs, "BA", "C", "E"))
        batch.claims = [Claim(first, items: 2), Claim(second, items: 2)]
        harness.sink("logs/b").refuse(with: .later(reason: "full"))
        _ = try await harness.send(batch)
        #expect([first.missed, second.missed] == [1, 1])
        #expect(harness.sink("logs/a").batches.allSatisfy { $0.claims.count == 2 })
    }

    @Test func `what a processor has left of one sender's items is its own`() async throws {
        let harness = try await harness(table)
        let (first, second) = (Listener(), Listener())
        var batch = Grid.batch(.logs, "A", "C", "E")
        batch.claims = [Claim(first, items: 2)]
        var other = Grid.batch(.logs, "BA", "C", "E")
        other.claims = [Claim(second, items: other.itemCount)]
        batch.append(other)
        harness.sink("logs/b").refuse(with: .later(reason: "full"))
        _ = try await harness.send(batch)
        #expect([first.missed, second.missed] == [0, 1])
    }

    @Test(arguments: ["a", "b"])
    func `a sender whose items take several ways gets one answer, which is right`(
        refused: String
    ) async throws {
        let harness = try await harness(
            """
            default_pipelines: [logs/rest]
            table:
              - {condition: 'attributes["resourceName"] == "A"', pipelines: [logs/a, logs/copy]}
              - {condition: 'attributes["resourceName"] == "B"', pipelines: [logs/b], action: copy}
            """, ["logs/a", "logs/b", "logs/copy", "logs/rest"])
        var batch = Batch(signal: .logs)
        var answers: [PendingReceipt] = []
        for resources in ["AB", "X", refused == "a" ? "B" : "A"] {
            var part = Grid.batch(.logs, resources, "C", "EF")
            let (claim, answer) = Claim.reaching(.delivered, items: part.itemCount)
            part.claims = [claim]
            answers.append(answer)
            batch.append(part)
        }
        _ = try await harness.send(batch)
        batch = Batch(signal: .logs)
        #expect(answers.allSatisfy { !$0.isResolved })
        for name in ["copy", "rest", "a", "b"] {
            let arrived = harness.sink("logs/\(name)").takeBatches()
            #expect(arrived.allSatisfy { $0.claims.items == $0.itemCount })
            for part in arrived where name == refused { part.claims.miss(.later(reason: "down")) }
        }
        await #expect(throws: Rejection.later(reason: "down")) { try await answers[0].wait() }
        for answer in answers.dropFirst() { try await answer.wait() }
    }

    @Test func `the answer waits for every part`() async throws {
        let harness = try await harness(table)
        harness.sink("logs/b").hold()
        let receipt = try await harness.send(Grid.batch(.logs, "AB", "C", "E"))
        guard case .pending(let pending) = receipt else {
            Issue.record("the answer did not wait")
            return
        }
        #expect(!pending.isResolved)
        harness.sink("logs/b").answer(.later(reason: "gone"))
        await #expect(throws: Rejection.later(reason: "gone")) { try await pending.wait() }
    }

    // MARK: - Properties

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `no item is lost or sent twice, whatever the batch`(signal: Signal) async throws {
        let name = signal.rawValue
        let item = ["logs": "log.body", "traces": "span.name", "metrics": "metric.name"][name] ?? ""
        let harness = try await harness(
            """
            default_pipelines: [\(name)/rest]
            table:
              - {condition: 'resource.attributes["resourceName"] == "A"', pipelines: [\(name)/a]}
              - {condition: '\(item) == "E" or \(item) == "F"', pipelines: [\(name)/ef]}
              - {condition: '\(item) == "H"', pipelines: [\(name)/h, \(name)/copy], action: copy}
            """, ["rest", "a", "ef", "h", "copy"].map { "\(name)/\($0)" })
        var (sent, random) = ([String](), UInt64(42))
        func next(_ letters: String) -> String {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return String(letters.prefix(Int(random >> 33) % (letters.count + 1)).shuffled())
        }
        for _ in 0..<200 {
            let batch = Grid.batch(signal, next("AB"), next("CDX"), next("EFGHI"), points: next("PQ"))
            sent += Grid.items(batch)
            _ = try await harness.send(batch)
        }
        func arrived(_ pipeline: String) -> [String] {
            harness.sink("\(name)/\(pipeline)").batches.flatMap { Grid.items($0) }
        }
        #expect(sent.count > 500)
        let moved = ["rest", "a", "ef"].flatMap { arrived($0) }
        #expect(moved.sorted() == sent.sorted())
        #expect(arrived("a").allSatisfy { $0.hasPrefix("A") })
        #expect(arrived("ef").allSatisfy { !$0.hasPrefix("A") && ($0.contains("/E") || $0.contains("/F")) })
        let heads = sent.filter { !$0.hasPrefix("A") && $0.contains("/H") }
        #expect(arrived("h") == heads && arrived("copy") == heads)
        for pipeline in ["rest", "a", "ef", "h"] {
            for batch in harness.sink("\(name)/\(pipeline)").batches {
                #expect(try Batch(validating: batch.contiguous(), as: signal).itemCount == batch.itemCount)
            }
        }
    }
}
