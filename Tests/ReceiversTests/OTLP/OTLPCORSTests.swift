import Pipeline
import PipelineTesting
import Telemetry
import Testing
import Transport

@Suite struct OTLPCORSTests {
    private let yaml = RunningOTLPReceiver.http(
        "cors: {allowed_origins: ['https://*.example.com', 'http://Localhost:3000'], "
            + "allowed_headers: [X-Key], exposed_headers: [x-cell], max_age: 600}")

    private func preflight(_ origin: String, headers: String = "content-type, x-key") -> HTTPFields {
        [
            "origin": origin, "access-control-request-method": "POST",
            "access-control-request-headers": headers,
        ]
    }

    @Test(arguments: ["https://app.example.com", "http://localhost:3000"])
    func `pages of allowed origins may ask and send`(origin: String) async throws {
        try await withOTLPReceiver(yaml) { receiver in
            let asked = try await receiver.send(method: "OPTIONS", preflight(origin))
            #expect(asked.status == 204)
            #expect(asked.fields["access-control-allow-origin"] == origin)
            #expect(asked.fields["access-control-allow-credentials"] == "true")
            #expect(asked.fields["access-control-allow-methods"] == "POST")
            #expect(asked.fields["access-control-allow-headers"] == "content-type, x-key")
            #expect(asked.fields["access-control-max-age"] == "600")

            let fields: HTTPFields = ["origin": origin, "content-type": "application/x-protobuf"]
            let sent = try await receiver.send(Samples.bytes(.traces), fields)
            #expect(sent.status == 200)
            #expect(sent.fields["access-control-allow-origin"] == origin)
            #expect(sent.fields["access-control-expose-headers"] == "x-cell")
            #expect(sent.fields["vary"] == "Origin")
        }
    }

    @Test(arguments: ["https://example.com.evil.org", "https://.example.co", "null", "http://localhost:3001"])
    func `pages of other origins learn nothing`(origin: String) async throws {
        try await withOTLPReceiver(yaml) { receiver in
            let asked = try await receiver.send(method: "OPTIONS", preflight(origin))
            #expect(asked.fields["access-control-allow-origin"] == nil)
            #expect(asked.fields["access-control-allow-headers"] == nil)
        }
    }

    @Test func `headers that are not allowed are not granted`() async throws {
        try await withOTLPReceiver(yaml) { receiver in
            let fields = preflight("https://a.example.com", headers: "x-key, x-other")
            let asked = try await receiver.send(method: "OPTIONS", fields)
            #expect(asked.fields["access-control-allow-headers"] == nil)
        }
    }

    @Test func `a star lets everybody in, without credentials`() async throws {
        let yaml = RunningOTLPReceiver.http("cors: {allowed_origins: ['*'], allowed_headers: ['*']}")
        try await withOTLPReceiver(yaml) { receiver in
            let asked = try await receiver.send(
                method: "OPTIONS", preflight("https://anywhere.org", headers: "x-any"))
            #expect(asked.fields["access-control-allow-origin"] == "*")
            #expect(asked.fields["access-control-allow-credentials"] == nil)
            #expect(asked.fields["access-control-allow-headers"] == "x-any")
            #expect(asked.fields["access-control-max-age"] == nil)
        }
    }

    @Test func `without cors a preflight is an ordinary request`() async throws {
        try await withOTLPReceiver { receiver in
            let asked = try await receiver.send(method: "OPTIONS", preflight("https://a.example.com"))
            #expect(asked.status == 405)
            #expect(asked.fields["access-control-allow-origin"] == nil)
        }
    }
}
