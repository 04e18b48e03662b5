import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Wire

@testable import Processors

/// A span as a test writes it; times are milliseconds.
struct Span: Sendable {
    var trace = 1
    var name = "span"
    var start: UInt64 = 1000
    var end: UInt64 = 1000
    var status = 0
    var attributes: Attributes = [:]
    var state = ""
    var flags: UInt32 = 0
    var isRoot = false
    var events: [(name: String, attributes: Attributes)] = []

    static func id(_ trace: Int) -> Bytes {
        Bytes((0..<16).map { UInt8(truncatingIfNeeded: trace &>> (8 * (15 - $0))) })
    }

    func write(to span: SpanBuilder, number: Int) {
        span.traceID(Self.id(trace))
        span.spanID(Bytes((0..<8).map { UInt8(truncatingIfNeeded: (number + 1) &>> (8 * (7 - $0))) }))
        if !state.isEmpty { span.traceState(state) }
        if !isRoot { span.parentSpanID(Bytes([1, 2, 3, 4, 5, 6, 7, 8])) }
        span.name(name)
        span.startTime(start * 1_000_000)
        span.endTime(end * 1_000_000)
        span.write(attributes)
        for event in events {
            span.event(event.name, time: 1) { $0.write(event.attributes) }
        }
        if status > 0 { span.status(status) }
        if flags > 0 { span.flags(flags) }
    }
}

extension Batch {
    /// Spans in one resource and one scope.
    static func spans(_ spans: [Span], resource: Attributes = [:], scope: String = "test") -> Batch {
        var builder = TracesBuilder()
        builder.resource { $0.write(resource) }
        builder.scope(scope)
        for (number, span) in spans.enumerated() { builder.span { span.write(to: $0, number: number) } }
        return builder.finish()
    }

    static func span(_ trace: Int, root: Bool = false) -> Batch {
        spans([Span(trace: trace, isRoot: root)])
    }

    /// The last byte of the trace of each span.
    var traceNumbers: [Int] { spans.map { span in Int(span.traceID[15]) } }
}

extension [Batch] {
    var spans: [SpanView] { flatMap { $0.spans } }
    var traceNumbers: [Int] { flatMap { $0.traceNumbers } }
}

extension StepHarness<TailSampling> {
    /// A sampler with some keys and policies, each in one line of YAML.
    init(_ settings: String = "", policies: [String], in surroundings: Harness = Harness(), lane: Int = 0)
        throws
    {
        let list = policies.map { "  - \($0)" }.joined(separator: "\n")
        let yaml = "\(settings)\npolicies:\n\(list)"
        let configuration = try TailSampling.Configuration.decode(yaml: yaml)
        let context = surroundings.context(.processor, TailSampling.name)
        self.init(try TailSampling(configuration, in: context, lane: lane), in: surroundings)
    }

    /// Whether one trace is sampled.
    mutating func samples(_ batches: Batch...) throws -> Bool {
        var passed: [Batch] = []
        for batch in batches { passed += try send(batch) }
        passed += drain()
        let items = batches.reduce(0) { $0 + $1.itemCount }
        let count = passed.reduce(0) { $0 + $1.itemCount }
        precondition(count == 0 || count == items, "a part of the trace was sampled")
        return count > 0
    }
}

/// Somebody who waits for spans, and what it is told.
final class Waiter: Claimant {
    let goal: ClaimGoal
    let told: @Sendable (Int, ClaimRetry) -> Void
    let released: @Sendable () -> Void

    init(
        _ goal: ClaimGoal, released: @escaping @Sendable () -> Void = {},
        told: @escaping @Sendable (Int, ClaimRetry) -> Void = { _, _ in }
    ) {
        self.goal = goal
        self.told = told
        self.released = released
    }

    deinit { released() }

    func missed(_ items: Int, reason: String, retry: ClaimRetry) { told(items, retry) }
}
