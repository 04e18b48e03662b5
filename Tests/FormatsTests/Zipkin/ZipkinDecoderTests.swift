import Formats
import Telemetry
import Testing
import Wire

/// Spans of version 2 in JSON, and what they are in OTLP.
@Suite struct ZipkinDecoderTests {
    @Test func `a span with everything is translated`() throws {
        let batch = try decode(
            """
            [{"traceId":"4d1e00c0db9010db86154a4ba6e91385","parentId":"86154a4ba6e91385",
              "id":"4d1e00c0db9010db",
              "kind":"CLIENT","name":"get","timestamp":1472470996199000,"duration":207000,
              "localEndpoint":{"serviceName":"frontend","ipv6":"7::0.128.128.127","port":8080},
              "remoteEndpoint":{"serviceName":"backend","ipv4":"192.168.99.101","port":9000},
              "annotations":[{"timestamp":1472470996238000,"value":"foo"},
                             {"timestamp":1472470996403000,"value":"bar"}],
              "tags":{"http.path":"/api","clnt/finagle.version":"6.45.0","otel.status_code":"ERROR",
                      "otel.status_description":"Something failed"},
              "debug":true,"shared":false}]
            """)
        #expect(batch.resources == [["service.name": "s:frontend"]])
        let span = try batch.onlySpan()
        #expect(span.traceID.digits == "4d1e00c0db9010db86154a4ba6e91385")
        #expect(span.spanID.digits == "4d1e00c0db9010db")
        #expect(span.parentSpanID.digits == "86154a4ba6e91385")
        #expect(span.name == "get")
        #expect(span.kind == 3)
        #expect(span.startTime == 1_472_470_996_199_000_000)
        #expect(span.endTime == 1_472_470_996_406_000_000)
        #expect(
            span.attributes.facts == [
                "http.path": "s:/api", "clnt/finagle.version": "s:6.45.0",
                "network.local.address": "s:7::80:807f", "net.host.port": "i:8080",
                "network.peer.address": "s:192.168.99.101", "net.peer.port": "i:9000",
                "service.peer.name": "s:backend",
            ])
        #expect(span.events.map { $0.name } == ["foo", "bar"])
        #expect(span.events.map { $0.time } == [1_472_470_996_238_000_000, 1_472_470_996_403_000_000])
        #expect(span.status?.code == 2)
        #expect(span.status?.text == "Something failed")
    }

    @Test(arguments: [
        ("1", "00000000000000000000000000000001"),
        ("a3ce929d0e0e4736", "0000000000000000a3ce929d0e0e4736"),
        ("4bf92f3577b34da6A3CE929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("f92f3577b34da6a3ce929d0e0e4736", "00f92f3577b34da6a3ce929d0e0e4736"),
    ])
    func `ids of traces may be shorter than 128 bits`(text: String, id: String) throws {
        let batch = try decode("[{\"traceId\":\"\(text)\",\"id\":\"2\"}]")
        #expect(try batch.onlySpan().traceID.digits == id)
        #expect(try batch.onlySpan().spanID.digits == "0000000000000002")
    }

    @Test(arguments: [
        ("CLIENT", 3), ("SERVER", 2), ("PRODUCER", 4), ("CONSUMER", 5), ("client", 0), ("", 0), ("OTHER", 0),
    ])
    func `kinds are those of OTLP`(kind: String, number: Int) throws {
        #expect(try decode("[\(span("\"kind\":\"\(kind)\""))]").onlySpan().kind == number)
    }

    @Test func `a span that is its own parent has none`() throws {
        let batch = try decode("[\(span("\"parentId\":\"00f067aa0ba902b7\""))]")
        #expect(try batch.onlySpan().parentSpanID.isEmpty)
    }

    @Test func `a span without a time begins at zero and says so`() throws {
        let tags = "\"tags\":{\"otel.zipkin.absentField.startTime\":\"true\"}"
        let batch = try decode("[\(span("\"duration\":1431,\"timestamp\":0,\(tags)"))]")
        let found = try batch.onlySpan()
        #expect(found.startTime == 0)
        #expect(found.endTime == 1_431_000)
        #expect(found.attributes.facts == ["otel.zipkin.absentField.startTime": "b:true"])
    }

    @Test func `null is an absent value`() throws {
        let members = """
            "parentId":null,"kind":null,"name":null,"timestamp":null,"duration":null,"localEndpoint":null,
            "remoteEndpoint":{"serviceName":null,"ipv4":null,"ipv6":null,"port":null},
            "annotations":[null,{"timestamp":1,"value":null}],"tags":{"a":null}
            """
        let found = try decode("[null,\(span(members))]").onlySpan()
        #expect(found.attributes.facts == ["a": "s:", "otel.zipkin.absentField.startTime": "b:true"])
        #expect(found.events.count == 1)
        #expect(try decode("[]").itemCount == 0)
    }

    @Test func `keys that are not known are stepped over with their values`() throws {
        let found = try decode("[\(span("\"more\":[{\"a\":[1,2e3,true,null,\"x\"]}],\"name\":\"n\""))]")
        #expect(try found.onlySpan().name == "n")
    }

    @Test func `of tags with one key the last one counts, whatever their number`() throws {
        for count in [2, 16, 17, 100] {
            let names = (0..<count).map { "k\($0)" }
            let pairs = names.map { "\"\($0)\":\"old\"" } + names.map { "\"\($0)\":\"new\"" }
            let found = try decode("[\(span("\"tags\":{\(pairs.joined(separator: ","))}"))]").onlySpan()
            let facts = found.attributes.facts.filter { $0.key.hasPrefix("k") }
            #expect(facts == Dictionary(uniqueKeysWithValues: names.map { ($0, "s:new") }))
        }
    }

    @Test func `escapes in texts and keys are undone`() throws {
        let tags = #""tags":{"\u00e9\"":"\ud83d\ude00\n"},"timestamp":1"#
        #expect(try decode("[\(span(tags))]").onlySpan().attributes.facts == ["é\"": "s:😀\n"])
    }

    @Test func `values of tags that are no texts are kept as they are written`() throws {
        let tags = #""tags":{"number":1.50,"yes":true},"timestamp":1"#
        let facts = try decode("[\(span(tags))]").onlySpan().attributes.facts
        #expect(facts == ["number": "s:1.50", "yes": "s:true"])
    }

    @Test func `texts become numbers and booleans when that is wanted`() throws {
        let tags = """
            "timestamp":1,"tags":{"int":"-7","decimal":"0.50","yes":"true","no":"false","text":"1.","large":
            "99999999999999999999","exponent":"1e3","empty":"","minus":"-","case":"True"}
            """
        let found = try decode("[\(span(tags))]", parsesStringTags: true).onlySpan()
        #expect(
            found.attributes.facts == [
                "int": "i:-7", "decimal": "d:0.5", "yes": "b:true", "no": "b:false", "text": "s:1.",
                "large": "s:99999999999999999999", "exponent": "s:1e3", "empty": "s:", "minus": "s:-",
                "case": "s:True",
            ])
    }

    // MARK: - Status

    @Test(
        arguments: [
            (#""otel.status_code":"STATUS_CODE_ERROR""#, 2, "", [:]),
            (#""otel.status_code":"Error","otel.status_description":"no""#, 2, "no", [:]),
            (#""otel.status_code":"OK""#, 1, "", [:]),
            (#""error":"true""#, 2, "", [:]),
            (#""error":"timeout""#, 0, "", ["error": "s:timeout"]),
            (#""error":"false""#, 0, "", ["error": "s:false"]),
            (#""otel.status_description":"alone""#, 0, "", ["otel.status_description": "s:alone"]),
            (#""otel.status_code":"what""#, 0, "", ["otel.status_code": "s:what"]),
            (
                #""otel.status_code":"ERROR","error":"no route""#, 2, "", ["error": "s:no route"]
            ),
        ] as [(String, Int, String, [String: String])])
    func `the status follows from tags`(
        tags: String, code: Int, message: String, attributes: [String: String]
    ) throws {
        let found = try decode("[\(span("\"timestamp\":1,\"tags\":{\(tags)}"))]").onlySpan()
        #expect((found.status?.code ?? 0) == code)
        #expect((found.status?.text ?? "") == message)
        #expect(found.attributes.facts == attributes)
    }

    // MARK: - Resources and scopes

    @Test func `spans of one resource and scope come together in the order of their coming`() throws {
        func one(_ service: String, _ scope: String, _ id: String, _ host: String) -> String {
            let scope = #""otel.scope.name":"\#(scope)","otel.scope.version":"1""#
            let tags = #""tags":{\#(scope),"host.name":"\#(host)"}"#
            return span("\"localEndpoint\":{\"serviceName\":\"\(service)\"},\"name\":\"\(id)\",\(tags)")
        }
        let batch = try decode(
            "[\(one("a", "x", "1", "h")),\(one("b", "x", "2", "h")),\(one("a", "x", "3", "h")),"
                + "\(one("a", "y", "4", "h")),\(one("a", "x", "5", "other"))]")
        #expect(
            batch.resources == [
                ["service.name": "s:a", "host.name": "s:h"], ["service.name": "s:b", "host.name": "s:h"],
                ["service.name": "s:a", "host.name": "s:other"],
            ])
        let scopes = batch.resourceSpans.map { $0.scopes.map { ($0.scope.name, $0.records.map { $0.name }) } }
        #expect(scopes[0].map { $0.0 } == ["x", "y"])
        #expect(scopes[0].map { $0.1 } == [["1", "3"], ["4"]])
        #expect(scopes[1].map { $0.1 } == [["2"]])
        #expect(scopes[2].map { $0.1 } == [["5"]])
        #expect(batch.resourceSpans.first?.scopes.first?.scope.version == "1")
        #expect(batch.itemCount == 5)
    }

    @Test func `so many resources that they do not fit together become several chunks`() throws {
        let spans = (0..<3000).map { span("\"localEndpoint\":{\"serviceName\":\"s\($0)\"}") }
        let batch = try decode("[\(spans.joined(separator: ","))]")
        #expect(batch.itemCount == 3000)
        #expect(batch.chunks.count == 3)
        #expect(batch.resources.count == 3000)
    }

    @Test func `tags name the service, its scope and where its name came from`() throws {
        let members = """
            "timestamp":1,"localEndpoint":{"serviceName":"job"},
            "tags":{"otlp.service.name.source":"faas.name","otel.library.name":"lib",
            "otel.library.version":"2","otel.scope.name":"lib","cloud.region":"r","x":"y"}
            """
        let batch = try decode("[\(span(members))]")
        #expect(batch.resources == [["faas.name": "s:job", "cloud.region": "s:r"]])
        #expect(batch.resourceSpans.first?.scopes.first?.scope.name == "lib")
        #expect(batch.resourceSpans.first?.scopes.first?.scope.version == "2")
        #expect(try batch.onlySpan().attributes.facts == ["x": "s:y"])
    }

    @Test func `a service without a name keeps what else is said of its resource`() throws {
        let local = #""localEndpoint":{"serviceName":"OTLPResourceNoServiceName"},"tags":{"host.name":"h"}"#
        #expect(try decode("[\(span(local))]").resources == [["host.name": "s:h"]])
    }

    @Test func `a tag with the name of the service goes before its endpoint`() throws {
        let local = #""localEndpoint":{"serviceName":"a"},"tags":{"service.name":"b"}"#
        #expect(try decode("[\(span(local))]").resources == [["service.name": "s:b"]])
    }

    @Test func `an address that is none is kept as it is, and endpoints go before tags`() throws {
        let members = """
            "timestamp":1,"localEndpoint":{"ipv4":"my-host"},"remoteEndpoint":{"ipv6":"::FFFF:10.0.0.1"},
            "tags":{"network.local.address":"10.1.1.1","network.peer.address":"x","net.host.port":"80"}
            """
        let found = try decode("[\(span(members))]").onlySpan()
        #expect(
            found.attributes.facts == [
                "network.local.address": "s:my-host", "network.peer.address": "s:10.0.0.1",
                "net.host.port": "s:80",
            ])
    }
}
