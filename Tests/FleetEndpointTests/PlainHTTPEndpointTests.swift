import Compression
import Fleet
import Testing
import Transport
import Wire

@testable import FleetEndpoint

@Suite struct PlainHTTPEndpointTests {
    private let reception = FakeReception()
    private let word = "Bearer right"

    @Test func `a message is answered without any header`() async throws {
        try await withEndpoint(reception) { bench in
            let response = try await bench.send(
                Bytes(utf8: "hello"), type: "application/x-protobuf; charset=none")
            #expect(response.status == 200)
            #expect(response.fields["content-type"] == "application/x-protobuf")
            #expect(response.body.string == "re: hello")
            #expect(reception.connection?.isWebSocket == false)
            #expect(bench.endpoint.figures.requests == 1)
            #expect(reception.seen.closed == 0)
        }
    }

    @Test func `both directions may be compressed`() async throws {
        try await withEndpoint(reception) { bench in
            let text = String(repeating: "word ", count: 1000)
            let body = try Compressor(.gzip).compress([Bytes(utf8: text)])
            let response = try await bench.send(
                body,
                fields: [
                    "authorization": word, "content-encoding": "gzip", "accept-encoding": "br, gzip;q=0.5",
                ])
            #expect(response.fields["content-encoding"] == "gzip")
            let answer = try Decompression.decompress(response.body, .gzip, limit: 10_000)
            #expect(answer.string == "re: " + text)
            #expect(bench.endpoint.figures.bytesReceived == text.utf8.count)
        }
    }

    @Test(arguments: [
        ("GET", "/v1/opamp", "application/x-protobuf", 405), ("PUT", "/v1/opamp", "text/plain", 405),
        ("POST", "/v1/opamp", "application/json", 415), ("POST", "/v1/other", "application/x-protobuf", 404),
        ("GET", "/v1/opamp", "text/plain", 426),
    ])
    func `what is no message is refused`(
        method: String, path: String, type: String, status: Int
    ) async throws {
        try await withEndpoint(reception) { bench in
            let response = try await bench.send(
                .empty, method: method, path: path, type: type)
            #expect(response.status == status)
            #expect(response.fields.contains("allow") == (status == 405))
            #expect(reception.seen == .init())
        }
    }

    @Test(
        arguments: [
            (["authorization": "Bearer right", "content-encoding": "br"], 415, "accept-encoding"),
            (["authorization": "Bearer wrong"], 401, "www-authenticate"),
            (["authorization": "Bearer again"], 429, "retry-after"),
            (["authorization": "Bearer right", "content-encoding": "gzip"], 400, "content-type"),
            (["authorization": "Bearer right", "origin": "http://x"], 403, "content-type"),
        ] as [(HTTPFields, Int, String)])
    func `what is not right about a message is said`(
        fields: HTTPFields, status: Int, field: String
    ) async throws {
        try await withEndpoint(reception) { bench in
            let response = try await bench.send(Bytes(utf8: "x"), fields: fields)
            #expect(response.status == status)
            #expect(response.fields.contains(field))
            #expect(reception.seen == .init())
        }
    }

    @Test func `the limit holds before and after decompression`() async throws {
        try await withEndpoint(reception, configure: { $0.maxMessageBytes = 1000 }) { bench in
            let large = Bytes([UInt8](repeating: 1, count: 1001))
            #expect(try await bench.send(large).status == 413)
            let compressed = try Compressor(.gzip).compress([large])
            let response = try await bench.send(
                compressed, fields: ["authorization": word, "content-encoding": "gzip"])
            #expect(response.status == 413)
            #expect(reception.seen == .init())
        }
    }

    @Test(arguments: [(1008, 401), (1009, 413), (1013, 503), (1002, 400)] as [(UInt16, Int)])
    func `what would close a WebSocket becomes a status`(code: UInt16, status: Int) async throws {
        let reception = FakeReception { _, _ in .close(code: code, reason: "because") }
        try await withEndpoint(reception) { bench in
            let response = try await bench.send(Bytes(utf8: "x"))
            #expect(response.status == status)
            #expect(response.body.string == "because")
            #expect(response.fields.contains("retry-after") == (status == 503))
            #expect(response.fields.contains("www-authenticate") == (status == 401))
        }
    }

    @Test(
        arguments: [
            (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("deflate, br", false), ("*", true),
            ("gzip;q=0", false), ("gzip; q=0.0, *", false), ("*;q=0", false), ("br;q=1.0, gzip;q=0.8", true),
            ("identity;q=1, gzip;q=0.5", false), ("x-gzip", true), ("gzip;q=what", false),
            ("gzip ; q = 0", false), ("gzip ; q = 0.5", true), ("gzip;Q=0", false),
        ] as [(String?, Bool)])
    func `compression is chosen as the client prefers`(field: String?, allows: Bool) {
        #expect(ContentCoding.allowsGzip(field) == allows)
    }
}
