import Formats
import Telemetry
import Testing
import Wire

/// What becomes of spans, the same in all three forms: the rules of otelcol-contrib's pkg/translator/jaeger.
@Suite struct JaegerTranslationTests {
    typealias Sample = JaegerSample

    /// The one span that becomes of one.
    private static func span(_ span: Sample.Span, _ form: Sample.Form) throws -> SpanView {
        let groups = try Sample(spans: [span]).translated(form)
        let scopes = groups.flatMap { Array($0.scopes) }
        #expect(groups.count == 1 && scopes.count == 1)
        return try #require(scopes.first?.records.first)
    }

    /// Attributes in their order, as text with the type of the value.
    private static func text(_ attributes: Messages<KeyValueView>) -> [String] {
        attributes.map { pair in
            let value =
                switch pair.value.content {
                case .string(let text): "'\(text)'"
                case .bytes(let bytes): "\(bytes.array)"
                default: pair.value.text
                }
            return "\(pair.key)=\(value)"
        }
    }

    @Test(arguments: Sample.Form.allCases)
    func `ids, name and times are those of the span`(form: Sample.Form) throws {
        let found = try Self.span(
            .init(trace: (0xA1, .max), id: 0xB2, name: "get", flags: 3, start: 1_600_000_000_123_456), form)
        #expect(Hexadecimal.text(of: found.traceID.array) == "00000000000000a1ffffffffffffffff")
        #expect(Hexadecimal.text(of: found.spanID.array) == "00000000000000b2")
        #expect(found.parentSpanID.isEmpty)
        #expect(found.name == "get" && found.kind == 0 && found.flags == 1 && found.status == nil)
        #expect(found.startTime == 1_600_000_000_123_456_000 && found.endTime == 1_600_000_000_123_956_000)
        let small = try Self.span(.init(trace: (0, 7), flags: 2), form)
        #expect(Hexadecimal.text(of: small.traceID.array) == "00000000000000000000000000000007")
        #expect(small.flags == 0)
    }

    @Test(arguments: Sample.Form.allCases)
    func `times that OTLP does not have are the next one it has`(form: Sample.Form) throws {
        let before = try Self.span(.init(start: -5_000_000, duration: 1), form)
        #expect(before.startTime == 0 && before.endTime == 0)
        let after = try Self.span(.init(start: .max, duration: .max), form)
        #expect(after.startTime > 1 << 62 && after.endTime > 1 << 62)
    }

