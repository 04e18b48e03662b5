public import Telemetry
public import Wire

/// Small batches with known content.
public enum Samples {
    /// 2020-02-11T20:26:12.000000321Z, when everything in the samples begins.
    public static let start: UInt64 = 1_581_452_772_000_000_321
    /// 2020-02-11T20:26:13.000000789Z, when everything in the samples ends.
    public static let end: UInt64 = 1_581_452_773_000_000_789

    static let traceID: [UInt8] = Array(1...16)
    static let spanID: [UInt8] = Array(17...24)

    /// One resource with one scope and some records, which are called `item-0`, `item-1` and so on.
    public static func batch(
        _ signal: Signal, items: Int = 3, service: String = "shop"
    ) throws(InvalidTelemetry) -> Batch {
        try Batch(validating: bytes(signal, items: items, service: service), as: signal)
    }

    /// The same as wire bytes: one `Export…ServiceRequest`.
    public static func bytes(_ signal: Signal, items: Int = 3, service: String = "shop") -> Bytes {
        let message = SampleMessage { request in
            request.message(1) { resource in
                resource.message(1) { $0.attributes(1, [("service.name", .text(service))]) }
                resource.message(2) { scope in
                    scope.message(1) { $0.text(1, "sample") }
                    records(of: signal, items, in: &scope)
                }
            }
        }
        return Bytes(message.bytes)
    }

    /// Every field that the data model has for the signal, set to something; the number of items is
    /// `completeItemCount`.
    public static func complete(_ signal: Signal) throws(InvalidTelemetry) -> Batch {
        try Batch(validating: completeBytes(signal), as: signal)
    }

    /// How many items `complete` has.
    public static func completeItemCount(_ signal: Signal) -> Int {
        switch signal {
        case .traces: 2
        case .metrics: 8
        case .logs: 2
        case .profiles: 2
        }
    }

    /// The same as wire bytes.
    public static func completeBytes(_ signal: Signal) -> Bytes {
        let message = SampleMessage { request in
            request.message(1) { resource in
                resource.message(1, completeResource)
                resource.message(2) { scope in
                    scope.message(1, completeScope)
                    switch signal {
                    case .traces: completeSpans(in: &scope)
                    case .metrics: completeMetrics(in: &scope)
                    case .logs: completeRecords(in: &scope)
                    case .profiles: records(of: .profiles, 2, in: &scope)
                    }
                    scope.text(3, "https://scope.example/1.0")
                }
                resource.text(3, "https://resource.example/1.0")
            }
        }
        return Bytes(message.bytes)
    }

    private static func completeResource(_ resource: inout SampleMessage) {
        resource.attributes(1, [("service.name", .text("shop")), ("host.cpus", .int(2))])
        resource.number(2, 1)
        resource.message(3) { entity in
            entity.text(1, "https://entity.example/1.0")
            entity.text(2, "service")
            entity.text(3, "service.name")
            entity.text(4, "host.cpus")
        }
    }

    private static func completeScope(_ scope: inout SampleMessage) {
        scope.text(1, "sample")
        scope.text(2, "1.2.3")
        scope.attributes(3, [("scope.kind", .text("test"))])
        scope.number(4, 2)
    }

    /// Plain records, one after another.
    private static func records(of signal: Signal, _ count: Int, in scope: inout SampleMessage) {
        switch signal {
        case .traces: for index in 0..<count { scope.message(2) { span(index, &$0) } }
        case .logs: for index in 0..<count { scope.message(2) { record(index, &$0) } }
        case .metrics:
            scope.message(2) { metric in
                metric.text(1, "sample.gauge")
                metric.text(3, "1")
                metric.message(5) { gauge in
                    for index in 0..<count { gauge.message(1) { point(index, &$0) } }
                }
            }
        case .profiles:
            scope.message(2) { profile in
                for index in 0..<count { profile.message(2) { $0.packed(4, varints: [UInt64(index)]) } }
                profile.fixed64(3, start)
                profile.number(4, 1_000_000_000)
                profile.data(7, traceID)
            }
        }
    }

    private static func span(_ index: Int, _ span: inout SampleMessage) {
        span.data(1, traceID)
        span.data(2, spanID.dropLast() + [UInt8(truncatingIfNeeded: index)])
        span.text(5, "item-\(index)")
        span.number(6, 2)
        span.fixed64(7, start)
        span.fixed64(8, end)
        span.attributes(9, [("index", .int(index))])
    }

    private static func record(_ index: Int, _ record: inout SampleMessage) {
        record.fixed64(1, end)
        record.number(2, 9)
        record.message(5, SampleValue.text("item-\(index)").write)
        record.attributes(6, [("index", .int(index))])
    }

    private static func point(_ index: Int, _ point: inout SampleMessage) {
        point.fixed64(3, end)
        point.fixed64(6, UInt64(index))
        point.attributes(7, [("item", .text("item-\(index)"))])
    }
}
