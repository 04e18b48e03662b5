import Pipeline
import PipelineTesting
import Processors
import Settings
import Telemetry
import Wire

/// Tail sampling: traces of eight spans that do not stand together, of which about a tenth is kept.
enum TailSamplingCases {
    static let policies: [Cases.Case] = [
        ("one policy", "policies: [\(errors)]"),
        ("five policies", "policies: [\(errors), \(slow), \(health), \(route), \(some)]"),
        (
            "five policies, one of them OTTL",
            "policies: [\(errors), \(slow), \(health), \(route), \(condition)]"
        ),
    ]

    private static let errors = "{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}"
    private static let slow = "{name: slow, type: latency, latency: {threshold_ms: 1000}}"
    private static let health =
        "{name: health, type: drop, drop: {drop_sub_policy: [{name: path, type: string_attribute, "
        + "string_attribute: {key: url.path, values: ['^/health', '^/metrics'], "
        + "enabled_regex_matching: true}}]}}"
    private static let route =
        "{name: status, type: numeric_attribute, numeric_attribute: {key: http.response.status_code, "
        + "min_value: 500}}"
    private static let some = "{name: some, type: probabilistic, probabilistic: {sampling_percentage: 5}}"
    private static let condition =
        "{name: method, type: ottl_condition, ottl_condition: "
        + #"{span: ['attributes["http.request.method"] == "PUT"']}}"#

    private static let spansOfTrace = 8
    private static let tracesOfBatch = 64
    /// So many that a trace is forgotten before its id comes again.
    private static let batchCount = 64

    static func step(_ yaml: String) throws -> AnyStep {
        let harness = Harness()
        let configuration = try TailSampling.Configuration.decode(
            yaml: "{decision_wait: 1s, num_traces: 2000, \(yaml)}")
        var step = try TailSampling(configuration, in: harness.context(.processor, TailSampling.name))
        let batches = (0..<batchCount).map { batch($0) }
        var turn = 0
        return { _ in
            var output = Output()
            try step.take(batches[turn % batchCount], into: &output)
            turn += 1
            harness.clock.advance(by: .milliseconds(100))
            if let due = step.deadline, due <= harness.clock.now { step.release(into: &output) }
            return output.batches.reduce(0) { $0 + $1.itemCount }
        }
    }

    /// A request with 512 spans, of which those of a trace do not stand together.
    private static func batch(_ number: Int) -> Batch {
        var builder = TracesBuilder(capacity: 1 << 18)
        builder.resource { $0.attribute("service.name", "shop") }
        builder.scope("scope")
        for index in 0..<(tracesOfBatch * spansOfTrace) {
            let trace = number * tracesOfBatch + index % tracesOfBatch
            builder.span { span in
                span.traceID(
                    Bytes((0..<16).map { UInt8(truncatingIfNeeded: (trace &* 0x9E37_79B1) &>> ($0 * 4)) }))
                span.spanID(Bytes((0..<8).map { UInt8(truncatingIfNeeded: index &* 3 &+ $0) }))
                if index >= tracesOfBatch { span.parentSpanID(Bytes([1, 2, 3, 4, 5, 6, 7, 8])) }
                span.name("GET /items/{id}")
                span.kind(2)
                span.startTime(1_700_000_000_000_000_000)
                span.endTime(1_700_000_000_005_000_000)
                span.attribute("http.request.method", "GET")
                span.attribute("url.path", "/items/123")
                span.attribute("http.response.status_code", 200)
                span.attribute("server.address", "shop.example.com")
                span.attribute("server.port", 443)
                span.attribute("user_agent.original", "Mozilla/5.0 (X11; Linux)")
                span.attribute("client.address", "10.1.2.3")
                span.attribute("network.protocol.version", "1.1")
                if trace % 20 == 0, index < tracesOfBatch { span.status(2) }
            }
        }
        return builder.finish()
    }
}
