import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Connectors

/// What one span and one resource may take.
@Suite struct ServiceGraphLimitTests {
    typealias Harness = ConnectorHarness<ServiceGraphConnector>

    private static let bytes = "apus_connector_service_graph_state_bytes"
    private static let dropped = "otelcol_connector_servicegraph_dropped_spans"

    @Test func `ends of requests are handed over before they take much`() throws {
        let settings = try ServiceGraphConnector.Configuration.decode(yaml: "{dimensions: [a, b, c]}")
        var reader = EdgeReader(ServiceGraphRules(settings))
        let long = AttributeValue.string(String(repeating: "x", count: 64 << 10))
        let spans = (0..<100).map { Span(kind: 3, id: UInt8($0 + 1), attributes: ["b": long]) }
        var handed: [Int] = []
        var found = 0
        reader.read(.spans(spans, resource: ["a": long, "db.name": long])) { ends in
            handed.append(ends.reduce(0) { $0 + $1.byteCount })
            found += ends.count
        }
        #expect(found == 100)
        #expect(try #require(handed.max()) < 300 << 10)
        #expect(handed.reduce(0, +) < 100 * 32 << 10)
    }

    @Test func `long names are cut between characters`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self, yaml: "{dimensions: [x]}")
        let name = "a" + String(repeating: "é", count: 4000)
        let span = Span(kind: 3, attributes: ["db.name": .string(name), "x": .string(name)])
        _ = try await harness.send(.spans([span], of: name))
        try await harness.advance(by: .seconds(60))
        let batch = try #require(harness.sink(.metrics).batches.last)
        #expect(try Batch(validating: batch.contiguous(), as: .metrics).itemCount == batch.itemCount)
        let point = try #require(batch.points.first)
        let cut = AttributeValue.string("a" + String(repeating: "é", count: 2047))
        for key in ["client", "server", "client_x"] { #expect(point.attributes[key] == cut) }
    }

    @Test func `what the resource says stands before what the span says, key by key`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self, yaml: "{database_name_attributes: [one, two], dimensions: [x, y]}")
        let all: [String: AttributeValue] = ["one": "span", "two": "span", "x": "span", "y": "span"]
        _ = try await harness.send(
            .spans([Span(kind: 3, id: 2, attributes: all)], of: "a", resource: ["two": "r", "x": "r"]))
        _ = try await harness.send(
            .spans([Span(kind: 3, id: 3, attributes: all)], of: "b", resource: ["one": "r"]))
        _ = try await harness.send(.spans([Span(kind: 3, id: 4, attributes: all)], of: "c"))
        try await harness.advance(by: .seconds(60))
        let rest = "connection_type=database failed=false server"
        #expect(
            harness.totals == [
                "1 client=a client_x=r client_y=span \(rest)=span",
                "1 client=b client_x=span client_y=span \(rest)=r",
                "1 client=c client_x=span client_y=span \(rest)=span",
            ])
    }

    @Test func `a span that waits cannot grow beyond the memory that there is`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self,
            yaml: "{max_state_size: 1MiB, store: {max_items: 100000, ttl: 1h}, dimensions: [x, y]}")
        var ids: [(trace: UInt8, id: UInt8)] = []
        for trace in UInt8(1)...200 {
            for id in UInt8(1)...5 { ids.append((trace, id)) }
        }
        _ = try await harness.send(.spans(ids.map { Span(kind: 3, trace: $0.trace, id: $0.id) }))
        let before = try #require(harness.surroundings.metric(Self.bytes))
        #expect(before < 1_000_000)
        #expect(harness.surroundings.metric(Self.dropped) == 0)
        let long = AttributeValue.string(String(repeating: "x", count: 4000))
        _ = try await harness.send(
            .spans(
                ids.map { Span(kind: 3, trace: $0.trace, id: $0.id, attributes: ["x": long, "y": long]) }))
        let after = try #require(harness.surroundings.metric(Self.bytes))
        #expect(after > before && after <= 1_048_576)
        #expect(try #require(harness.surroundings.metric(Self.dropped)) > 500)
        #expect(harness.surroundings.metric("apus_connector_service_graph_waiting_edges") == 1000)
        // The requests are still there, with what was known of them.
        _ = try await harness.send(
            .spans(ids.map { Span(kind: 2, trace: $0.trace, id: 99, parent: $0.id) }, of: "cart"))
        #expect(harness.surroundings.metric("apus_connector_service_graph_waiting_edges") == 0)
    }

    @Test func `series with long names are written in parts`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self, yaml: "{aggregation_cardinality_limit: 0}")
        let long = String(repeating: "x", count: 4000)
        for number in 0..<1000 {
            let database = AttributeValue.string("\(number)" + long)
            _ = try await harness.send(
                .spans([Span(kind: 3, attributes: ["db.name": database])], of: "\(number)" + long))
        }
        try await harness.advance(by: .seconds(60))
        let batches = harness.sink(.metrics).batches
        #expect(batches.allSatisfy { $0.byteCount < 2 << 20 })
        #expect(batches.points.count == 3000)
    }
}
