import Formats
import Telemetry
import Testing
import Wire

/// Spans of version 1 in JSON.
@Suite struct ZipkinV1Tests {
    private func endpoint(_ name: String, _ rest: String = "") -> String {
        "\"endpoint\":{\"serviceName\":\"\(name)\"\(rest)}"
    }

    private func decodeV1(
        _ members: String, parsesStringTags: Bool = false
    ) throws(InvalidTelemetry) -> Batch {
        try decode("[\(span(members))]", as: .jsonV1, parsesStringTags: parsesStringTags, now: 5000)
    }

    @Test func `annotations say which end the span is, who made it and how long it took`() throws {
        let front = endpoint("front-proxy", #","ipv4":"172.31.0.2","port":8080"#)
        let batch = try decodeV1(
            """
            "name":"check","annotations":[
              {"timestamp":1544805927446743,"value":"cs",\(front)},
              {"timestamp":1544805927450000,"value":"custom time event",\(front)},
              {"timestamp":1544805927459699,"value":"cr",\(front)}]
            """)
        #expect(
            batch.resources == [["service.name": "s:front-proxy", "ipv4": "s:172.31.0.2", "port": "s:8080"]])
        let found = try batch.onlySpan()
        #expect(found.kind == 3)
        #expect(found.name == "check")
        #expect(found.startTime == 1_544_805_927_446_743_000)
        #expect(found.endTime == 1_544_805_927_459_699_000)
        #expect(found.events.map { $0.name } == ["custom time event"])
        #expect(found.events.first?.time == 1_544_805_927_450_000_000)
        #expect(found.attributes.facts.isEmpty)
        #expect(found.status == nil)
    }

    @Test(arguments: [("sr", 2), ("ss", 2), ("cs", 3), ("cr", 3), ("ms", 4), ("mr", 5), ("x", 0)])
    func `kinds follow from the first annotation that has one`(value: String, kind: Int) throws {
        let members = """
            "annotations":[{"timestamp":1,"value":"event"},{"timestamp":2,"value":"\(value)"},
            {"timestamp":3,"value":"\(value == "x" ? "y" : "cs")"}]
            """
        #expect(try decodeV1(members).onlySpan().kind == kind)
    }

    @Test func `the span's own times go before those of annotations`() throws {
        let found = try decodeV1(
            #""timestamp":10,"duration":5,"annotations":[{"timestamp":1,"value":"sr"}]"#
        ).onlySpan()
        #expect(found.startTime == 10_000)
        #expect(found.endTime == 15_000)
    }

    @Test func `a span without any time gets the time of its arrival and says so`() throws {
        let found = try decodeV1(#""annotations":[{"value":"sr"}]"#).onlySpan()
        #expect(found.startTime == 5000)
        #expect(found.endTime == 5000)
        #expect(found.attributes.facts == ["otel.zipkin.absentField.startTime": "b:true"])
    }

    @Test func `binary annotations are attributes and name the service when nothing else does`() throws {
        let members = """
            "timestamp":1,"binaryAnnotations":[{"key":"lc","value":"myLocalComponent",\(endpoint(""))},
            {"key":"http.path","value":"/api"},{"key":"count","value":7},{"key":"http.path","value":"/v2"}]
            """
        let batch = try decodeV1(members, parsesStringTags: true)
        #expect(batch.resources == [["service.name": "s:myLocalComponent"]])
        #expect(
            try batch.onlySpan().attributes.facts == [
                "component": "s:myLocalComponent", "http.path": "s:/v2", "count": "i:7",
            ])
        let named = try decodeV1("\"binaryAnnotations\":[{\"key\":\"a\",\"value\":\"b\",\(endpoint("svc"))}]")
        #expect(named.resources == [["service.name": "s:svc"]])
        #expect(try decodeV1("").resources == [["service.name": "s:unknown-service"]])
    }

    @Test(arguments: ["sa", "ca", "ma"])
    func `the address of the other side is that of the peer`(key: String) throws {
        let members = """
            "timestamp":1,"binaryAnnotations":[{"key":"\(key)","value":true,
            \(endpoint("backend", #","ipv6":"2001:DB8:0:0::1","port":9000"#))}]
            """
        let batch = try decodeV1(members)
        #expect(
            try batch.onlySpan().attributes.facts == [
                "network.peer.address": "s:2001:db8::1", "net.peer.port": "i:9000",
                "service.peer.name": "s:backend",
            ])
        #expect(batch.resources == [["service.name": "s:unknown-service"]])
    }

    @Test(
        arguments: [
            (["otel.status_code": "2"], 2, ""),
            (["otel.status_description": "Forbidden"], nil, ""),
            (["otel.status_code": "2", "otel.status_description": "Forbidden"], 2, "Forbidden"),
            (["http.status_code": "404", "http.status_message": "NotFound"], 2, "NotFound"),
            (["http.status_code": "200"], 0, ""),
            (["http.response.status_code": "500"], 2, ""),
            (["http.status_code": "404", "http.status_message": "NotFound", "otel.status_code": "2"], 2, ""),
            (
                [
                    "http.status_code": "404", "http.status_message": "NotFound",
                    "otel.status_description": "no",
                ], 2,
                "NotFound"
            ),
            (["census.status_code": "10", "census.status_description": "RPCError"], 2, "RPCError"),
            (["census.status_code": "0", "otel.status_code": "2"], 1, ""),
            (["error": "true"], 2, ""), (["error": ""], 2, ""),
            (["error": "timeout"], 2, "timeout"),
            (["error": "x", "opencensus.status_description": "y", "http.status_code": "200"], 2, "y"),
        ] as [([String: String], Int?, String)])
    func `the status follows from binary annotations, the most certain first`(
        facts: [String: String], code: Int?, message: String
    ) throws {
        let list = facts.map { "{\"key\":\"\($0.key)\",\"value\":\"\($0.value)\"}" }.joined(separator: ",")
        let found = try decodeV1("\"timestamp\":1,\"binaryAnnotations\":[\(list)]").onlySpan()
        #expect(found.status.map { $0.code } == code)
        #expect((found.status?.text ?? "") == message)
        let kept = facts.filter { $0.key.hasPrefix("http.") }.mapValues { "s:\($0)" }
        #expect(found.attributes.facts == kept)
    }

    @Test func `spans of one endpoint come together`() throws {
        let spans = ["a", "b", "a"].map { name in
            span("\"annotations\":[{\"timestamp\":1,\"value\":\"sr\",\(endpoint(name))}]")
        }
        let batch = try decode("[\(spans.joined(separator: ","))]", as: .jsonV1)
        #expect(batch.resources == [["service.name": "s:a"], ["service.name": "s:b"]])
        #expect(batch.itemCount == 3)
    }
}
