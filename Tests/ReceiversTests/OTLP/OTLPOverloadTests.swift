import Pipeline
import PipelineTesting
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
            intake: OTLPIntake(session, transport: "http", context, keepsMetadata: false))
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
}
