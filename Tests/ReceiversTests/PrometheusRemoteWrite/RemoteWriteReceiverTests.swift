import Compression
import Pipeline
import PipelineTesting
import Prometheus
import Receivers
import Settings
import Telemetry
import Testing
import Transport
import Wire

/// The receiver on a port of its own, and a client.
private struct RunningReceiver {
    let harness: ReceiverHarness<RemoteWriteReceiver>
    let client: Client

    init(_ keys: String = "", _ surroundings: Harness = Harness()) async throws {
        harness = try await ReceiverHarness(
            RemoteWriteReceiver.self, yaml: "{endpoint: '127.0.0.1:0', \(keys)}", in: surroundings)
        let line = surroundings.log.lines.first { $0.message == "listening" }
        let address = try ListenAddress(parsing: #require(line?.metadata["address"]))
        var configuration = ClientConfiguration(target: address)
        configuration.versions = .http1
        client = try Client(
            configuration, loops: surroundings.lanes.map { $0.eventLoop }, logger: RecordingLog().logger())
    }

    var sink: RecordingSink { harness.sink(.metrics) }

    func send(
        _ body: Bytes, _ version: RemoteWriteVersion = .v1, path: String = "/api/v1/write",
        method: String = "POST", _ fields: [String: String] = [:]
    ) async throws -> ClientResponse {
        var all: HTTPFields = ["content-type": version.contentType, "content-encoding": "snappy"]
        for (name, value) in fields { all[name] = value }
        let compressed = try Compressor(.snappy).compress([body])
        let isSnappy = all["content-encoding"] == "snappy"
        let request = ClientRequest(
            method: method, path: path, fields: all, body: [isSnappy ? compressed : body])
        return try await client.send(request, timeout: .seconds(20))
    }

    func stop() async throws {
        try await harness.stop()
        await client.close(grace: .zero)
    }
}

private func withReceiver(
    _ keys: String = "", _ surroundings: Harness = Harness(), _ body: (RunningReceiver) async throws -> Void
) async throws {
    let receiver = try await RunningReceiver(keys, surroundings)
    do {
        try await body(receiver)
    } catch {
        try await receiver.stop()
        throw error
    }
    try await receiver.stop()
}

@Suite struct RemoteWriteReceiverTests {
    /// A request with a gauge, a counter and an exponential histogram of one resource.
    private static func request(_ version: RemoteWriteVersion) throws -> Bytes {
        var builder = MetricsBuilder()
        builder.resource { $0.attribute("service.name", .string("api")) }
        builder.gauge("g") {
            $0.point {
                $0.time(1_000_000_000)
                $0.value(.double(1.5))
            }
        }
        builder.sum("c", .cumulative, isMonotonic: true) {
            $0.point {
                $0.time(1_000_000_000)
                $0.value(.double(2))
                $0.exemplar {
                    $0.time(1_000_000_000)
                    $0.value(.double(1))
                    $0.attribute("k", .string("v"))
                }
            }
        }
        builder.exponentialHistogram("e", .cumulative) {
            $0.point {
                $0.time(1_000_000_000)
                $0.count(1)
                $0.positive(offset: 0, counts: [1])
            }
        }
        var settings = RemoteWriteEncoder.Settings()
        settings.version = version
        let rows = Array(RemoteWriteEncoder(settings).encode(builder.finish()).rows)
        return try #require(rows.first?.first?.body)
    }

    /// A request of version 1 with series that have these labels and a sample each.
    private static func request(labels: [[(String, String)]]) -> Bytes {
        var writer = Writer()
        for labels in labels {
            let mark = writer.begin(1)
            for (name, value) in labels {
                let label = writer.begin(1)
                writer.write(string: name, 1)
                writer.write(string: value, 2)
                writer.end(label)
            }
            writer.write(bytes: [], 2)
            writer.end(mark)
        }
        return writer.finish()
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(RemoteWriteReceiver.self, yaml: "endpoint: '127.0.0.1:0'")
        #expect(RemoteWriteReceiver.Configuration().server.endpoint == "localhost:9090")
    }

    @Test func `version 1 is taken and answered with nothing`() async throws {
        try await withReceiver { receiver in
            let response = try await receiver.send(try Self.request(.v1))
            #expect(response.status == 204 && response.body.isEmpty)
            #expect(response.fields["x-prometheus-remote-write-samples-written"] == nil)
            let batch = try #require(receiver.sink.batches.first)
            #expect(batch.itemCount == 3)
            let metrics = batch.resourceMetrics.flatMap { $0.scopes.flatMap { Array($0.records) } }
            #expect(metrics.map { $0.name } == ["g", "c_total", "e"])
            #expect(
                batch.resourceMetrics.first?.scopes.first?.scope.name.contains("prometheusremotewrite")
                    == true)
        }
    }

