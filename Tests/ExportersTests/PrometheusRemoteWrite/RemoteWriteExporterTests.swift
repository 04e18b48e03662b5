import Compression
import Exporters
import Pipeline
import PipelineTesting
import Prometheus
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

@Suite struct RemoteWriteExporterTests {
    private func yaml(_ backend: Backend, _ keys: String = "") -> String {
        "{endpoint: 'http://\(backend.address)/api/v1/write', \(keys)}"
    }

    /// A batch of a gauge with points that are series of their own.
    private static func batch(_ points: Int = 3, deltas: Int = 0) -> Batch {
        var builder = MetricsBuilder()
        builder.resource { $0.attribute("service.name", .string("api")) }
        builder.gauge("g") { gauge in
            for number in 0..<points {
                gauge.point {
                    $0.time(1_000_000_000)
                    $0.attribute("number", .string("\(number)"))
                    $0.value(.int(Int64(number)))
                }
            }
        }
        builder.sum("d", .delta, isMonotonic: true) { sum in
            for _ in 0..<deltas { sum.point { $0.time(1_000_000_000) } }
        }
        return builder.finish()
    }

    /// The values of the attribute `number` of what a server got, in order.
    private static func numbers(_ arrivals: [Backend.Arrival], _ version: RemoteWriteVersion) throws
        -> [String]
    {
        let translator = RemoteWriteTranslator(RemoteWriteSettings(), RemoteWriteMemory())
        return try arrivals.flatMap { arrival in
            let body = try Decompression.decompress(arrival.body, .snappy, limit: 1 << 20)
            let metrics = try translator.translate(body, version).batches.flatMap { $0.resourceMetrics }
                .flatMap { $0.scopes.flatMap { Array($0.records) } }
            return metrics.flatMap { metric -> [String] in
                guard case .gauge(let points) = metric.content else { return [] }
                return points.compactMap { $0.attributes["number"]?.string }
            }
        }
    }

    /// What a server of version 2 says that it has written.
    private static func written(_ samples: Int, status: Int = 204) -> ServerResponse {
        ServerResponse(
            status: status,
            fields: [
                "x-prometheus-remote-write-samples-written": "\(samples)",
                "x-prometheus-remote-write-histograms-written": "0",
            ])
    }

    @Test func `it is a component like any other`() async throws {
        let backend = try await Backend.http()
        // Three points of the sample are deltas.
        try await Conformance.check(RemoteWriteExporter.self, yaml: yaml(backend), rejecting: 3)
        await backend.stop()
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `a batch becomes one request of its version`(_ version: RemoteWriteVersion) async throws {
        let backend = try await Backend.http { _ in Self.written(3) }
        let keys = "protobuf_message: \(version.rawValue), headers: {X-Tenant: t, content-type: text/plain}"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let outcome = try await exporter.export(Self.batch(), on: 0)
            #expect(outcome == .delivered)
        }
        let arrival = try #require(backend.arrivals.first)
        #expect(backend.arrivals.count == 1 && arrival.path == "/api/v1/write")
        #expect(arrival.fields["content-type"] == version.contentType)
        #expect(arrival.fields["content-encoding"] == "snappy")
        #expect(arrival.fields["x-prometheus-remote-write-version"] == version.number)
        #expect(arrival.fields["user-agent"] == "Apus/test" && arrival.fields["x-tenant"] == "t")
        #expect(try Self.numbers([arrival], version) == ["0", "1", "2"])
        await backend.stop()
    }

    @Test(arguments: [429, 500, 503])
    func `failures that may pass are tried again`(status: Int) async throws {
        let backend = try await Backend.http { _ in
            ServerResponse(status: status, fields: ["retry-after": "7"], body: Bytes(utf8: "busy"))
        }
        try await withExporter(RemoteWriteExporter.self, yaml(backend)) { exporter in
            guard case .retryable(let reason, let delay) = try await failure(exporter, Self.batch()) else {
                Issue.record("not retryable")
                return
            }
            #expect(delay == .seconds(7) && reason.contains("status \(status): busy"))
        }
        await backend.stop()
    }

