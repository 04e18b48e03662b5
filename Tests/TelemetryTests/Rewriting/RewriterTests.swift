import Telemetry
import Testing
import Wire

@Suite struct RewriterTests {
    private static let everything: Places = [.resource, .scope, .metric, .record, .event, .link]

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `without a change the bytes stay the very same`(_ signal: Signal) throws {
        let whole = Sample.batch(signal, size: 3)
        var batch = whole
        let changed = batch.rewrite(Self.everything) { draft in
            _ = draft.has("http.method")
            draft.remove("absent")
            draft.update("absent", 1)
            _ = draft.attributes.count
        }
        #expect(!changed && batch.chunks.count == 1)
        let address = whole.chunks[0].bytes.withUnsafeBytes { $0.baseAddress }
        #expect(batch.chunks[0].bytes.withUnsafeBytes { $0.baseAddress } == address)
    }

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `every place is shown and can be changed`(_ signal: Signal) throws {
        var batch = Sample.batch(signal, size: 2)
        var shown = 0
        batch.rewrite(Self.everything) { draft in
            shown += 1
            draft.set("stamp", .int(Int64(shown)))
        }
        let again = try batch.validatedAgain()
        #expect(again.itemCount == Sample.batch(signal, size: 2).itemCount)
        var found: [String: Int] = [:]
        var count = 0
        batch.rewrite(Self.everything) { draft in
            count += 1
            if draft.has("stamp") { found["\(draft.kind)", default: 0] += 1 }
        }
        #expect(count == shown)
        let expected: [String: Int] =
            switch signal {
            case .traces: ["resource": 2, "scope": 4, "span": 8, "event": 8, "link": 8]
            case .metrics:
                [
                    "resource": 1, "scope": 1, "metric": 5, "numberPoint": 4, "histogramPoint": 2,
                    "exponentialHistogramPoint": 2, "summaryPoint": 2,
                ]
            default: ["resource": 1, "scope": 1, "logRecord": 2]
            }
        #expect(found == expected)
    }

