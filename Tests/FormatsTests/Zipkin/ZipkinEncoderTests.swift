import Formats
import Telemetry
import Testing
import Wire

/// Spans of OTLP as spans of Zipkin, and back.
@Suite struct ZipkinEncoderTests {
    private static let trace = Bytes([0x4B, 0xF9] + [UInt8](repeating: 7, count: 14))
    private static let id = Bytes([0, 0xF0] + [UInt8](repeating: 3, count: 6))

    private func encode(_ batch: Batch) -> String {
        ZipkinEncoder(as: .json, defaultServiceName: "<none>").encode(batch).body.string
    }

    /// A batch of one span with ids.
    private func batch(
        _ body: (SpanBuilder) -> Void = { _ in }, resource: (AttributesBuilder) -> Void = { _ in }
    ) -> Batch {
        var builder = TracesBuilder()
        builder.resource(resource)
        builder.scope()
        builder.span { span in
            span.traceID(Self.trace)
            span.spanID(Self.id)
            body(span)
        }
        return builder.finish()
    }

    /// The members behind the ids and the endpoint of a service without a name.
    private func members(_ batch: Batch) -> String {
        let text = encode(batch)
        let ids = "[{\"traceId\":\"4bf90707070707070707070707070707\",\"id\":\"00f0030303030303\""
        #expect(text.hasPrefix(ids))
        #expect(text.hasSuffix("}]"))
        return String(text.dropFirst(ids.utf8.count).dropLast(2))
            .replacing(",\"localEndpoint\":{\"serviceName\":\"<none>\"}", with: "")
    }