    @Test func `version 2 is told how much was written`() async throws {
        try await withReceiver { receiver in
            let response = try await receiver.send(try Self.request(.v2), .v2)
            #expect(response.status == 204)
            #expect(response.fields["x-prometheus-remote-write-samples-written"] == "2")
            #expect(response.fields["x-prometheus-remote-write-histograms-written"] == "1")
            #expect(response.fields["x-prometheus-remote-write-exemplars-written"] == "1")
            #expect(receiver.sink.itemCount == 3)
        }
    }

    @Test func `a series that is not valid is refused and the others are taken`() async throws {
        let surroundings = Harness()
        try await withReceiver("", surroundings) { receiver in
            let body = Self.request(labels: [
                [("__name__", "good")], [("no", "name")], [("__name__", "more")],
            ])
            let response = try await receiver.send(body)
            #expect(response.status == 400)
            #expect(response.body.string == "a series has no metric name")
            #expect(receiver.sink.itemCount == 2)
        }
        #expect(
            surroundings.metric(
                "apus_receiver_dropped_samples", ["receiver": "prometheus_remote_write", "reason": "invalid"])
                == 1)
    }

    @Test func `what cannot be read is refused and counted`() async throws {
        let surroundings = Harness()
        try await withReceiver("", surroundings) { receiver in
            let whole = try Self.request(.v1)
            let response = try await receiver.send(whole[0..<whole.count - 1])
            #expect(response.status == 400 && response.body.string.contains("byte"))
            #expect(
                try await receiver.send(whole, .v1, ["content-encoding": "gzip"]).status == 400)
            #expect(receiver.sink.batches.isEmpty)
        }
        #expect(
            surroundings.metric(
                "apus_receiver_invalid_requests",
                ["receiver": "prometheus_remote_write", "transport": "http"])
                == 1)
    }

    @Test func `other paths, methods, types and encodings are refused`() async throws {
        try await withReceiver { receiver in
            let body = try Self.request(.v1)
            #expect(try await receiver.send(body, path: "/write").status == 404)
            let wrong = try await receiver.send(.empty, method: "PUT")
            #expect(wrong.status == 405 && wrong.fields["allow"] == "POST")
            for type in ["application/json", "application/x-protobuf;proto=x", ""] {
                #expect(try await receiver.send(body, .v1, ["content-type": type]).status == 415)
            }
            #expect(try await receiver.send(body, .v1, ["content-encoding": "br"]).status == 415)
            #expect(try await receiver.send(body, .v1, ["content-encoding": "identity"]).status == 204)
            #expect(receiver.sink.itemCount == 3)
        }
    }

    @Test func `large bodies are refused before and after decompression`() async throws {
        try await withReceiver("max_request_body_size: 1000") { receiver in
            let large = Self.request(labels: [[("__name__", String(repeating: "x", count: 5000))]])
            #expect(try await receiver.send(large).status == 413)
            #expect(try await receiver.send(large, .v1, ["content-encoding": "identity"]).status == 413)
            // A sample of nothing is two bytes here, and a data point there.
            var series = Writer()
            let mark = series.begin(1)
            let label = series.begin(1)
            series.write(string: "__name__", 1)
            series.write(string: "x", 2)
            series.end(label)
            for _ in 0..<100 { series.write(bytes: [], 2) }
            series.end(mark)
            let wide = series.finish()
            let response = try await receiver.send(wide)
            #expect(response.status == 413 && response.body.string.contains("4000 bytes as OTLP"))
        }
    }

    @Test func `a pipeline that is full makes the sender try again, and its refusal for good does not`()
        async throws
    {
        try await withReceiver { receiver in
            let body = try Self.request(.v1)
            receiver.sink.refuse(with: .later(reason: "full", after: .milliseconds(2500)))
            let later = try await receiver.send(body)
            #expect(later.status == 503 && later.fields["retry-after"] == "3")
            receiver.sink.refuse(with: .never(reason: "no"))
            let never = try await receiver.send(body)
            #expect(never.status == 400 && never.body.string == "no")
            #expect(try await receiver.send(body).status == 204)
        }
    }

    @Test func `a sender waits for a receipt that is still to come`() async throws {
        try await withReceiver { receiver in
            receiver.sink.hold()
            async let answer = receiver.send(try Self.request(.v2), .v2)
            await receiver.sink.waitForItems(3)
            receiver.sink.answer(.later(reason: "the backend is away"))
            let response = try await answer
            #expect(response.status == 503)
            #expect(response.fields["x-prometheus-remote-write-samples-written"] == nil)
        }
    }

    @Test func `metadata of the request is kept when that is wanted`() async throws {
        try await withReceiver("include_metadata: true") { receiver in
            _ = try await receiver.send(try Self.request(.v1), .v1, ["X-Tenant": "t1"])
            #expect(receiver.sink.batches.first?.origin?.metadata["x-tenant"] == ["t1"])
        }
    }

    @Test func `web pages of chosen origins may send`() async throws {
        try await withReceiver("cors: {allowed_origins: ['https://a.example']}") { receiver in
            let response = try await receiver.send(
                try Self.request(.v1), .v1, ["Origin": "https://a.example"])
            #expect(response.fields["access-control-allow-origin"] == "https://a.example")
        }
    }
}
