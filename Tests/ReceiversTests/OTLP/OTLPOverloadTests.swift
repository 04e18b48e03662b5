import Compression
import Pipeline
import PipelineTesting
import Telemetry
import Testing
import Wire

@testable import Receivers
@testable import Transport

/// What a client hears when its body finds no memory: a status in its own encoding, and when to come back.
@Suite struct OTLPOverloadTests {
    @Test(arguments: ["application/json", "application/x-protobuf"])
    func `a body without memory is refused for now, in the encoding of the request`(type: String) throws {
        let context = Harness().context(.receiver, "otlp")
        let session = ReceiverSession(lifeline: Lifeline()) { _, _ in nil }
        let application = OTLPHTTPApplication(
            settings: OTLPReceiver.HTTPSettings(),
            intake: OTLPIntake(session, transport: "http", context, keepsMetadata: false),
            memory: ReceiverMemory(context, transport: "http"), authentication: nil)
        let head = ServerRequestHead(
            method: "POST", path: "/v1/traces", query: nil, scheme: "http", authority: "localhost",
            fields: ["content-type": type], contentLength: nil,
            connection: ServerPeer(address: "127.0.0.1:1", isTLS: false, httpVersion: .http1, lane: 0))
        let response = application.overloaded(head)
        #expect(response.status == 503)
        #expect(response.fields["content-type"] == type)
        #expect(response.fields["retry-after"] == "1")
        #expect(!response.body.isEmpty)
    }

    @Test func `without memory requests are refused before they are read, and counted`() async throws {
        try await withOTLPReceiver { receiver in
            let limiter = try receiver.limitMemory(to: 1 << 20)
            #expect(try await receiver.send(Samples.bytes(.traces, items: 1)).status == 503)
            let status = try await receiver.failure(Samples.bytes(.traces, items: 1))
            #expect(status.code == .unavailable)
            let details = try #require(status.details.flatMap { RPCStatus(decoding: $0) })
            #expect(details.retryDelay == .seconds(1))
            for transport in ["grpc", "http"] {
                let labels: KeyValuePairs = ["transport": transport, "reason": "memory"]
                #expect(receiver.harness.metric("apus_receiver_refused_requests", labels) == 1)
            }
            #expect(receiver.sink(.traces).batches.isEmpty)
            withExtendedLifetime(limiter) {}
        }
    }

    @Test func `a body that has no memory to be decompressed in is refused for now`() async throws {
        try await withOTLPReceiver { receiver in
            let limiter = try receiver.limitMemory(to: 3 << 20)
            let body = Bytes(Array(repeating: 0, count: 4 << 20))
            let packed = try Compressor(.gzip).compress([body])
            let fields: HTTPFields = [
                "content-type": "application/x-protobuf", "content-encoding": "gzip",
            ]
            #expect(try await receiver.send(packed, fields).status == 503)
            let error = await #expect(throws: GRPCStatus.self) {
                try await receiver.call(body, compression: .gzip)
            }
            #expect(error?.code == .unavailable)
            withExtendedLifetime(limiter) {}
        }
    }
}