    @Test func `a span with everything is written`() throws {
        var builder = TracesBuilder()
        builder.resource {
            $0.attribute("service.name", "front")
            $0.attribute("host.name", "h")
        }
        builder.scope("lib", version: "1") { $0.attribute("scope.key", 7) }
        builder.span { span in
            span.traceID(Self.trace)
            span.spanID(Self.id)
            span.parentSpanID(Bytes([UInt8](repeating: 1, count: 8)))
            span.traceState("a=b")
            span.name("get \"x\"")
            span.kind(3)
            span.startTime(1_472_470_996_199_000_499)
            span.endTime(1_472_470_996_406_000_499)
            span.attribute("http.path", "/api")
            span.attribute("list", ["a", 1])
            span.attribute("host.name", "other")
            span.attribute("network.local.address", "10.0.0.1")
            span.attribute("net.host.port", 80)
            span.attribute("service.peer.name", "back")
            span.attribute("network.peer.address", "2001:DB8::1")
            span.attribute("net.peer.port", 9000)
            span.event("plain", time: 1_472_470_996_238_000_500)
            span.event("packed", time: 2000, droppedAttributes: 2) { $0.attribute("k", 0.5) }
            span.link(traceID: Self.trace, spanID: Self.id, traceState: "c=d", droppedAttributes: 1) {
                $0.attribute("k", "<v>")
            }
            span.status(2, message: "broken")
        }
        #expect(
            encode(builder.finish()) == #"""
                [{"traceId":"4bf90707070707070707070707070707","parentId":"0101010101010101",\#
                "id":"00f0030303030303","kind":"CLIENT","name":"get \"x\"","timestamp":1472470996199000,\#
                "duration":207000,"localEndpoint":{"serviceName":"front","ipv4":"10.0.0.1","port":80},\#
                "remoteEndpoint":{"serviceName":"back","ipv6":"2001:db8::1","port":9000},\#
                "annotations":[{"timestamp":1472470996238001,"value":"plain"},\#
                {"timestamp":2,"value":"packed|{\"k\":0.5}|2"}],"tags":{"scope.key":"7",\#
                "otel.scope.name":"lib","otel.scope.version":"1","http.path":"/api","list":"[\"a\",1]",\#
                "host.name":"other","w3c.tracestate":"a=b","error":"true","otel.status_code":"Error",\#
                "otel.status_description":"broken",\#
                "otlp.link.0":"4bf90707070707070707070707070707|00f0030303030303|c=d|\#
                {\"k\":\"\\u003cv\\u003e\"}|1"}}]
                """#)
    }

    @Test func `a span with only its ids is written with the default name of its service`() {
        #expect(members(batch()).isEmpty)
        #expect(encode(batch()).contains("\"localEndpoint\":{\"serviceName\":\"<none>\"}"))
        #expect(encode(Batch(signal: .traces)).isEmpty)
    }

    @Test func `ids of 64 bits have 16 digits`() {
        var builder = TracesBuilder()
        builder.span {
            $0.traceID(Bytes([UInt8](repeating: 0, count: 8) + [UInt8](repeating: 7, count: 8)))
            $0.spanID(Self.id)
        }
        #expect(encode(builder.finish()).hasPrefix("[{\"traceId\":\"0707070707070707\",\"id\""))
    }

    @Test func `spans without ids are rejected, the others written`() {
        var builder = TracesBuilder()
        builder.span { $0.name("nothing") }
        builder.span { $0.traceID(Self.trace) }
        builder.span {
            $0.traceID(Bytes([UInt8](repeating: 0, count: 16)))
            $0.spanID(Self.id)
        }
        builder.span {
            $0.traceID(Self.trace)
            $0.spanID(Self.id)
        }
        let outcome = ZipkinEncoder(as: .protobuf, defaultServiceName: "d").encode(builder.finish())
        #expect(outcome.spanCount == 1)
        #expect(outcome.rejectedCount == 3)
        #expect((try? decode(outcome.body, as: .protobuf))?.itemCount == 1)
    }

    @Test(
        arguments: [
            (0, 0, ""), (5000, 0, ",\"timestamp\":5"), (5000, 5001, ",\"timestamp\":5,\"duration\":1"),
            (5000, 4000, ",\"timestamp\":5"), (0, 3999, ",\"duration\":3"),
            (5499, 7499, ",\"timestamp\":5,\"duration\":2"),
        ] as [(UInt64, UInt64, String)])
    func `times are microseconds`(start: UInt64, end: UInt64, text: String) {
        let batch = batch {
            $0.startTime(start)
            $0.endTime(end)
        }
        #expect(members(batch) == text)
    }

    @Test(arguments: [
        (0, ""), (1, ",\"tags\":{\"span.kind\":\"internal\"}"), (2, ",\"kind\":\"SERVER\""),
        (3, ",\"kind\":\"CLIENT\""), (4, ",\"kind\":\"PRODUCER\""), (5, ",\"kind\":\"CONSUMER\""), (6, ""),
    ])
    func `kinds are those of Zipkin`(kind: Int, text: String) {
        #expect(members(batch { $0.kind(kind) }) == text)
    }

    @Test(
        arguments: [
            (nil, 0, [:]), (nil, 1, ["otel.status_code": "Ok"]),
            (nil, 2, ["error": "true", "otel.status_code": "Error"]),
            ("true", 0, [:]), ("false", 1, ["otel.status_code": "Ok"]), ("", 0, [:]),
            ("false", 2, ["error": "true", "otel.status_code": "Error"]),
            ("timeout", 0, ["error": "timeout"]),
            ("timeout", 2, ["error": "timeout", "otel.status_code": "Error"]),
        ] as [(String?, Int, [String: String])])
    func `the tag error says that a span failed`(error: String?, code: Int, tags: [String: String]) throws {
        let batch = batch { span in
            if let error { span.attribute("error", .string(error)) }
            span.status(code)
        }
        let body = ZipkinEncoder(as: .json, defaultServiceName: "d").encode(batch).body.string
        for (key, value) in tags { #expect(body.contains("\"\(key)\":\"\(value)\"")) }
        #expect(tags.isEmpty == !body.contains("\"tags\""))
    }

    @Test(
        arguments: [
            (
                ["faas.name": "f", "k8s.deployment.name": "d"], "f",
                ["k8s.deployment.name": "d", "otlp.service.name.source": "faas.name"]
            ),
            (["k8s.deployment.name": "d"], "d", ["otlp.service.name.source": "k8s.deployment.name"]),
            (
                ["process.executable.name": "e", "service.name": ""], "e",
                ["service.name": "", "otlp.service.name.source": "process.executable.name"]
            ),
            (["service.name": "s", "faas.name": "f"], "s", ["faas.name": "f"]),
            (["other": "o"], "<none>", ["other": "o"]),
        ] as [([String: String], String, [String: String])])
    func `the name of the service comes from the first attribute that has one`(
        attributes: [String: String], name: String, tags: [String: String]
    ) {
        let batch = batch(resource: { resource in
            for (key, value) in attributes { resource.attribute(key, .string(value)) }
        })
        let text = encode(batch)
        #expect(text.contains("\"localEndpoint\":{\"serviceName\":\"\(name)\"}"))
        for (key, value) in tags { #expect(text.contains("\"\(key)\":\"\(value)\"")) }
    }

    @Test func `what is no address and no port stays a tag`() {
        let batch = batch { span in
            span.attribute("net.host.ip", "localhost")
            span.attribute("net.host.port", "http")
            span.attribute("net.peer.port", 80)
        }
        let tags = #"{"net.host.ip":"localhost","net.host.port":"http","net.peer.port":"80"}"#
        #expect(members(batch) == ",\"tags\":\(tags)")
    }

    @Test func `earlier names of endpoints are read too`() {
        let batch = batch { span in
            span.attribute("net.host.ip", "10.0.0.1")
            span.attribute("network.local.port", 80)
            span.attribute("peer.service", "back")
            span.attribute("net.peer.ip", "::1")
            span.attribute("network.peer.port", 81)
        }
        let text = encode(batch)
        #expect(text.contains(#""localEndpoint":{"serviceName":"<none>","ipv4":"10.0.0.1","port":80}"#))
        #expect(text.contains(#""remoteEndpoint":{"serviceName":"back","ipv6":"::1","port":81}"#))
        #expect(!text.contains("tags"))
    }

    @Test func `many attributes with one key are one tag, the last one`() throws {
        let batch = batch { span in
            for round in 0..<2 { for key in 0..<40 { span.attribute("k\(key)", .int(Int64(round))) } }
        }
        let back = try decode(encode(batch))
        let facts = try back.onlySpan().attributes.facts.filter { $0.key.hasPrefix("k") }
        #expect(facts.count == 40)
        #expect(facts.values.allSatisfy { $0 == "s:1" })
    }

    // MARK: - There and back

    /// Traces that have nothing that Zipkin has no place for.
    private static func traces() -> Batch {
        var builder = TracesBuilder()
        for service in ["a", "b"] {
            builder.resource { resource in
                resource.attribute("service.name", .string(service))
                resource.attribute("host.name", "h")
            }
            for scope in ["", "lib"] {
                builder.scope(scope, version: scope.isEmpty ? "" : "2")
                for number in 0..<6 { builder.span { write(number, to: $0) } }
            }
        }
        return builder.finish()
    }

    private static func write(_ number: Int, to span: SpanBuilder) {
        span.traceID(trace)
        span.spanID(id)
        if number % 2 == 0 { span.parentSpanID(Bytes([UInt8](repeating: 1, count: 8))) }
        span.traceState(number == 3 ? "a=b" : "")
        span.name("name \(number) 😀")
        if number > 0 { span.kind(number) }
        span.startTime(1_472_470_996_199_000_000)
        span.endTime(1_472_470_996_199_000_000 + UInt64(number) * 1000)
        span.attribute("service.peer.name", "peer")
        span.attribute("text", "t\n\"")
        if number == 2 {
            span.droppedAttributes(1)
            span.droppedEvents(2)
            span.droppedLinks(3)
        }
        span.event("event", time: 5000)
        span.event("packed|x", time: 6000, droppedAttributes: 1) {
            $0.attribute("int", 7)
            $0.attribute("list", [true, 0.5, "x"])
        }
        span.link(traceID: trace, spanID: id, traceState: "c=d", droppedAttributes: 1) {
            $0.attribute("k", "v|{}|")
        }
        if number < 3 { span.status(number, message: number == 2 ? "broken" : "") }
    }

    @Test(arguments: [ZipkinEncoder.Form.json, .protobuf], [ZipkinForm.json, .protobuf])
    func `what is sent is what was received`(form: ZipkinEncoder.Form, received: ZipkinForm) throws {
        guard (form == .json) == (received == .json) else { return }
        let batch = Self.traces()
        let body = ZipkinEncoder(as: form, defaultServiceName: "d").encode(batch).body
        let back = try decode(body, as: received)
        #expect(back.resources == batch.resources)
        let scopes = { (batch: Batch) in batch.resourceSpans.flatMap { $0.scopes.map { $0.scope.name } } }
        #expect(scopes(back) == scopes(batch))
        #expect(back.spans.count == 24)
        for (found, sent) in zip(back.spans, batch.spans) {
            #expect(found.traceID.array == sent.traceID.array)
            #expect(found.spanID.array == sent.spanID.array)
            #expect(found.parentSpanID.array == sent.parentSpanID.array)
            #expect(found.traceState == sent.traceState)
            #expect(found.name == sent.name)
            #expect(found.kind == sent.kind)
            #expect(found.startTime == sent.startTime)
            #expect(found.endTime == sent.endTime)
            #expect(found.attributes.facts == sent.attributes.facts)
            #expect(found.droppedAttributesCount == sent.droppedAttributesCount)
            #expect(found.droppedEventsCount == sent.droppedEventsCount)
            #expect(found.droppedLinksCount == sent.droppedLinksCount)
            #expect((found.status?.code ?? 0) == (sent.status?.code ?? 0))
            #expect((found.status?.text ?? "") == (sent.status?.text ?? ""))
            #expect(found.events.map { $0.name } == sent.events.map { $0.name })
            #expect(found.events.map { $0.time } == sent.events.map { $0.time })
            #expect(found.events.map { $0.attributes.facts } == sent.events.map { $0.attributes.facts })
            #expect(found.links.map { $0.traceID.array } == sent.links.map { $0.traceID.array })
            #expect(found.links.map { $0.attributes.facts } == sent.links.map { $0.attributes.facts })
            #expect(found.links.map { $0.traceState } == sent.links.map { $0.traceState })
        }
    }
}
