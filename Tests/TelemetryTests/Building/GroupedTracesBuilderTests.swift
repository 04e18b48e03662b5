import Telemetry
import Testing
import Wire

@Suite struct GroupedTracesBuilderTests {
    private func resource(_ name: String, size: Int = 0) -> EncodedAttributes {
        EncodedAttributes {
            $0.attribute("service.name", .string(name))
            if size > 0 { $0.attribute("k", .string(String(repeating: "x", count: size))) }
        }
    }

    @Test func `spans without a resource have the one that was named last, in every chunk`() throws {
        var builder = GroupedTracesBuilder()
        for common in ["a", "b"] {
            builder.begin(resource(common))
            for number in 0..<1500 {
                let scope = EncodedScope(name: Bytes(utf8: "scope \(number)"))
                builder.span(in: scope) { $0.name(common) }
                builder.span(of: resource("own"), in: EncodedScope()) { $0.name("own") }
            }
        }
        let batch = builder.finish()
        #expect(batch.itemCount == 6000)
        #expect(batch.chunks.count > 2)
        for group in batch.resourceSpans {
            let service = group.resource.attributes["service.name"]?.string
            for scope in group.scopes { for span in scope.records { #expect(span.name == service) } }
        }
        #expect(try Batch(validating: batch.contiguous(), as: .traces).itemCount == 6000)
    }

    @Test func `a span of no resource at all has one without attributes`() {
        var builder = GroupedTracesBuilder()
        builder.span(in: EncodedScope()) { $0.name("n") }
        let group = builder.finish().resourceSpans.first
        #expect(group?.resource.attributes.first == nil)
        #expect(group?.scopes.first?.records.first?.name == "n")
    }

    @Test(arguments: [1, 1023, 1024, 3000])
    func `what is counted is what is written, resources and scopes too`(scopes: Int) {
        var builder = GroupedTracesBuilder()
        builder.begin(resource("common", size: 50_000))
        for number in 0..<scopes {
            let scope = EncodedScope(name: Bytes(utf8: "a scope with number \(number)"))
            builder.span(in: scope) { $0.name("n") }
            if number % 100 == 0 {
                builder.span(of: resource("own \(number)", size: 1000), in: scope) { $0.name("n") }
            }
        }
        let counted = builder.byteCount
        let written = builder.finish().byteCount
        #expect(written >= 50_000 * ((scopes + 1023) / 1024))
        #expect(abs(written - counted) <= 20 * 1024)
    }
}
