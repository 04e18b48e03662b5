import Telemetry
import Testing
import Wire

/// Spans of some traces of a chunk, written together.
@Suite struct SpanSelectionTests {
    /// Two resources of two scopes with `perScope` spans each, whose traces take turns.
    private static func batch(traces: Int, perScope: Int = 4, schema: Bool = true) -> Batch {
        var builder = TracesBuilder()
        var number = 0
        for resource in 0..<2 {
            builder.resource(schemaURL: schema ? "https://r/\(resource)" : "") {
                $0.attribute("service.name", .string("service-\(resource)"))
            }
            for scope in 0..<2 {
                builder.scope("scope-\(scope)", version: "1", schemaURL: schema ? "https://s" : "")
                for _ in 0..<perScope {
                    let (name, trace) = ("\(number)", UInt8(number % traces + 1))
                    builder.span { span in
                        span.traceID(Bytes(Array(repeating: trace, count: 16)))
                        span.spanID(Sample.spanID)
                        span.name(name)
                    }
                    number += 1
                }
            }
        }
        return builder.finish()
    }

    private func index(_ batch: Batch) throws -> SpanIndex { SpanIndex(of: try #require(batch.chunks.first)) }

    private func names(_ batch: Batch) -> [String] {
        batch.resourceSpans.flatMap { $0.scopes }.flatMap { $0.records }.map { "\($0.name)" }
    }

    @Test(arguments: [true, false])
    func `some traces of a chunk are written under one copy of what they share`(schema: Bool) throws {
        let whole = Self.batch(traces: 5, schema: schema)
        let portions = try index(whole).portions
        // Not in the order in which they stand in the chunk.
        var selection = SpanSelection(portions[3])
        selection.add(portions[0])
        let batch = selection.batch()
        let expected = names(whole).filter { name in Int(name).map { $0 % 5 == 3 || $0 % 5 == 0 } ?? false }
        #expect(names(batch) == expected && batch.itemCount == expected.count)
        #expect(selection.spanCount == expected.count)
        #expect(Array(selection.ordinals) == expected.compactMap { Int($0) })
        #expect(batch.resourceSpans.count == 2)
        #expect(batch.resourceSpans.map { $0.scopes.count } == [2, 2])
        #expect(batch.resourceSpans.map { $0.schemaURL } == whole.resourceSpans.map { $0.schemaURL })
        #expect(try batch.validatedAgain().itemCount == batch.itemCount)
    }

    @Test func `resources and scopes of which nothing is selected are left out`() throws {
        let whole = Self.batch(traces: 16)
        let portions = try index(whole).portions
        var selection = SpanSelection(portions[15])
        selection.add(portions[14])
        let batch = selection.batch()
        #expect(names(batch) == ["14", "15"])
        #expect(batch.resourceSpans.map { $0.scopes.count } == [1])
        #expect(batch.byteCount < portions[14].byteCount + portions[15].byteCount)
    }

    @Test func `all spans of a chunk are the chunk itself`() throws {
        let whole = Self.batch(traces: 3)
        let index = try index(whole)
        var selection = SpanSelection(index.portions[1])
        for place in [2, 0] { selection.add(index.portions[place]) }
        let batch = selection.batch()
        #expect(batch.chunks[0].bytes.array == whole.chunks[0].bytes.array)
        // Nothing is copied: asked again, it is the same memory.
        let places = [batch, selection.batch()].map { batch in
            batch.chunks[0].bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(places[0] == places[1])
        #expect(batch.itemCount == whole.itemCount)
    }

    @Test func `an index counts the memory that it keeps, and keeps no more than is held`() throws {
        var rest = Self.batch(traces: 3, perScope: 50)
        let large = try #require(rest.chunks.first)
        #expect(SpanIndex(of: large).memory > large.bytes.keptMemory)
        // Cut between its resources, nothing is copied: both parts keep all of the memory.
        let whole = rest.byteCount
        _ = rest.removeFirst(items: 100)
        _ = rest.removeFirst(items: 90)
        let small = try #require(rest.chunks.first)
        #expect(rest.itemCount == 10)
        #expect(small.bytes.trimmed.keptMemory < whole)
        #expect(SpanIndex(of: small).memory < whole)
    }
}
