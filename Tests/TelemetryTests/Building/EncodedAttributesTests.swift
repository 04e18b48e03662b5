import Telemetry
import Testing
import Wire

@Suite struct EncodedAttributesTests {
    @Test func `a list is written into every kind of message as its attributes`() throws {
        let long = String(repeating: "x", count: 300)
        let values: [(String, AttributeValue)] = [
            ("text", "grüße"), ("empty", ""), ("long", .string(long)), ("int", -7), ("double", 0.5),
            ("bool", true), ("none", .empty), ("list", ["a", 1]), (long, "a long key"),
        ]
        var list = EncodedAttributes()
        for (key, value) in values { list.append(AttributeKey(key), value) }
        var builder = MetricsBuilder()
        builder.resource { $0.attributes(list) }
        builder.scope("scope") { $0.attributes(list) }
        builder.sum("sum", .delta, isMonotonic: true) { $0.point { $0.attributes(list) } }
        builder.histogram("histogram", .delta) { $0.point { $0.attributes(list) } }
        builder.exponentialHistogram("exponential", .delta) { $0.point { $0.attributes(list) } }
        let batch = try Batch(validating: builder.finish().contiguous(), as: .metrics)
        let group = try #require(batch.resourceMetrics.first)
        let scope = try #require(group.scopes.first)
        var found = [Array(group.resource.attributes), Array(scope.scope.attributes)]
        for metric in scope.records {
            switch metric.content {
            case .sum(let points, _, _): found += points.map { Array($0.attributes) }
            case .histogram(let points, _): found += points.map { Array($0.attributes) }
            case .exponentialHistogram(let points, _): found += points.map { Array($0.attributes) }
            case .empty, .gauge, .summary: Issue.record("there is no such metric")
            }
        }
        #expect(found.count == 5)
        for attributes in found {
            #expect(attributes.map { $0.key } == values.map { $0.0 })
            #expect(attributes.map { AttributeValue.encoded($0.value) } == values.map { $0.1 })
        }
    }

    @Test func `what is lent is added as it is`() {
        var builder = TracesBuilder()
        builder.resource { $0.attribute("a", 1) }
        builder.span { span in
            span.name("name")
            span.attribute("b", ["x"])
        }
        var batch = builder.finish()
        var (lent, made) = (EncodedAttributes(), EncodedAttributes())
        batch.rewrite([.resource, .record]) { draft in
            draft.forEachAttribute { lent.append(key: $0, $1) }
            _ = draft.withAttribute("b") { lent.append("c", $0) }
            if draft.kind == .span { draft.withData(5) { lent.append("d", text: $0) } }
        }
        made.append("a", 1)
        made.append("b", ["x"])
        made.append("c", ["x"])
        made.append("d", "name")
        #expect(lent == made)
        #expect(EncodedAttributes(lent.bytes) == made)
        lent.removeAll()
        #expect(lent.isEmpty)
    }
}
