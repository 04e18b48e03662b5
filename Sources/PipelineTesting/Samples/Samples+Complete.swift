extension Samples {
    /// Attributes of every type there is.
    static let everyType: [(String, SampleValue)] = [
        ("text", .text("a\"b")), ("bool", .bool(true)), ("int", .int(-7)), ("double", .double(0.5)),
        ("list", .list([.text("x"), .int(1), .empty])),
        ("map", .map([("b", .double(2)), ("a", .data([1, 2]))])),
        ("data", .data([0xde, 0xad])), ("empty", .empty),
    ]

    /// A span with everything, and one with nothing but its name.
    static func completeSpans(in scope: inout SampleMessage) {
        scope.message(2) { span in
            span.data(1, traceID)
            span.data(2, spanID)
            span.text(3, "ot=th:0")
            span.data(4, Array(1...8))
            span.text(5, "checkout")
            span.number(6, 3)
            span.fixed64(7, start)
            span.fixed64(8, end)
            span.attributes(9, everyType)
            span.number(10, 1)
            span.message(11) { event in
                event.fixed64(1, end)
                event.text(2, "retry")
                event.attributes(3, [("attempt", .int(2))])
                event.number(4, 2)
            }
            span.number(12, 3)
            span.message(13) { link in
                link.data(1, traceID)
                link.data(2, spanID)
                link.text(3, "a=b")
                link.attributes(4, [("reason", .text("follows"))])
                link.number(5, 4)
                link.fixed32(6, 1)
            }
            span.number(14, 5)
            span.message(15) { status in
                status.text(2, "card refused")
                status.number(3, 2)
            }
            span.fixed32(16, 0x101)
        }
        scope.message(2) { $0.text(5, "bare") }
    }

    /// A log record with everything, and one with nothing but its body.
    static func completeRecords(in scope: inout SampleMessage) {
        scope.message(2) { record in
            record.fixed64(1, end)
            record.number(2, 17)
            record.text(3, "ERROR")
            record.message(5, SampleValue.map([("what", .text("disk")), ("left", .int(0))]).write)
            record.attributes(6, everyType)
            record.number(7, 1)
            record.fixed32(8, 1)
            record.data(9, traceID)
            record.data(10, spanID)
            record.fixed64(11, end)
            record.text(12, "disk.full")
        }
        scope.message(2) { $0.message(5, SampleValue.text("bare").write) }
    }

    /// Metrics of every kind: eight points in seven metrics, the last of which has no data at all.
    static func completeMetrics(in scope: inout SampleMessage) {
        metric("gauge", 5, in: &scope) { gauge in
            gauge.message(1) { numberPoint(&$0, isDouble: false) }
            gauge.message(1) { numberPoint(&$0, isDouble: true) }
        }
        metric("sum", 7, in: &scope) { sum in
            sum.message(1) { numberPoint(&$0, isDouble: false) }
            sum.number(2, 2)
            sum.number(3, 1)
        }
        metric("histogram", 9, in: &scope) { histogram in
            histogram.message(1, histogramPoint)
            histogram.message(1) { $0.fixed64(4, 0) }
            histogram.number(2, 1)
        }
        metric("exponential", 10, in: &scope) { histogram in
            histogram.message(1, exponentialPoint)
            histogram.number(2, 1)
        }
        metric("summary", 11, in: &scope) { summary in
            summary.message(1, summaryPoint)
            summary.message(1) { $0.fixed64(4, 0) }
        }
        scope.message(2) { $0.text(1, "nothing") }
    }

    private static func metric(
        _ name: String, _ field: Int, in scope: inout SampleMessage, _ fill: (inout SampleMessage) -> Void
    ) {
        scope.message(2) { metric in
            metric.text(1, name)
            metric.text(2, "A \(name).")
            metric.text(3, "By")
            metric.message(field, fill)
            metric.attributes(12, [("meta", .text("data"))])
        }
    }

    private static func numberPoint(_ point: inout SampleMessage, isDouble: Bool) {
        times(&point)
        if isDouble { point.double(4, 1.25) } else { point.fixed64(6, 42) }
        point.message(5) { exemplar(&$0, isDouble: isDouble) }
        point.attributes(7, [("zone", .text("a"))])
        point.number(8, 1)
    }

    private static func histogramPoint(_ point: inout SampleMessage) {
        times(&point)
        point.fixed64(4, 3)
        point.double(5, 4.5)
        point.packed(6, fixed: [1, 2])
        point.packed(7, fixed: [(1.5).bitPattern])
        point.message(8) { exemplar(&$0, isDouble: true) }
        point.attributes(9, [("zone", .text("a"))])
        point.number(10, 1)
        point.double(11, 0.5)
        point.double(12, 2.5)
    }

    private static func exponentialPoint(_ point: inout SampleMessage) {
        point.attributes(1, [("zone", .text("a"))])
        times(&point)
        point.fixed64(4, 5)
        point.double(5, 0.15)
        point.signed(6, 1)
        point.fixed64(7, 1)
        point.message(8) { buckets in
            buckets.signed(1, 1)
            buckets.packed(2, varints: [1, 1])
        }
        point.message(9) { buckets in
            buckets.signed(1, -1)
            buckets.packed(2, varints: [1, 1])
        }
        point.number(10, 1)
        point.message(11) { exemplar(&$0, isDouble: false) }
        point.double(12, -1.25)
        point.double(13, 2.5)
        point.double(14, 0.001)
    }

    private static func summaryPoint(_ point: inout SampleMessage) {
        times(&point)
        point.fixed64(4, 2)
        point.double(5, 30)
        point.message(6) { quantile in
            quantile.double(1, 0.99)
            quantile.double(2, 15)
        }
        point.attributes(7, [("zone", .text("a"))])
        point.number(8, 1)
    }

    private static func exemplar(_ exemplar: inout SampleMessage, isDouble: Bool) {
        exemplar.fixed64(2, end)
        if isDouble { exemplar.double(3, 15) } else { exemplar.fixed64(6, 15) }
        exemplar.data(4, spanID)
        exemplar.data(5, traceID)
        exemplar.attributes(7, [("attachment", .text("yes"))])
    }

    private static func times(_ point: inout SampleMessage) {
        point.fixed64(2, start)
        point.fixed64(3, end)
    }
}