    @Test(arguments: Sample.Form.allCases)
    func `tags of all types become attributes, of equal keys the last value counts`(form: Sample.Form) throws
    {
        let found = try Self.span(
            .init(tags: [
                "text": .text("grüße"), "yes": .bool(true), "int": .int(.min), "double": .double(0.25),
                "bytes": .binary([1, 255]), "text": .int(5), "no": .bool(false), "": .text(""),
            ]), form)
        #expect(
            Self.text(found.attributes) == [
                "text=5", "yes=true", "int=\(Int64.min)", "double=0.25", "bytes=[1, 255]", "no=false", "=''",
            ])
        let pairs = Sample.Tags((0..<100).map { ("key\($0 % 50)", .int(Int64($0))) })
        let folded = try Self.span(.init(tags: pairs, logs: [.init(1, pairs), .init(2, pairs)]), form)
        let expected = (0..<50).map { "key\($0)=\($0 + 50)" }
        #expect(Self.text(folded.attributes) == expected)
        #expect(folded.events.map { Self.text($0.attributes) } == [expected, expected])
    }

    @Test(arguments: Sample.Form.allCases)
    func `a tag of a type that does not exist says so`(form: Sample.Form) throws {
        let found = try Self.span(.init(tags: ["odd": .unknown]), form)
        let type = form == .protobuf ? "9" : "<UNSET>"
        #expect(Self.text(found.attributes) == ["odd='<Unknown Jaeger TagType \"\(type)\">'"])
    }

    @Test(
        arguments: Sample.Form.allCases,
        [("internal", 1), ("server", 2), ("client", 3), ("producer", 4), ("consumer", 5), ("Server", 0)])
    func `the kind is a tag`(form: Sample.Form, kind: (String, Int)) throws {
        let found = try Self.span(.init(tags: ["span.kind": .text(kind.0), "a": .int(1)]), form)
        #expect(found.kind == kind.1)
        #expect(Self.text(found.attributes) == ["a=1"])
    }

    @Test(arguments: Sample.Form.allCases)
    func `trace state and scope are tags`(form: Sample.Form) throws {
        let spans: [Sample.Span] = [
            .init(id: 1, tags: ["w3c.tracestate": .text("a=b"), "otel.scope.name": .text("lib")]),
            .init(id: 2),
            .init(id: 3, tags: ["otel.scope.name": .text("lib"), "otel.scope.version": .text("2")]),
            .init(id: 4, tags: ["otel.scope.name": .text("lib"), "x": .int(1)]),
            .init(id: 5, tags: ["otel.library.name": .text("lib"), "otel.library.version": .text("2")]),
            .init(id: 6, tags: ["otel.scope.version": .text("2")]),
        ]
        let groups = try Sample(spans: spans).translated(form)
        #expect(groups.count == 1)
        let found = groups.flatMap { Array($0.scopes) }.map { scope in
            "\(scope.scope.name) \(scope.scope.version) \(scope.records.map { $0.spanID.array.last ?? 0 })"
        }
        #expect(found == ["lib  [1, 4]", "  [2, 6]", "lib 2 [3, 5]"])
        let first = try #require(groups.first?.scopes.first?.records.first)
        #expect(first.traceState == "a=b" && first.attributes.count == 0)
        let last = try Self.span(spans[5], form)
        #expect(Self.text(last.attributes) == ["otel.scope.version='2'"])
    }

    @Test(arguments: Sample.Form.allCases)
    func `logs become events, named after their field event`(form: Sample.Form) throws {
        let found = try Self.span(
            .init(logs: [
                .init(7, ["event": .text("retry"), "n": .int(1)]), .init(8, ["message": .text("m")]),
                .init(9, [:]),
                .init(10, ["event": .int(4)]),
            ]), form)
        #expect(found.events.map { $0.name } == ["retry", "", "", ""])
        #expect(found.events.map { $0.time } == [7000, 8000, 9000, 10_000])
        #expect(found.events.map { Self.text($0.attributes) } == [["n=1"], ["message='m'"], [], []])
    }

    @Test(arguments: Sample.Form.allCases)
    func `references become the parent and links`(form: Sample.Form) throws {
        func links(_ span: SpanView) -> [String] {
            span.links.map { link in
                let ids = "\(link.traceID.array.last ?? 0)/\(link.spanID.array.last ?? 0)"
                return "\(ids) \(Self.text(link.attributes).joined())"
            }
        }
        let child = try Self.span(
            .init(references: [
                .init(id: 9, kind: 1), .init(trace: (1, 5), id: 8), .init(id: 4), .init(id: 6),
            ]), form)
        #expect(child.parentSpanID.array.last == 4)
        #expect(
            links(child) == [
                "2/9 opentracing.ref_type='follows_from'", "5/8 opentracing.ref_type='child_of'",
                "2/6 opentracing.ref_type='child_of'",
            ])
        let follower = try Self.span(
            .init(references: [.init(trace: (9, 9), id: 1, kind: 1), .init(id: 4, kind: 1)]), form)
        #expect(follower.parentSpanID.array.last == 4 && follower.links.count == 2)
        let stranger = try Self.span(.init(references: [.init(trace: (9, 9), id: 1)]), form)
        #expect(stranger.parentSpanID.isEmpty && stranger.links.count == 1)
    }

    @Test(arguments: [Sample.Form.thriftBinary, .thriftCompact])
    func `a parent that Thrift names comes before references`(form: Sample.Form) throws {
        let found = try Self.span(.init(parent: 0xFF, references: [.init(id: 4), .init(id: 0xFF)]), form)
        #expect(found.parentSpanID.array.last == 0xFF)
        #expect(found.links.map { $0.spanID.array.last } == [4])
    }

    @Test(arguments: Sample.Form.allCases)
    func `the process becomes the resource`(form: Sample.Form) throws {
        func resource(_ sample: Sample) throws -> [String] {
            var sample = sample
            sample.spans = [.init()]
            return Self.text(try #require(try sample.translated(form).first).resource.attributes)
        }
        let tags: Sample.Tags = [
            "hostname": .text("h"), "ip": .text("::1"), "jaeger.version": .text("Go-2"), "n": .int(1),
        ]
        #expect(
            try resource(Sample(tags: tags)) == [
                "service.name='shop'", "ip='::1'", "n=1", "host.name='h'",
                "opencensus.exporterversion='Jaeger-Go-2'",
            ])
        #expect(
            try resource(
                Sample(service: "", tags: ["hostname": .text("a"), "host.name": .text("b")]))
                == ["hostname='a'", "host.name='b'"])
        #expect(
            try resource(Sample(tags: ["service.name": .text("other")])) == ["service.name='other'"])
        #expect(
            try resource(Sample(service: "OTLPResourceNoServiceName", tags: ["a": .int(1)])) == [])
    }

    @Test func `a process of a span comes before that of its batch`() throws {
        let sample = Sample(spans: [
            .init(id: 1), .init(id: 2, service: "cart"), .init(id: 3, service: "shop"),
            .init(id: 4, tags: ["otel.scope.name": .text("lib")], service: "cart"),
        ])
        let found = try sample.translated(.protobuf).map { group in
            let scopes = group.scopes.map { $0.records.map { $0.spanID.array.last ?? 0 } }
            return "\(Self.text(group.resource.attributes).joined()) \(scopes)"
        }
        #expect(found == ["service.name='shop' [[1, 3]]", "service.name='cart' [[2], [4]]"])
    }

    @Test(arguments: Sample.Form.allCases)
    func `what holds nothing becomes nothing`(form: Sample.Form) throws {
        let blank = Sample.Span(trace: (0, 0), id: 0, name: "", start: 0, duration: 0)
        let groups = try Sample(spans: [blank, .init(id: 1), blank]).translated(form)
        #expect(groups.flatMap { Array($0.scopes) }.map { $0.records.count } == [1])
        #expect(try Sample().translated(form).isEmpty)
        #expect(try Sample(spans: [blank]).translated(form).isEmpty)
    }
}
