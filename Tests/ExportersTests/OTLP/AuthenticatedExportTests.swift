import Exporters
import Logging
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

@Suite struct AuthenticatedExportTests {
    /// Sets numbered tokens; a refused one is followed by the next, up to `last`.
    private final class Tokens: ClientAuthenticator {
        static let name = "tokens"
        static let summary = "Sets numbered tokens."

        private let number = Mutex(1)
        private let last: Int

        init(last: Int) { self.last = last }
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) { last = 1 }
        func run(_ session: ExtensionSession) async throws(ComponentError) {}

        func authorize(
            _ fields: HTTPFields, for origin: Origin?
        ) async throws(ExportFailure) -> HTTPFields {
            guard last > 0 else { throw .retryable(reason: "no token", after: .seconds(7)) }
            var fields = fields
            fields["authorization"] = "Token secret-\(number.withLock { $0 })"
            fields["x-tenant"] = origin?.attributes["username"]
            return fields
        }

        func wasRefused(_ fields: HTTPFields) -> Bool {
            number.withLock { number in
                guard number < last else { return false }
                number += 1
                return true
            }
        }
    }

    private let keys = "auth: {authenticator: tokens}, headers: {x-key: abcdefgh}"

    private func batch() throws -> Batch {
        var batch = try Samples.batch(.traces)
        batch.origin = Origin(peer: "10.0.0.1:1", attributes: ["username": "alice"])
        return batch
    }

    /// A server for HTTP that accepts tokens from `first` on.
    private func http(from first: Int) async throws -> Backend {
        try await Backend.http { arrival in
            let sent = arrival.fields["authorization"] ?? ""
            let isRight = (Int(sent.drop { $0 != "-" }.dropFirst()) ?? 0) >= first
            return isRight
                ? ServerResponse(status: 200) : .text(401, "not \(sent) and \(arrival.fields["x-key"] ?? "")")
        }
    }

    private func grpc(from first: Int) async throws -> Backend {
        try await Backend.grpc { arrival in
            let sent = arrival.fields["authorization"] ?? ""
            let isRight = (Int(sent.drop { $0 != "-" }.dropFirst()) ?? 0) >= first
            return isRight
                ? .success(.empty)
                : .failure(GRPCStatus(.unauthenticated, "not \(sent) and \(arrival.fields["x-key"] ?? "")"))
        }
    }

    private func withExporters(
        from first: Int, last: Int, _ body: (any Exporter, Backend) async throws -> Void
    ) async throws {
        let extensions = ["tokens": Tokens(last: last)]
        var backend = try await http(from: first)
        try await withExporter(
            OTLPHTTPExporter.self, "{endpoint: 'http://\(backend.address)', \(keys)}", extensions: extensions
        ) { try await body($0, backend) }
        await backend.stop()
        backend = try await grpc(from: first)
        try await withExporter(
            OTLPGRPCExporter.self, "{endpoint: 'http://\(backend.address)', \(keys)}",
            extensions: ["tokens": Tokens(last: last)]
        ) { try await body($0, backend) }
        await backend.stop()
    }

    @Test func `every request has what the authenticator sets`() async throws {
        try await withExporters(from: 1, last: 1) { exporter, backend async throws in
            _ = try await exporter.export(try batch(), on: 0)
            _ = try await exporter.export(try batch(), on: 0)
            #expect(
                backend.arrivals.map { $0.fields["authorization"] } == ["Token secret-1", "Token secret-1"])
            #expect(backend.arrivals.allSatisfy { $0.fields["x-tenant"] == "alice" })
            #expect(backend.arrivals.allSatisfy { $0.fields["x-key"] == "abcdefgh" })
        }
    }

    @Test func `refused credentials are replaced once, and the request is sent again at once`() async throws {
        try await withExporters(from: 2, last: 5) { exporter, backend async throws in
            _ = try await exporter.export(try batch(), on: 0)
            #expect(
                backend.arrivals.map { $0.fields["authorization"] } == ["Token secret-1", "Token secret-2"])
            #expect(backend.arrivals.first?.body.array == backend.arrivals.last?.body.array)
        }
    }

    @Test(arguments: [1, 5])
    func `credentials that stay refused give the batch up, without showing them`(last: Int) async throws {
        try await withExporters(from: 9, last: last) { exporter, backend async throws in
            guard case .permanent(let reason) = try await failure(exporter, try batch()) else {
                Issue.record("was not given up")
                return
            }
            #expect(backend.arrivals.count == (last == 1 ? 1 : 2))
            #expect(reason.contains("not *** and ***"))
            #expect(!reason.contains("secret") && !reason.contains("abcdefgh"))
        }
    }

    @Test func `an authenticator without credentials decides what becomes of the batch`() async throws {
        try await withExporters(from: 1, last: 0) { exporter, backend async throws in
            #expect(
                try await failure(exporter, try batch())
                    == .retryable(reason: "no token", after: .seconds(7)))
            #expect(backend.arrivals.isEmpty)
        }
    }

    @Test func `an authenticator that is not there is an error with its key`() throws {
        let error = #expect(throws: ComponentError.self) {
            _ = try OTLPHTTPExporter(
                OTLPHTTPExporter.Configuration.decode(yaml: "{endpoint: 'http://a', \(keys)}"),
                in: Harness().context(.exporter, "otlp_http"))
        }
        #expect(error?.key == "auth.authenticator")
    }

    @Test(arguments: [
        ("http://127.0.0.1:1", false), ("http://localhost:1", false), ("http://192.0.2.1:1", true),
        ("https://192.0.2.1:1", false),
    ])
    func `secrets that leave the machine unencrypted are warned about`(endpoint: String, warns: Bool)
        async throws
    {
        let harness = Harness()
        harness.give(Tokens(last: 1), as: "tokens")
        let exporter = try OTLPGRPCExporter(
            OTLPGRPCExporter.Configuration.decode(yaml: "{endpoint: '\(endpoint)', \(keys)}"),
            in: harness.context(.exporter, "otlp_grpc"))
        try await exporter.open()
        #expect(harness.log.messages(.warning).count == (warns ? 1 : 0))
        await exporter.close()
    }
}
