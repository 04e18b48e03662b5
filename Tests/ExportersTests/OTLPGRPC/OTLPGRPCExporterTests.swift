import Compression
import Exporters
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct OTLPGRPCExporterTests {
    private func yaml(_ backend: Backend, _ keys: String = "") -> String {
        "{endpoint: '\(backend.address)', tls: {insecure: true}, \(keys)}"
    }

    @Test func `it is a component like any other`() async throws {
        let backend = try await Backend.grpc()
        try await Conformance.check(OTLPGRPCExporter.self, yaml: yaml(backend))
        await backend.stop()
    }

    @Test(arguments: Signal.allCases, ["gzip", "zstd", "snappy", "deflate", "none", "''"])
    func `a batch arrives as it is`(signal: Signal, compression: String) async throws {
        let backend = try await Backend.grpc()
        try await withExporter(OTLPGRPCExporter.self, yaml(backend, "compression: \(compression)")) {
            exporter in
            let batch = try Samples.complete(signal)
            #expect(try await exporter.export(batch, on: 0) == .delivered)
            let arrival = try #require(backend.arrivals.first)
            #expect(arrival.path == signal.exportMethod)
            #expect(arrival.body.array == batch.contiguous().array)
            let isPlain = compression == "none" || compression == "''"
            #expect(arrival.fields["grpc-encoding"] == (isPlain ? nil : compression))
            #expect(arrival.fields["user-agent"] == "Apus/test")
        }
        await backend.stop()
    }

    @Test(arguments: Signal.allCases)
    func `merged batches are one request, except profiles`(signal: Signal) async throws {
        let backend = try await Backend.grpc()
        try await withExporter(OTLPGRPCExporter.self, yaml(backend)) { exporter in
            var batch = try Samples.batch(signal)
            batch.append(try Samples.batch(signal, items: 2))
            _ = try await exporter.export(batch, on: 0)
            let items = try backend.arrivals.map { try Batch(validating: $0.body, as: signal).itemCount }
            #expect(items == (signal == .profiles ? [3, 2] : [5]))
        }
        await backend.stop()
    }

    @Test func `headers, user agent and authority are sent`() async throws {
        let backend = try await Backend.grpc()
        let keys = "headers: {X-Key: secret, a-bin: AAE=}, user_agent: me/1"
        try await withExporter(OTLPGRPCExporter.self, yaml(backend, keys)) { exporter in
            _ = try await exporter.export(try Samples.batch(.logs), on: 0)
            let fields = try #require(backend.arrivals.first?.fields)
            #expect(fields["x-key"] == "secret")
            #expect(fields["a-bin"] == "AAE=")
            #expect(fields.all("user-agent") == ["me/1"])
            #expect(fields["grpc-timeout"] != nil)
        }
        await backend.stop()
    }

    @Test(arguments: GRPCStatus.Code.allCases.filter { $0 != .ok })
    func `which codes are tried again is as the specification says`(code: GRPCStatus.Code) async throws {
        let retryable: Set<GRPCStatus.Code> = [
            .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss,
        ]
        let backend = try await Backend.grpc { _ in .failure(GRPCStatus(code, "because")) }
        try await withExporter(OTLPGRPCExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            let reason = "\(backend.address): \(code.name): because"
            #expect(
                failure
                    == (retryable.contains(code) ? .retryable(reason: reason) : .permanent(reason: reason)))
        }
        await backend.stop()
    }

    @Test(arguments: [
        (GRPCStatus.Code.unavailable, Duration.milliseconds(1500)), (.resourceExhausted, .seconds(3)),
        (.resourceExhausted, .zero),
    ])
    func `retry info is the least time to wait`(code: GRPCStatus.Code, delay: Duration) async throws {
        let status = GRPCStatus(code, "busy", details: [.retryInfo(delay: delay)])
        let backend = try await Backend.grpc { _ in .failure(status) }
        try await withExporter(OTLPGRPCExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(failure == .retryable(reason: "\(backend.address): \(code.name): busy", after: delay))
        }
        await backend.stop()
    }

    @Test func `a partial success is an outcome`() async throws {
        let backend = try await Backend.grpc { _ in .success(partialSuccess(rejected: 2, message: "old")) }
        try await withExporter(OTLPGRPCExporter.self, yaml(backend)) { exporter in
            let outcome = try await exporter.export(try Samples.batch(.traces), on: 0)
            #expect(outcome == ExportOutcome(rejectedItems: 2, message: "old"))
        }
        await backend.stop()
    }

    @Test(arguments: [false, true])
    func `a response that is no message or too large is not tried again`(isLarge: Bool) async throws {
        let message = isLarge ? Bytes(Array(repeating: 0, count: (4 << 20) + 1)) : Bytes([0x0A, 0x05, 0x61])
        let backend = try await Backend.grpc { _ in .success(message) }
        try await withExporter(OTLPGRPCExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(failure.isPermanent, "\(failure)")
        }
        await backend.stop()
    }

    @Test func `a batch over the limit is not sent`() async throws {
        let backend = try await Backend.grpc()
        try await withExporter(OTLPGRPCExporter.self, yaml(backend, "max_request_size_mib: 1")) { exporter in
            let batch = try Samples.batch(.logs, items: 1, service: String(repeating: "x", count: 1 << 20))
            let failure = try await failure(exporter, batch)
            #expect(failure.isPermanent)
            #expect(failure.description.contains("max_request_size_mib"))
            #expect(backend.arrivals.isEmpty)
        }
        await backend.stop()
    }

    @Test func `a backend that is not there is tried again`() async throws {
        // The system never hands out port 1, so that no other test can have it.
        let yaml = "{endpoint: '127.0.0.1:1', tls: {insecure: true}}"
        try await withExporter(OTLPGRPCExporter.self, yaml) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(!failure.isPermanent)
            #expect(failure.description.contains("127.0.0.1:1"))
        }
    }

    @Test(arguments: [
        ("{}", "endpoint"), ("{endpoint: ''}", "must not be empty"),
        ("{endpoint: 'ftp://x:1'}", "unknown scheme"),
        ("{endpoint: 'x:1', compression: zlib}", "gRPC has no zlib"),
        ("{endpoint: 'x:1', headers: {content-type: a}}", "set by the protocol"),
        ("{endpoint: 'x:1', headers: {user-agent: a}}", "user_agent"),
        ("{endpoint: 'x:1', balancer_name: pick_first}", "pick_first"),
        ("{endpoint: 'x:1', middlewares: [a]}", "not part of this version"),
        ("{endpoint: 'x:1', max_request_size_mib: 0}", "from 1 to 2048"),
    ])
    func `mistakes are found before anything starts`(yaml: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try OTLPGRPCExporter.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `delivery has otelcol's defaults`() throws {
        let configuration = try OTLPGRPCExporter.Configuration.decode(yaml: "{endpoint: 'x:1'}")
        #expect(configuration.delivery == DeliverySettings(timeout: .seconds(5)))
    }
}

extension ExportFailure {
    /// Whether the batch is given up.
    var isPermanent: Bool {
        if case .permanent = self { true } else { false }
    }
}
