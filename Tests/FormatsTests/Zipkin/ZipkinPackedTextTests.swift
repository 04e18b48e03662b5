import Formats
import Telemetry
import Testing
import Wire

/// Events and links with attributes, which travel as text.
@Suite struct ZipkinPackedTextTests {
    private func event(_ value: String) throws -> EventView {
        let quoted = JSONText.quoted(value)
        let batch = try decode("[\(span("\"annotations\":[{\"timestamp\":3,\"value\":\(quoted)}]"))]")
        return try #require(try batch.onlySpan().events.first)
    }

    @Test func `an annotation with a list of attributes is an event with attributes`() throws {
        let found = try event(
            #"a|b|{"text":"x|y","int":7,"half":0.5,"yes":true,"none":null,"list":[1,"a",{"k":2.0}],"#
                + #""map":{"k":"v"}}|2"#
        )
        #expect(found.name == "a|b")
        #expect(found.time == 3000)
        #expect(found.droppedAttributesCount == 2)
        #expect(
            found.attributes.facts == [
                "text": "s:x|y", "int": "i:7", "half": "d:0.5", "yes": "b:true", "none": "-",
                "list": #"[1,"a",{"k":2}]"#, "map": #"{"k":"v"}"#,
            ])
    }

    @Test func `an empty list of attributes is one`() throws {
        let found = try event("name|{}|0")
        #expect(found.name == "name")
        #expect(found.attributes.facts.isEmpty)
    }

    @Test(arguments: [
        "a|b", "a|b|c", "a|{|1", "a|{}|", "a|{}|x", "a|{}|-1", "a|{}|4294967296", #"a|{"k":1}x|1"#, "|", "",
        #"a|[1]|1"#, "a|{}", "ws|{\"a\":\"b\"", String(repeating: "|{", count: 500) + "|1",
    ])
    func `other texts are the name of the event`(text: String) throws {
        let found = try event(text)
        #expect(found.name == text)
        #expect(found.attributes.facts.isEmpty)
        #expect(found.droppedAttributesCount == 0)
    }

    @Test func `a list that is nested too deeply is a name`() throws {
        let text = "a|{\"k\":\(String(repeating: "[", count: 100))\(String(repeating: "]", count: 100))}|0"
        #expect(try event(text).name == text)
    }

    @Test func `of equal keys in a list the first one counts`() throws {
        let found = try event(#"a|{"k":1,"k":2,"m":{"n":1,"n":2}}|0"#)
        #expect(found.attributes.facts == ["k": "i:1", "m": "{\"n\":1}"])
    }

    @Test func `tags of links are links, in their order`() throws {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let tags = [
            "otlp.link.1": "\(trace)|00f067aa0ba902b8|a=b|{\"k\":1}|3",
            "otlp.link.0": "\(trace)|00f067aa0ba902b7||{}|0",
            "otlp.link.2": "|||{}|0",
        ]
        let members = tags.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        let found = try decode("[\(span("\"timestamp\":1,\"tags\":{\(members.joined(separator: ","))}"))]")
        let links = Array(try found.onlySpan().links)
        #expect(links.map { $0.traceID.digits } == [trace, trace, ""])
        #expect(links.map { $0.spanID.digits } == ["00f067aa0ba902b7", "00f067aa0ba902b8", ""])
        #expect(links.map { $0.traceState } == ["", "a=b", ""])
        #expect(links.map { $0.droppedAttributesCount } == [0, 3, 0])
        #expect(links[1].attributes.facts == ["k": "i:1"])
        #expect(try found.onlySpan().attributes.facts.isEmpty)
    }

    @Test(arguments: [
        ("otlp.link.0", "x|y||{}|0"), ("otlp.link.0", "a"), ("otlp.link.1", "|||{}|0"),
        ("otlp.link.00", "|||{}|0"), ("otlp.link.128", "|||{}|0"), ("otlp.link.", "|||{}|0"),
        ("otlp.link.-1", "|||{}|0"), ("otlp.link.0", "||{}|0"),
    ])
    func `tags that only look like links are attributes`(key: String, value: String) throws {
        let found = try decode("[\(span("\"timestamp\":1,\"tags\":{\"\(key)\":\"\(value)\"}"))]").onlySpan()
        #expect(Array(found.links).isEmpty)
        #expect(found.attributes.facts == [key: "s:\(value)"])
    }

    @Test func `further tags of otelcol and of OpenTelemetry's libraries are fields of the span`() throws {
        let tags = """
            "timestamp":1,"tags":{"w3c.tracestate":"a=b","span.kind":"internal",
            "otel.dropped_attributes_count":"1","otel.dropped_events_count":"2",
            "otel.dropped_links_count":"x"}
            """
        let found = try decode("[\(span(tags))]").onlySpan()
        #expect(found.traceState == "a=b")
        #expect(found.kind == 1)
        #expect(found.droppedAttributesCount == 1)
        #expect(found.droppedEventsCount == 2)
        #expect(found.attributes.facts == ["otel.dropped_links_count": "s:x"])
        let other = try decode("[\(span("\"timestamp\":1,\"tags\":{\"span.kind\":\"client\"}"))]").onlySpan()
        #expect(other.attributes.facts == ["span.kind": "s:client"])
    }
}
