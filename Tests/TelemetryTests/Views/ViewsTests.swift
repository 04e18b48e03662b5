import Telemetry
import Testing
import Wire

@Suite struct ViewsTests {
    @Test func `every field of a span can be read`() throws {
        let group = try #require(Sample.traces(perScope: 1).resourceSpans.first)
        #expect(group.schemaURL == "https://r/0")
        #expect(group.resource.attributes["service.name"]?.string == "service-0")
        let scope = try #require(Array(group.scopes).last)
        #expect(scope.scope.name == "scope-1" && scope.scope.version == "1")
        #expect(scope.schemaURL == "https://s/1")
        let span = try #require(Array(scope.records).first)
        #expect(span.traceID.array == Sample.traceID.array)
        #expect(span.spanID.array == Sample.spanID.array && span.parentSpanID.array == Sample.spanID.array)
        #expect(span.traceState == "a=b" && span.name == "1" && span.kind == 2)
        #expect(span.startTime == 1 && span.endTime == 2 && span.flags == 0x101)
        #expect(span.droppedAttributesCount == 3 && span.droppedEventsCount == 4)
        #expect(span.droppedLinksCount == 5)
        #expect(span.status?.code == 2 && span.status?.text == "broken")
        let event = try #require(Array(span.events).first)
        #expect(event.name == "event" && event.time == 5 && event.droppedAttributesCount == 1)
        #expect(event.attributes["grün"]?.string == "€")
        let link = try #require(Array(span.links).first)
        #expect(link.traceState == "c=d" && link.flags == 1 && link.traceID.count == 16)
    }

    @Test func `every kind of value can be read`() throws {
        let groups = Sample.traces(perScope: 1).resourceSpans
        let span = try #require(groups.first?.scopes.first?.records.first)
        guard case .array(let values) = span.attributes["all"]?.content else {
            Issue.record("not an array")
            return
        }
        var kinds: [String] = []
        for value in values {
            switch value.content {
            case .int(let value): kinds.append("int \(value)")
            case .double(let value): kinds.append("double \(value)")
            case .bool(let value): kinds.append("bool \(value)")
            case .string(let value): kinds.append("string \(value)")
            case .bytes(let value): kinds.append("bytes \(value.array)")
            case .keyValues(let pairs):
                kinds.append("pairs \(pairs.map { $0.key })")
                if case .empty = pairs["k"]?.content { kinds.append("empty") }
            default: kinds.append("other")
            }
        }
        #expect(
            kinds == [
                "int 1", "double 2.5", "bool true", "string text", "bytes [255]", "pairs [\"k\"]", "empty",
            ])
        if case .int(let number) = span.attributes["number"]?.content { #expect(number == -1) }
    }

    @Test func `every field of a log record can be read`() throws {
        let record = try #require(
            Sample.logs(1).resourceLogs.first?.scopes.first?.records.first)
        #expect(record.time == 1 && record.observedTime == 2 && record.severityNumber == 9)
        #expect(record.severityText == "INFO" && record.body?.string == "message 0")
        #expect(record.droppedAttributesCount == 1 && record.flags == 1 && record.eventName == "event")
        #expect(record.traceID.count == 16 && record.spanID.count == 8 && record.attributes.count == 1)
    }

    @Test func `every field of data points can be read`() throws {
        let scope = try #require(Sample.metrics(points: 2).resourceMetrics.first?.scopes.first)
        let metrics = Array(scope.records)
        #expect(metrics.map { $0.name } == ["gauge", "sum", "histogram", "exponential", "summary"])
        #expect(metrics[0].unit == "By" && metrics[0].details == "bytes")
        guard case .gauge(let numbers) = metrics[0].content,
            case .sum(_, let temporality, let isMonotonic) = metrics[1].content,
            case .histogram(let histogram, _) = metrics[2].content,
            case .exponentialHistogram(let exponential, _) = metrics[3].content,
            case .summary(let summary) = metrics[4].content
        else {
            Issue.record("a metric of another kind")
            return
        }
        #expect(numbers.map { $0.value } == [.int(0), .double(1)])
        let exemplar = try #require(numbers.first?.exemplars.first)
        #expect(exemplar.time == 3 && exemplar.value == .double(1.5) && exemplar.traceID.count == 16)
        #expect(exemplar.filteredAttributes.count == 1)
        #expect(temporality == 2 && isMonotonic)
        let bars = try #require(histogram.first)
        #expect(bars.bucketCounts == [1, 2] && bars.explicitBounds == [0.5] && bars.sum == 4)
        #expect(bars.min == 0 && bars.max == 9 && bars.count == 3 && bars.startTime == 1 && bars.time == 2)
        let curve = try #require(exponential.first)
        #expect(curve.scale == -2 && curve.zeroCount == 1 && curve.zeroThreshold == 0.1)
        #expect(curve.positive?.offset == -1 && curve.positive?.bucketCounts == [1, 300])
        #expect(curve.negative?.offset == 1 && curve.negative?.bucketCounts == [])
        let quantiles = try #require(summary.first).quantiles
        #expect(quantiles.map { $0.quantile } == [0.5, 0.9] && quantiles.map { $0.value } == [1, 2])
    }

    @Test func `of a field that occurs twice the last counts`() {
        let message = WireMessage(Bytes([0x08, 1, 0x08, 2]))
        #expect(message.unsigned(1) == 2)
        #expect(message.fields.map { $0.number } == [1, 1])
    }

    @Test func `views of other signals are empty`() {
        #expect(Sample.logs(1).resourceSpans.isEmpty && Sample.logs(1).resourceMetrics.isEmpty)
        #expect(Sample.traces(perScope: 1).resourceLogs.isEmpty)
    }
}