    @Test(arguments: [400, 401, 404, 413, 422])
    func `other failures are for good`(status: Int) async throws {
        let backend = try await Backend.http { _ in ServerResponse.text(status, "secret-value is wrong") }
        try await withExporter(RemoteWriteExporter.self, yaml(backend, "headers: {X: secret-value}")) {
            exporter in
            guard case .permanent(let reason) = try await failure(exporter, Self.batch()) else {
                Issue.record("not permanent")
                return
            }
            #expect(reason.contains("status \(status)") && !reason.contains("secret-value"))
        }
        await backend.stop()
    }

    @Test func `a server that is away is tried again`() async throws {
        let yaml = "{endpoint: 'http://127.0.0.1:1/write', timeout: 1s}"
        try await withExporter(RemoteWriteExporter.self, yaml) { exporter in
            guard case .retryable = try await failure(exporter, Self.batch()) else {
                Issue.record("not retryable")
                return
            }
        }
    }

    @Test func `points that Prometheus has no place for are rejected with the reason`() async throws {
        let backend = try await Backend.http()
        try await withExporter(RemoteWriteExporter.self, yaml(backend)) { exporter in
            let outcome = try await exporter.export(Self.batch(2, deltas: 3), on: 0)
            #expect(outcome.rejectedItems == 3 && outcome.message.contains("not cumulative"))
            let all = try await exporter.export(Self.batch(0, deltas: 2), on: 0)
            #expect(all.rejectedItems == 2)
        }
        #expect(backend.arrivals.count == 1)
        await backend.stop()
    }

