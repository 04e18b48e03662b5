import Telemetry
import Wire

/// Telemetry to test with: every message and every field of it.
enum Sample {
    static let traceID = Bytes((1...16).map { UInt8($0) })
    static let spanID = Bytes((1...8).map { UInt8($0) })

    /// Two resources of two scopes each with `perScope` spans, named "0", "1" and so on.
    static func traces(perScope: Int) -> Batch {
        var builder = TracesBuilder()
        var number = 0
        for resource in 0..<2 {
            builder.resource(schemaURL: "https://r/\(resource)") {
                $0.attribute("service.name", .string("service-\(resource)"))
            }
            for scope in 0..<2 {
                builder.scope("scope-\(scope)", version: "1", schemaURL: "https://s/\(scope)") {
                    $0.attribute("library", true)
                }
                for _ in 0..<perScope {
                    let name = "\(number)"
                    builder.span { span($0, name) }
                    number += 1
                }
            }
        }
        return builder.finish()
    }

    private static func span(_ span: SpanBuilder, _ name: String) {
        span.traceID(traceID)
        span.spanID(spanID)
        span.parentSpanID(spanID)
        span.traceState("a=b")
        span.name(name)
        span.kind(2)
        span.startTime(1)
        span.endTime(2)
        span.attribute("http.method", "GET")
        span.attribute("number", .int(-1))
        span.attribute("all", [1, 2.5, true, "text", .bytes([0xFF]), .keyValues([.init("k", .empty)])])
        span.droppedAttributes(3)
        span.event("event", time: 5, droppedAttributes: 1) { $0.attribute("grün", "€") }
        span.droppedEvents(4)
        span.link(traceID: traceID, spanID: spanID, traceState: "c=d", flags: 1) {
            $0.attribute("linked", true)
        }
        span.droppedLinks(5)
        span.status(2, message: "broken")
        span.flags(0x101)
    }

    /// One resource and scope with `count` records.
    static func logs(_ count: Int) -> Batch {
        var builder = LogsBuilder()
        builder.resource { $0.attribute("service.name", "logger") }
        builder.scope("scope")
        for number in 0..<count {
            builder.record { record in
                record.time(1)
                record.observedTime(2)
                record.severity(9, text: "INFO")
                record.body(.string("message \(number)"))
                record.attribute("number", .int(Int64(number)))
                record.droppedAttributes(1)
                record.flags(1)
                record.traceID(traceID)
                record.spanID(spanID)
                record.eventName("event")
            }
        }
        return builder.finish()
    }

    /// One resource and scope with a metric of each kind, each with `points` data points.
    static func metrics(points: Int) -> Batch {
        var builder = MetricsBuilder()
        builder.resource(schemaURL: "https://r") { $0.attribute("service.name", "measured") }
        builder.scope("scope")
        builder.gauge(.init("gauge", unit: "By", details: "bytes")) { gauge in
            for number in 0..<points { gauge.point { numberPoint($0, number) } }
        }
        builder.sum("sum", .cumulative, isMonotonic: true) { sum in
            for number in 0..<points { sum.point { numberPoint($0, number) } }
        }
        builder.histogram("histogram", .delta) { histogram in
            for _ in 0..<points { histogram.point(histogramPoint) }
        }
        builder.exponentialHistogram("exponential", .delta) { histogram in
            for _ in 0..<points { histogram.point(exponentialPoint) }
        }
        builder.summary("summary") { summary in
            for _ in 0..<points {
                summary.point { point in
                    point.time(2)
                    point.count(3)
                    point.sum(4)
                    point.quantile(0.5, 1)
                    point.quantile(0.9, 2)
                    point.attribute("key", "value")
                    point.flags(1)
                }
            }
        }
        return builder.finish()
    }

    private static func numberPoint(_ point: NumberPointBuilder, _ number: Int) {
        point.startTime(1)
        point.time(2)
        point.value(number.isMultiple(of: 2) ? .int(Int64(number)) : .double(Double(number)))
        point.attribute("number", .int(Int64(number)))
        point.flags(1)
        point.exemplar { exemplar in
            exemplar.time(3)
            exemplar.value(.double(1.5))
            exemplar.spanID(spanID)
            exemplar.traceID(traceID)
            exemplar.attribute("filtered", true)
        }
    }

    private static func histogramPoint(_ point: HistogramPointBuilder) {
        point.startTime(1)
        point.time(2)
        point.count(3)
        point.sum(4)
        point.buckets(counts: [1, 2], bounds: [0.5])
        point.min(0)
        point.max(9)
        point.attribute("key", "value")
        point.flags(0)
        point.exemplar { $0.value(.int(7)) }
    }

    private static func exponentialPoint(_ point: ExponentialHistogramPointBuilder) {
        point.time(2)
        point.count(3)
        point.sum(4)
        point.scale(-2)
        point.zeroCount(1)
        point.positive(offset: -1, counts: [1, 300])
        point.negative(offset: 1, counts: [])
        point.min(0)
        point.max(9)
        point.zeroThreshold(0.1)
        point.flags(0)
        point.attribute("key", "value")
        point.exemplar { $0.time(1) }
    }

    /// Something of each signal.
    static func batch(_ signal: Signal, size: Int) -> Batch {
        switch signal {
        case .traces: traces(perScope: size)
        case .metrics: metrics(points: size)
        case .logs, .profiles: logs(size)
        }
    }
}

extension Batch {
    /// The same telemetry after passing the door again.
    func validatedAgain() throws -> Batch { try Batch(validating: contiguous(), as: signal) }

    /// Names of all spans in order.
    var spanNames: [String] {
        resourceSpans.flatMap { $0.scopes.flatMap { $0.records.map { $0.name } } }
    }
}
