import Logging
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Telemetry
import Testing
import Transport

@Suite struct OTLPReceiverTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(OTLPReceiver.self, yaml: RunningOTLPReceiver.both)
    }

    @Test(arguments: ["protocols: {grpc: , http: }", "protocols: {grpc: {}, http: {}}"])
    func `naming a protocol switches it on with its defaults`(yaml: String) throws {
        let protocols = try OTLPReceiver.Configuration.decode(yaml: yaml).protocols
        let (grpc, http) = (try #require(protocols.grpc.value), try #require(protocols.http.value))
        #expect(grpc.endpoint == "localhost:4317")
        #expect(http.server.endpoint == "localhost:4318")
        #expect((grpc.maxMessageBytes, http.server.maxBodyBytes) == (64 << 20, 64 << 20))
    }

    @Test func `what is not named is off`() throws {
        let protocols = try OTLPReceiver.Configuration.decode(yaml: "protocols: {http: }").protocols
        #expect(protocols.grpc.value == nil)
        #expect(protocols.http.value != nil)
    }

    @Test(arguments: [
        ("{}", "protocols"), ("protocols: {}", "at least one protocol"), ("protocols: ", "protocols"),
        ("protocols: {gprc: }", "did you mean 'grpc'?"),
        ("protocols: {http: {traces_url_path: ''}}", "traces_url_path"),
        ("protocols: {http: {traces_url_path: '/a?b'}}", "path of a URL"),
        ("protocols: {http: {traces_url_path: '/v1/logs'}}", "the path of another signal"),
        ("protocols: {http: {logs_url_path: v1/metrics}}", "the path of another signal"),
        ("protocols: {http: {endpoint: localhost}}", "port"),
        ("protocols: {grpc: {endpoint: 'localhost:x'}}", "port"),
        ("protocols: {grpc: {transport: unix, endpoint: ''}}", "unix socket"),
        ("protocols: {grpc: {middlewares: [x]}}", "not part of this version"),
        ("protocols: {http: {middlewares: []}}", "not part of this version"),
        ("protocols: {grpc: {tls: {cert_file: a}}}", "key_file"),
    ])
    func `mistakes are found before anything starts`(yaml: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try OTLPReceiver.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `a port that is taken is named`() async throws {
        try await withOTLPReceiver { first in
            let address = try #require(first.http?.target)
            let yaml = "protocols: {grpc: {endpoint: '127.0.0.1:0'}, http: {endpoint: '\(address)'}}"
            let error = await #expect(throws: ComponentError.self) { _ = try await RunningOTLPReceiver(yaml) }
            #expect(error?.key == "protocols.http.endpoint")
            #expect(error?.description.contains("\(address)") == true)
        }
    }

    @Test func `a certificate that cannot be read is named`() throws {
        let yaml = "protocols: {grpc: {tls: {cert_file: /no/such.crt, key_file: /no/such.key}}}"
        let configuration = try OTLPReceiver.Configuration.decode(yaml: yaml)
        let error = #expect(throws: ComponentError.self) {
            _ = try OTLPReceiver(configuration, in: Harness().context(.receiver, "otlp"))
        }
        #expect(error?.key == "protocols.grpc.tls")
        #expect(error?.description.contains("/no/such") == true)
    }

    @Test func `it listens on unix sockets too`() async throws {
        let path = "/tmp/apus-otlp-\(UInt64.random(in: 0 ... .max)).sock"
        let yaml = "protocols: {grpc: {transport: unix, endpoint: \(path)}}"
        try await withOTLPReceiver(yaml) { receiver in
            #expect(receiver.grpc?.target == .unix(path: path))
            _ = try await receiver.call(Samples.bytes(.traces))
            #expect(receiver.sink(.traces).itemCount == 3)
        }
    }

    @Test func `it says where it listens`() async throws {
        try await withOTLPReceiver { receiver in
            let lines = receiver.harness.log.lines.filter { $0.message == "listening" }
            #expect(lines.map { $0.level } == [.info, .info])
            #expect(lines.compactMap { $0.metadata["protocol"] } == ["OTLP/gRPC", "OTLP/HTTP"])
        }
    }

    @Test func `nothing is taken after it has stopped`() async throws {
        let receiver = try await RunningOTLPReceiver()
        #expect(try await receiver.send(Samples.bytes(.traces)).status == 200)
        let target = try #require(receiver.http?.target)
        try await receiver.stop()
        let client = try Client(
            ClientConfiguration(target: target), loops: receiver.harness.lanes.map { $0.eventLoop },
            logger: RecordingLog().logger())
        let error = await #expect(throws: TransportError.self) {
            _ = try await client.send(ClientRequest(path: "/v1/traces"))
        }
        #expect(error?.kind == .connectFailed)
        await client.close()
        #expect(receiver.sink(.traces).itemCount == 3)
    }

    @Test func `what was accepted is answered although it stops`() async throws {
        let receiver = try await RunningOTLPReceiver()
        let sink = receiver.sink(.traces)
        sink.hold()
        async let response = receiver.send(Samples.bytes(.traces))
        await sink.waitForItems(3)
        async let stopped: Void = receiver.stopReceiving()
        sink.answer()
        #expect(try await response.status == 200)
        try await stopped
        try await receiver.stop()
    }
}
