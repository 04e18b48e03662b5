import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Connectors

/// What one span, one resource and one flush may take.
@Suite struct SpanMetricsLimitTests {
    typealias Harness = ConnectorHarness<SpanMetricsConnector>

    private static let calls = "histogram: {disable: true}"
    private static let long = String(repeating: "x", count: 70 << 10)

    private static func matching(_ count: Int) -> [String: AttributeValue] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("k\($0)", AttributeValue.int(Int64($0))) })
    }

    /// A span with dimensions that are too long, and one with others.
    private static func spans(longBy what: String) -> Batch {
        switch what {
        case "name": return .spans([Span(name: long), Span()])
        case "attribute": return .spans([Span(attributes: ["x": .string(long)]), Span()])
        case "attributes": return .spans([Span(attributes: matching(513)), Span()])
        default:
            var batch = Batch.spans([Span()], scope: "a", version: long)
            batch.append(.spans([Span()]))
            return batch
        }
    }

    @Test(arguments: [
        ("name", ""), ("attribute", ", dimensions: [{name: x}]"),
        ("attribute", ", dimensions: [{glob: '*'}]"),
        ("attributes", ", dimensions: [{glob: 'k*'}]"), ("scope", ", include_instrumentation_scope: [a]"),
    ])
    func `spans with dimensions that are too long count in one series`(
        what: String, setting: String
    ) async throws {
        let harness = try await Harness(SpanMetricsConnector.self, yaml: "{\(Self.calls)\(setting)}")
        for _ in 0..<2 { _ = try await harness.send(Self.spans(longBy: what)) }
        try await harness.advance(by: .seconds(60))
        let points = harness.sink(.metrics).batches.points
        #expect(points.map { $0.value } == [2, 2])
        #expect(points.first?.labels == "otel.metric.overflow=true")
        #expect(harness.surroundings.metric("apus_connector_span_metrics_overflowed") == 2)
        let bytes = try #require(harness.surroundings.metric("apus_connector_span_metrics_state_bytes"))
        #expect(bytes < 8192)
    }

    @Test(arguments: ["service.name", "dimension", "matches"])
    func `what a resource says is not copied for each of its spans`(what: String) throws {
        var resource: [String: AttributeValue] = ["service.name": "shop"]
        switch what {
        case "service.name": resource["service.name"] = .string(Self.long)
        case "dimension": resource["x"] = .string(Self.long)
        default: for (key, value) in Self.matching(513) { resource[key] = value }
        }
        let settings = try SpanMetricsConnector.Configuration.decode(
            yaml: "{\(Self.calls), dimensions: [{name: x}, {glob: 'k*'}]}")
        let rules = try SpanMetricsRules(settings, instanceID: "")
        var reader = SpanReader(rules) { 0.5 }
        let spans = (0..<1000).map { Span(name: "\($0)") }
        var (count, bytes, fitting) = (0, 0, 0)
        reader.read(.spans(spans, of: nil, resource: resource)) { block in
            count += block.observations.count
            bytes += block.dimensions.byteCount
            fitting += block.observations.count { !$0.isTooLong }
        }
        #expect(count == 1000)
        #expect(bytes == 0)
        #expect(fitting == 0)
    }

    @Test func `attributes of spans stand before those of resources, in the order of their names`()
        async throws
    {
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: "{\(Self.calls), exclude_dimensions: [service.name, span.name, span.kind, status.code], "
                + "dimensions: [{name: n, default: none}, {glob: 'k*'}]}")
        let resource: [String: AttributeValue] = ["k1": "r", "k2": "r", "k5": "r", "n": "r", "other": "r"]
        _ = try await harness.send(
            .spans(
                [
                    Span(), Span(attributes: ["k2": "s", "k3": "s", "k9": "s"]),
                    Span(attributes: ["k0": "s", "n": "s"]), Span(),
                ], resource: resource))
        try await harness.advance(by: .seconds(60))
        let batch = try #require(harness.sink(.metrics).batches.last)
        var keys: [String] = []
        for metric in batch.resourceMetrics.flatMap({ $0.scopes }).flatMap({ $0.records }) {
            guard case .sum(let points, _, _) = metric.content else { continue }
            for point in points {
                let attributes = point.attributes.map { "\($0.key)=\($0.value.text)" }
                keys.append(attributes.joined(separator: " "))
            }
        }
        #expect(
            keys == [
                "n=r k1=r k2=r k5=r", "n=r k1=r k2=s k3=s k5=r k9=s", "n=s k0=s k1=r k2=r k5=r",
            ])
    }

    @Test func `a resource that would take too much drives out nobody`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{\(Self.calls), max_state_size: 1MiB}")
        for service in ["a", "b"] { _ = try await harness.send(.spans([Span()], of: service)) }
        let large: [String: AttributeValue] = ["x": .string(Self.long)]
        _ = try await harness.send(.spans([Span(), Span()], of: "large", resource: large))
        try await harness.advance(by: .seconds(60))
        #expect(
            harness.sink(.metrics).batches.points.map { $0.resource } == ["service.name=a", "service.name=b"])
        let skipped = "apus_connector_span_metrics_skipped_spans"
        #expect(harness.surroundings.metric(skipped, ["reason": "resource too large"]) == 2)
        #expect(harness.surroundings.metric("apus_connector_span_metrics_evicted_resources") == 0)
    }

    @Test func `no more resources are evicted than new ones need`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{\(Self.calls), max_state_size: 1MiB}")
        let bytes = "apus_connector_span_metrics_state_bytes"
        let spans = (0..<20).map { Span(name: "operation-\($0)") }
        var old: Set<String> = []
        while try #require(harness.surroundings.metric(bytes)) < 1_040_000 {
            _ = try await harness.send(.spans(spans, of: "old-\(old.count)"))
            old.insert("service.name=old-\(old.count)")
        }
        #expect(harness.surroundings.metric("apus_connector_span_metrics_evicted_resources") == 0)
        let start = harness.surroundings.clock.unixNanoseconds
        try await harness.advance(by: .seconds(1))
        // Each of the new ones takes less than an old one.
        var batch = Batch(signal: .traces)
        for number in 0..<10 { batch.append(.spans([Span()], of: "new-\(number)")) }
        _ = try await harness.send(batch)
        #expect(try #require(harness.surroundings.metric(bytes)) <= 1_048_576)
        let evicted = try #require(
            harness.surroundings.metric("apus_connector_span_metrics_evicted_resources"))
        #expect((1...10).contains(evicted))
        _ = try await harness.send(batch)
        let sent = harness.surroundings.clock.unixNanoseconds
        try await harness.advance(by: .seconds(59))
        let last = harness.sink(.metrics).batches.points.filter { $0.time > sent }
        let resources = Set(last.map { $0.resource })
        #expect(resources.count { old.contains($0) } == old.count - Int(evicted))
        #expect(resources.count { $0.contains("new-") } == 10)
        #expect(
            last.allSatisfy { $0.start == start || !old.contains($0.resource) },
            "what stays goes on where it began")
    }

    @Test func `a resource that comes back before it was written goes on`() throws {
        let bench = try Bench("{\(Self.calls), resource_metrics_cache_size: 1}")
        for service in ["a", "b", "a"] { bench.add(.spans([Span()], of: service)) }
        let points = bench.flush().points
        #expect(points.map { "\($0.resource) \($0.value ?? 0)" } == ["service.name=b 1"])
        bench.clock.advance(by: .seconds(60))
        #expect(bench.flush().points.map { "\($0.resource) \($0.value ?? 0)" } == ["service.name=a 2"])
    }

    @Test func `while nothing can be written new resources wait, and nothing that was counted is lost`()
        throws
    {
        let bench = try Bench("{\(Self.calls), resource_metrics_cache_size: 2}")
        for service in ["a", "b", "c", "d", "e"] { bench.add(.spans([Span()], of: service)) }
        #expect(bench.outcome.evicted == 2)
        #expect(bench.outcome.skipped == 1)
        bench.clock.advance(by: .seconds(60))
        let services = ["a", "b", "c", "d"].map { "service.name=\($0)" }
        #expect(bench.flush().points.map { $0.resource } == services)
    }
}

/// The series of a connector without the connector.
final class Bench {
    let clock = ManualClock()
    private let rules: SpanMetricsRules
    private var reader: SpanReader
    private var aggregate = SpanAggregate()
    private(set) var outcome = SpanAggregate.Outcome()

    init(_ yaml: String) throws {
        rules = try SpanMetricsRules(
            SpanMetricsConnector.Configuration.decode(yaml: yaml), instanceID: "")
        reader = SpanReader(rules) { 0.5 }
    }

    var isDue: Bool { aggregate.deadline(rules).map { $0 <= clock.now } ?? false }
    var byteCount: Int { aggregate.byteCount }

    func add(_ batch: Batch) {
        reader.read(batch) { block in
            let more = aggregate.add(block, rules, at: Moment(clock))
            outcome.skipped += more.skipped
            outcome.evicted += more.evicted
        }
    }

    func flush() -> [Batch] { aggregate.flush(rules, at: Moment(clock)) }
    func drain() -> [Batch] { aggregate.drain(rules, at: Moment(clock)) }
}