    @Test func `attributes are set, inserted, updated, renamed and removed`() throws {
        var batch = Sample.traces(perScope: 1)
        batch.rewrite(.record) { draft in
            #expect(draft.attribute("http.method")?.string == "GET")
            draft.set("http.method", "PUT")
            #expect(draft.attribute("http.method")?.string == "PUT")
            #expect(!draft.insert("http.method", "POST"))
            #expect(draft.insert("new", 1))
            #expect(draft.update("new", "long enough to need other memory than before"))
            #expect(draft.rename("number", to: "renamed"))
            #expect(draft.removeAttributes { key, _ in key == "all" } == 1)
            #expect(draft.insert("gone", 1))
            #expect(draft.remove("gone") && !draft.remove("gone"))
            #expect(draft.attributes.map { $0.key } == ["http.method", "new", "renamed"])
        }
        let groups = try batch.validatedAgain().resourceSpans
        let span = try #require(groups.first?.scopes.first?.records.first)
        #expect(span.attributes.map { $0.key } == ["http.method", "new", "renamed"])
        #expect(span.attributes["http.method"]?.string == "PUT")
        if case .int(let number) = span.attributes["renamed"]?.content { #expect(number == -1) }
        #expect(span.status?.text == "broken" && span.events.count == 1 && span.flags == 0x101)
    }

    @Test func `fields are set and removed, and only with what is valid there`() throws {
        var batch = Sample.traces(perScope: 1)
        batch.rewrite(.record) { draft in
            #expect(draft.text(5) != "" && draft.unsigned(6) == 2)
            #expect(draft.setField(5, .text("renamed")))
            #expect(draft.text(5) == "renamed")
            #expect(draft.setField(6, .unsigned(3)) && draft.unsigned(6) == 3)
            #expect(draft.removeField(3) && !draft.hasField(3))
            #expect(draft.setField(15, .data(Bytes([0x18, 1]))))
            #expect(!draft.setField(15, .data(Bytes([0xFF]))))
            #expect(!draft.setField(1, .data(Bytes([1]))))
            #expect(!draft.setField(5, .unsigned(1)))
            #expect(!draft.setField(99, .unsigned(1)))
            #expect(draft.data(1).array == Sample.traceID.array)
            #expect(SpanView(draft.current).name == "renamed")
            #expect(SpanView(draft.original).name != "renamed")
        }
        let groups = try batch.validatedAgain().resourceSpans
        let span = try #require(groups.first?.scopes.first?.records.first)
        #expect(span.name == "renamed" && span.kind == 3 && span.traceState == "" && span.status?.code == 1)
    }

    @Test func `dropped records are gone and emptied scopes and resources with them`() throws {
        let whole = Sample.traces(perScope: 2)
        var batch = whole
        batch.rewrite(.record) { draft in
            if ["0", "1", "2", "4", "5", "6", "7"].contains(draft.text(5)) { draft.drop() }
        }
        #expect(batch.spanNames == ["3"] && batch.itemCount == 1)
        #expect(batch.resourceSpans.count == 1)
        #expect(batch.resourceSpans.first.map { $0.scopes.map { $0.scope.name } } == ["scope-1"])
        #expect(try batch.validatedAgain().itemCount == 1)
        batch.rewrite(.record) { $0.drop() }
        #expect(batch.itemCount == 0 && batch.chunks.isEmpty && batch.byteCount == 0)
    }

    @Test(arguments: [(Places.resource, 4), (.scope, 4), (.record, 4)])
    func `dropping a place counts what was inside`(_ place: Places, _ left: Int) throws {
        var batch = Sample.traces(perScope: 2)
        var shown = 0
        batch.rewrite(place) { draft in
            shown += 1
            if shown.isMultiple(of: 2) { draft.drop() }
        }
        #expect(batch.itemCount == left)
        #expect(try batch.validatedAgain().itemCount == left)
    }

    @Test func `metrics that lose their data points go, others keep theirs`() throws {
        var batch = Sample.metrics(points: 2)
        batch.rewrite([.metric, .record]) { draft in
            switch draft.kind {
            case .histogramPoint: draft.drop()
            case .metric where draft.text(1) == "summary": draft.drop()
            case .metric where draft.text(1) == "sum": draft.setField(1, .text("total"))
            case .numberPoint where draft.parent?.text(1) == "total":
                if draft.attribute("number").map({ "\($0.content)" }) == "int(0)" { draft.drop() }
            default: break
            }
        }
        #expect(batch.itemCount == 5)
        let again = try batch.validatedAgain()
        #expect(again.itemCount == 5)
        let scope = try #require(again.resourceMetrics.first?.scopes.first)
        #expect(scope.records.map { $0.name } == ["gauge", "total", "exponential"])
    }

    @Test func `what excludes a field goes when it is set`() throws {
        var batch = Sample.metrics(points: 2)
        batch.rewrite([.metric, .record]) { draft in
            if draft.kind == .numberPoint { #expect(draft.setField(6, .fixed64(77))) }
            if draft.kind == .metric, draft.text(1) == "summary" { #expect(draft.setField(5, .data(.empty))) }
        }
        #expect(batch.itemCount == 8)
        let scope = try #require(batch.validatedAgain().resourceMetrics.first?.scopes.first)
        var values: [NumberValue?] = []
        for metric in scope.records {
            if case .gauge(let points) = metric.content { values += points.map { $0.value } }
        }
        #expect(values == [.int(77), .int(77)])
    }

    @Test func `a resource that is missing or comes last can be changed`() throws {
        var missing = TracesBuilderWithoutHeaders.batch(resourceLast: false)
        missing.rewrite([.resource, .scope]) { $0.set("key", "value") }
        var last = TracesBuilderWithoutHeaders.batch(resourceLast: true)
        last.rewrite([.resource, .record]) { draft in
            if draft.kind == .span { #expect(draft.resource.has("key")) }
            draft.set("key", "changed")
        }
        for (batch, value) in [(missing, "value"), (last, "changed")] {
            let group = try #require(batch.validatedAgain().resourceSpans.first)
            #expect(group.resource.attributes["key"]?.string == value)
            #expect(group.scopes.count == 1 && group.message.fields.filter { $0.number == 1 }.count == 1)
        }
    }

    @Test func `unknown fields survive a change`() throws {
        var writer = Writer()
        let resource = writer.begin(1)
        writer.write(string: "resource", 900)
        let scope = writer.begin(2)
        let span = writer.begin(2)
        writer.write(string: "span", 902)
        writer.write(string: "name", 5)
        writer.end(span)
        writer.write(string: "scope", 901)
        writer.end(scope)
        writer.end(resource)
        writer.write(string: "root", 903)
        var batch = try Batch(validating: writer.finish(), as: .traces)
        batch.rewrite([.resource, .scope, .record]) { $0.set("key", 1) }
        let group = try #require(batch.validatedAgain().resourceSpans.first)
        let changed = try #require(group.scopes.first)
        #expect(group.message.text(900) == "resource" && changed.message.text(901) == "scope")
        #expect(changed.records.first?.message.text(902) == "span")
        #expect(WireMessage(batch.contiguous()).text(903) == "root")
    }

    @Test func `what is around a draft can be read and not changed`() {
        var batch = Sample.traces(perScope: 1)
        batch.rewrite(.record) { draft in
            #expect(draft.parent?.text(1).hasPrefix("scope-") == true)
            #expect(draft.resource.attribute("service.name")?.string?.hasPrefix("service-") == true)
            draft.parent?.set("key", 1)
            draft.resource.drop()
            #expect(
                draft.resource.insert("key", 1) == false && draft.parent?.setField(1, .text("x")) == false)
        }
        #expect(batch.itemCount == 4)
    }

    @Test func `several edits share a pass and see each other's work`() throws {
        struct Set: Edit {
            let places: Places = .record
            func edit(_ draft: Draft) { draft.set("first", "1") }
        }
        struct Filter: Edit {
            let places: Places = .record
            var dropped = 0
            mutating func edit(_ draft: Draft) {
                #expect(draft.attribute("first")?.string == "1")
                guard draft.text(5) == "0" else { return }
                dropped += 1
                draft.drop()
            }
        }
        struct Count: Edit {
            let places: Places = [.record, .resource]
            var shown = 0
            mutating func edit(_ draft: Draft) { shown += 1 }
        }
        var edits = EditList([Set(), Filter(), Count()])
        var batch = Sample.traces(perScope: 1)
        let changed = batch.rewrite(with: &edits)
        #expect(changed)
        #expect(batch.itemCount == 3)
        #expect((edits.edits[1] as? Filter)?.dropped == 1)
        #expect((edits.edits[2] as? Count)?.shown == 5)
        #expect(try batch.validatedAgain().itemCount == 3)
    }

    @Test func `only the chunks that change are copied`() {
        let untouched = Sample.traces(perScope: 1)
        var batch = untouched
        batch.append(Sample.traces(perScope: 2))
        var shown = 0
        batch.rewrite(.record) { draft in
            shown += 1
            if shown == 12 { draft.set("last", true) }
        }
        #expect(shown == 12 && batch.itemCount == 12)
        let address = untouched.chunks[0].bytes.withUnsafeBytes { $0.baseAddress }
        #expect(batch.chunks[0].bytes.withUnsafeBytes { $0.baseAddress } == address)
    }
}

/// Messages that builders do not write.
enum TracesBuilderWithoutHeaders {
    static func batch(resourceLast: Bool) -> Batch {
        var writer = Writer()
        let resource = writer.begin(1)
        let scope = writer.begin(2)
        writer.write(bytes: [0x2A, 1, 0x41], 2)
        writer.end(scope)
        if resourceLast {
            // Resource { key: "value" }
            let header = writer.begin(1)
            let attribute = writer.begin(1)
            writer.write(string: "key", 1)
            writer.write(bytes: [0x0A, 5] + Array("value".utf8), 2)
            writer.end(attribute)
            writer.end(header)
        }
        writer.end(resource)
        do {
            return try Batch(validating: writer.finish(), as: .traces)
        } catch {
            return Batch(signal: .traces)
        }
    }
}
