import Formats
import Telemetry
import Testing

/// What one message may cost, in work and in memory.
@Suite struct JaegerBoundsTests {
    typealias Sample = JaegerSample

    @Test(.timeLimit(.minutes(1)))
    func `a large process is looked up once, whatever spans are between those that it sent`() throws {
        let large: Sample.Tags = ["k": .text(String(repeating: "x", count: 8 << 20))]
        let spans = (0..<10_000).map { Sample.Span(id: UInt64($0 + 1), service: $0 % 2 == 0 ? nil : "own") }
        let groups = try Sample(tags: large, spans: spans).translated(.protobuf)
        let counts = groups.map { group in group.scopes.reduce(0) { $0 + $1.records.count } }
        #expect(counts == [5000, 5000])
        #expect(groups.map { $0.resource.attributes["service.name"]?.string } == ["shop", "own"])
    }

    @Test(arguments: Sample.Form.allCases)
    func `a process counts as often as it is written`(form: Sample.Form) throws {
        let large: Sample.Tags = ["k": .text(String(repeating: "x", count: 200_000))]
        let spans = (0..<5000).map { Sample.Span(tags: ["otel.scope.name": .text("scope \($0)")]) }
        let bytes = Sample(tags: large, spans: spans).encoded(form)
        // The process is written once for each 1024 scopes.
        let batch = try Sample.translate(bytes, form, limit: 1_600_000)
        #expect(batch.itemCount == 5000)
        #expect((1_000_000...1_600_000).contains(batch.byteCount))
        let error = #expect(throws: JaegerError.self) { try Sample.translate(bytes, form, limit: 800_000) }
        #expect(error?.reason == "the spans become larger than 800000 bytes as OTLP")
    }
}