    @Test func `requests that were delivered are not sent again with the others`() async throws {
        let turns = Turns()
        let backend = try await Backend.http { _ in
            let turn = turns.next()
            return ServerResponse(status: turn == 2 ? 503 : 204)
        }
        let keys = "max_batch_size_bytes: 200, max_batch_request_parallelism: 1"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let batch = Self.batch(12)
            guard case .retryable = try await failure(exporter, batch) else {
                Issue.record("not retryable")
                return
            }
            #expect(try await exporter.export(batch, on: 0) == .delivered)
            let before = backend.arrivals.count
            #expect(try await exporter.export(batch, on: 0) == .delivered)
            #expect(backend.arrivals.count > before)
            let arrivals = Array(backend.arrivals[..<before])
            let numbers = try Self.numbers(arrivals, .v1)
            let refused = try Self.numbers([arrivals[1]], .v1)
            #expect(Set(numbers).count == 12 && numbers.count == 12 + refused.count)
        }
        await backend.stop()
    }

    @Test func `what was refused for good stays so when others are tried again`() async throws {
        let turns = Turns()
        let backend = try await Backend.http { _ in
            switch turns.next() {
            case 1: .text(400, "out of order")
            case 2: ServerResponse(status: 503)
            default: ServerResponse(status: 204)
            }
        }
        let keys = "max_batch_size_bytes: 200, max_batch_request_parallelism: 1"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let batch = Self.batch(12)
            guard case .retryable = try await failure(exporter, batch) else {
                Issue.record("not retryable")
                return
            }
            #expect(backend.arrivals.count == 2)
            let outcome = try await exporter.export(batch, on: 0)
            let refused = try Self.numbers([backend.arrivals[0]], .v1)
            #expect(outcome.rejectedItems == refused.count && outcome.message.contains("out of order"))
            let later = try Self.numbers(Array(backend.arrivals[1...]), .v1)
            #expect(Set(later).isDisjoint(with: refused) && Set(later).count == 12 - refused.count)
        }
        await backend.stop()
    }

    @Test func `a server that fails is not asked for every request`() async throws {
        let backend = try await Backend.http { _ in ServerResponse(status: 503) }
        let keys = "max_batch_size_bytes: 200, remote_write_queue: {num_consumers: 1}"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            guard case .retryable = try await failure(exporter, Self.batch(40)) else {
                Issue.record("not retryable")
                return
            }
        }
        #expect(backend.arrivals.count == 1)
        await backend.stop()
    }

    @Test func `requests of one batch are sent at the same time, as many as configured`() async throws {
        let backend = try await Backend.http()
        let keys = "max_batch_size_bytes: 200, remote_write_queue: {num_consumers: 3}"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let outcome = try await exporter.export(Self.batch(40), on: 0)
            #expect(outcome == .delivered)
        }
        #expect(backend.arrivals.count > 5)
        #expect(try Set(Self.numbers(backend.arrivals, .v1)).count == 40)
        await backend.stop()
    }

    @Test func `a part that is refused for good is rejected alone`() async throws {
        let turns = Turns()
        let backend = try await Backend.http { _ in
            let turn = turns.next()
            return turn == 1 ? .text(400, "out of order") : ServerResponse(status: 204)
        }
        let keys = "max_batch_size_bytes: 200, max_batch_request_parallelism: 1"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let outcome = try await exporter.export(Self.batch(12), on: 0)
            let refused = try Self.numbers([backend.arrivals[0]], .v1).count
            #expect(outcome.rejectedItems == refused && outcome.message.contains("out of order"))
        }
        await backend.stop()
    }

    @Test func `version 2 counts what the server has not written`() async throws {
        let status = Turns(204)
        let backend = try await Backend.http { _ in Self.written(2, status: status.value) }
        let keys = "protobuf_message: io.prometheus.write.v2.Request"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let outcome = try await exporter.export(Self.batch(), on: 0)
            #expect(outcome.rejectedItems == 1 && outcome.message.contains("2 of 3 samples"))
            status.set(400)
            #expect(try await exporter.export(Self.batch(), on: 0).rejectedItems == 1)
        }
        await backend.stop()
    }

    @Test func `a server that knows version 1 alone is found out`() async throws {
        let backend = try await Backend.http { _ in ServerResponse(status: 204) }
        let keys = "protobuf_message: io.prometheus.write.v2.Request"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, keys)) { exporter in
            let error = try await failure(exporter, Self.batch())
            guard case .permanent(let reason) = error else {
                Issue.record("not permanent")
                return
            }
            #expect(reason.contains("does not know version 2"))
        }
        await backend.stop()
    }

    @Test func `one batch is sent after the other, whatever is configured`() async throws {
        let backend = try await Backend.http()
        let keys = "remote_write_queue: {num_consumers: 7, enabled: false, queue_size: 5, storage: disk}"
        #expect(throws: InvalidSettings.self) {
            try RemoteWriteExporter.Configuration.decode(yaml: yaml(backend, keys))
        }
        let queue = "remote_write_queue: {num_consumers: 7, queue_size: 5, storage: disk}"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, queue)) { exporter in
            let delivery = exporter.delivery
            #expect(delivery.sendingQueue.numConsumers == 1 && delivery.sendingQueue.queueSize == 5)
            #expect(delivery.sendingQueue.storage == "disk" && delivery.queueKey == "remote_write_queue")
        }
        let waiting = "remote_write_queue: {enabled: false}"
        try await withExporter(RemoteWriteExporter.self, yaml(backend, waiting)) { exporter in
            let queue = exporter.delivery.sendingQueue
            #expect(queue.enabled && queue.waitForResult && queue.numConsumers == 1)
        }
        await backend.stop()
    }

    @Test func `metadata of senders becomes header fields`() async throws {
        let backend = try await Backend.http()
        try await withExporter(RemoteWriteExporter.self, yaml(backend, "include_metadata_keys: [X-Tenant]")) {
            exporter in
            var batch = Self.batch()
            batch.origin = Origin(peer: "", metadata: ["x-tenant": ["t1"], "other": ["o"]])
            _ = try await exporter.export(batch, on: 0)
        }
        let fields = try #require(backend.arrivals.first?.fields)
        #expect(fields["x-tenant"] == "t1" && !fields.contains("other"))
        await backend.stop()
    }
}

/// A number that a server counts with.
private final class Turns: Sendable {
    private let number: Mutex<Int>

    init(_ number: Int = 0) { self.number = Mutex(number) }

    var value: Int { number.withLock { $0 } }

    func set(_ value: Int) { number.withLock { $0 = value } }

    func next() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }
}
