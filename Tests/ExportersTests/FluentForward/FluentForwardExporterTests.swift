import Exporters
import Formats
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

/// The exporter and the server that it sends to.
struct RunningForwardExporter {
    let server: Server
    let keys: String
    let harness: Harness

    /// Runs `body` with the exporter and closes that afterwards.
    func use(_ body: (FluentForwardExporter) async throws -> Void) async throws {
        let endpoint = "endpoint: '127.0.0.1:\(server.address.port ?? 0)'"
        let configuration = try FluentForwardExporter.Configuration.decode(yaml: "{\(endpoint), \(keys)}")
        let exporter = try FluentForwardExporter(
            configuration, in: harness.context(.exporter, "fluent_forward"))
        do {
            try await body(exporter)
        } catch {
            await exporter.close()
            throw error
        }
        await exporter.close()
    }
}

@Suite struct FluentForwardExporterTests {
    private static func batch(_ bodies: [String], tag: String? = nil) -> Batch {
        var builder = LogsBuilder()
        for body in bodies {
            builder.record { record in
                record.time(5_000_000_000_007)
                record.body(.string(body))
                if let tag { record.attribute("fluent.tag", .string(tag)) }
            }
        }
        return builder.finish()
    }

    private static func deliver(_ batch: Batch, _ exporter: FluentForwardExporter) async throws {
        let outcome = try await exporter.export(batch, on: 0)
        #expect(outcome == .delivered)
    }

    private static func failure(
        _ exporter: FluentForwardExporter, _ batch: Batch
    ) async -> ExportFailure? {
        await #expect(throws: ExportFailure.self) { _ = try await exporter.export(batch, on: 0) }
    }

    @Test func `it is a component like any other`() async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application) { running in
            let port = running.server.address.port ?? 0
            try await Conformance.check(
                FluentForwardExporter.self, yaml: "{endpoint: '127.0.0.1:\(port)', compression: none}")
        }
    }

    @Test(arguments: ["gzip", "none"])
    func `records become entries of one message for each tag`(compression: String) async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application, "compression: \(compression)") { running in
            try await running.use { exporter in
                var batch = Self.batch(["a", "b"])
                batch.append(Self.batch(["c"], tag: "app.web"))
                batch.append(Self.batch(["d"]))
                try await Self.deliver(batch, exporter)
                let received = try application.entries()
                #expect(received.map { $0.tag } == ["otel", "app.web"])
                #expect(
                    received.map { $0.entries.map { $0.elements?[1]["message"]?.text } } == [
                        ["a", "b", "d"], ["c"],
                    ])
                let time = MessagePackValue.extended(
                    type: 0, EventTime.data(nanoseconds: 5_000_000_000_007))
                #expect(received[0].entries[0].elements?[0] == time)
                let names = application.messages.map { $0.elements?[2]["compressed"]?.text }
                #expect(names == Array(repeating: compression == "gzip" ? "gzip" : nil, count: 2))
            }
        }
    }

    @Test func `what the protocol has no place for has fields of its own`() async throws {
        var builder = LogsBuilder()
        builder.resource { $0.attribute("service.name", "shop") }
        builder.scope("library", version: "1.0")
        builder.record { record in
            record.observedTime(7)
            record.severity(9, text: "INFO")
            record.body(.keyValues([.init("a", .array([.int(1), .bool(true), .empty, .double(1.5)]))]))
            record.attribute("key", .bytes([1, 2]))
            record.attribute("severity_text", "not this")
            record.traceID(Bytes(Array(repeating: 0xAB, count: 16)))
            record.spanID(Bytes(Array(repeating: 0xCD, count: 8)))
            record.eventName("happened")
        }
        let batch = builder.finish()
        let application = ForwardServer()
        try await withForwardExporter(to: application) { running in
            try await running.use { exporter in _ = try await exporter.export(batch, on: 0) }
        }
        let entry = try #require(try application.entries().first?.entries.first)
        let elements = try #require(entry.elements)
        #expect(elements[0] == .extended(type: 0, EventTime.data(nanoseconds: 7)))
        let record = elements[1]
        let list = MessagePackValue.array([.int(1), .bool(true), .null, .double(1.5)])
        #expect(record["message"]?["a"] == list)
        #expect(record["key"] == .binary([1, 2]))
        #expect(record["severity_number"] == .int(9))
        #expect(record["severity_text"] == .text("INFO"))
        #expect(record["trace_id"]?.text == String(repeating: "ab", count: 16))
        #expect(record["span_id"]?.text == String(repeating: "cd", count: 8))
        #expect(record["event_name"]?.text == "happened")
        #expect(record["resource"]?["service.name"] == .text("shop"))
        #expect(record["scope"]?["name"] == .text("library"))
        #expect(record["scope"]?["version"] == .text("1.0"))
        guard case .map(let pairs) = record else { return #expect(Bool(false), "no map") }
        #expect(pairs.count == 9)
    }

    @Test func `a large batch becomes several messages`() async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application, "max_message_size: 1KiB") { running in
            try await running.use { exporter in
                let text = String(repeating: "x", count: 400)
                _ = try await exporter.export(Self.batch(Array(repeating: text, count: 10)), on: 0)
                let counts = try application.entries().map { $0.entries.count }
                #expect(counts == [3, 3, 3, 1])
            }
        }
    }

    @Test func `one connection carries batch after batch`() async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application) { running in
            try await running.use { exporter in
                for text in ["a", "b", "c"] { _ = try await exporter.export(Self.batch([text]), on: 0) }
                #expect(application.connections == 1)
                #expect(application.messages.count == 3)
            }
        }
    }

    @Test func `without an acknowledgement in time nothing is delivered`() async throws {
        let application = ForwardServer()
        application.answer([.stayQuiet])
        try await withForwardExporter(to: application, "timeout: 50ms") { running in
            try await running.use { exporter in
                let failure = await Self.failure(exporter, Self.batch(["a"]))
                guard case .retryable(let reason, _)? = failure else {
                    return #expect(Bool(false), "\(String(describing: failure))")
                }
                #expect(reason.contains("answer"), "\(reason)")
            }
        }
    }

    @Test(arguments: [nil, "secret"] as [String?])
    func `an export without a limit on its time ends when it is cancelled`(key: String?) async throws {
        let application = ForwardServer()
        application.answer([.stayQuiet])
        let security = key.map { ", shared_key: \($0)" } ?? ""
        try await withForwardExporter(to: application, "timeout: 0s\(security)") { running in
            try await running.use { exporter in
                let exporting = Task { await Self.failure(exporter, Self.batch(["a"])) }
                // Without a handshake the server has the message, with one it is waited for as quietly.
                while key == nil ? application.messages.isEmpty : application.connections == 0 {
                    await Task.yield()
                }
                exporting.cancel()
                guard case .retryable? = await exporting.value else { return #expect(Bool(false)) }
            }
        }
    }

    @Test func `many acknowledgements may come at once`() async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application) { running in
            try await running.use { exporter in
                var batch = Self.batch(["0"], tag: "0")
                for number in 1..<1000 { batch.append(Self.batch(["\(number)"], tag: "\(number)")) }
                try await Self.deliver(batch, exporter)
                #expect(application.messages.count == 1000)
            }
        }
    }

    @Test func `no more messages are under way than acknowledgements find room`() async throws {
        let application = ForwardServer()
        application.answer([.stayQuiet])
        try await withForwardExporter(to: application, "timeout: 0s") { running in
            try await running.use { exporter in
                var batch = Self.batch(["0"], tag: "0")
                for number in 1..<1000 { batch.append(Self.batch(["\(number)"], tag: "\(number)")) }
                let whole = batch
                let exporting = Task { await Self.failure(exporter, whole) }
                while application.messages.count < 255 { await Task.yield() }
                exporting.cancel()
                _ = await exporting.value
                #expect(application.messages.count <= 256)
            }
        }
    }

    @Test func `a connection that the server does not keep is not used again`() async throws {
        let application = ForwardServer(sharedKey: "secret", keepsAlive: false)
        try await withForwardExporter(to: application, "shared_key: secret") { running in
            try await running.use { exporter in
                for text in ["a", "b", "c"] { try await Self.deliver(Self.batch([text]), exporter) }
                #expect(application.connections == 3)
                #expect(application.messages.count == 3)
            }
        }
    }

    @Test(arguments: [ForwardServer.Answer.close, .acknowledgeSomethingElse])
    func `nor when the server goes away or confuses chunks`(answer: ForwardServer.Answer) async throws {
        let application = ForwardServer()
        application.answer([answer])
        try await withForwardExporter(to: application) { running in
            try await running.use { exporter in
                let failure = await Self.failure(exporter, Self.batch(["a"]))
                guard case .retryable? = failure else { return #expect(Bool(false), "\(failure as Any)") }
                try await Self.deliver(Self.batch(["a"]), exporter)
                #expect(application.connections == 2)
            }
        }
    }

    @Test func `a connection that was closed meanwhile is replaced in the same attempt`() async throws {
        let application = ForwardServer()
        application.answer([.acknowledge, .close])
        try await withForwardExporter(to: application) { running in
            try await running.use { exporter in
                _ = try await exporter.export(Self.batch(["a"]), on: 0)
                try await Self.deliver(Self.batch(["b"]), exporter)
                #expect(application.connections == 2)
                #expect(application.messages.count == 3)
            }
        }
    }

    @Test func `without require_ack a batch is delivered when it is sent`() async throws {
        let application = ForwardServer()
        application.answer([.stayQuiet])
        try await withForwardExporter(to: application, "require_ack: false") { running in
            try await running.use { exporter in
                try await Self.deliver(Self.batch(["a"]), exporter)
                while application.messages.isEmpty { await Task.yield() }
                #expect(application.messages[0].elements?[2]["chunk"] == nil)
            }
        }
    }

    @Test func `a server that cannot be reached may come back`() async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application) { running in
            await running.server.shutdown(grace: .zero)
            try await running.use { exporter in
                guard case .retryable? = await Self.failure(exporter, Self.batch(["a"])) else {
                    return #expect(Bool(false))
                }
            }
        }
    }

    // MARK: - The handshake

    private static let credentials = "shared_key: secret, username: alice, password: wonderland"

    @Test func `both ends show that they know the key`() async throws {
        let application = ForwardServer(sharedKey: "secret", password: "wonderland")
        try await withForwardExporter(to: application, Self.credentials) { running in
            try await running.use { exporter in
                try await Self.deliver(Self.batch(["a"]), exporter)
            }
        }
    }

    @Test func `a refusal is told, without the secrets, and nothing is sent`() async throws {
        let application = ForwardServer(sharedKey: "another")
        try await withForwardExporter(to: application, Self.credentials) { running in
            try await running.use { exporter in
                let failure = await Self.failure(exporter, Self.batch(["a"]))
                let text = failure?.description ?? ""
                #expect(text.contains("it refuses this client: who are you?"), "\(text)")
                #expect(!text.contains("secret") && !text.contains("wonderland"))
                #expect(application.messages.isEmpty)
            }
        }
    }

    @Test func `a server that wants no handshake although there is a key gets nothing`() async throws {
        let application = ForwardServer()
        try await withForwardExporter(to: application, "timeout: 50ms, \(Self.credentials)") { running in
            try await running.use { exporter in
                guard case .retryable? = await Self.failure(exporter, Self.batch(["a"])) else {
                    return #expect(Bool(false))
                }
                #expect(application.messages.isEmpty)
            }
        }
    }

    // MARK: - Settings

    @Test(arguments: [
        ("{}", "endpoint"), ("{endpoint: 'http://a:1'}", "URL"), ("{endpoint: 'a:b'}", "address"),
        ("{endpoint: a, username: u, password: p}", "shared_key"),
        ("{endpoint: a, shared_key: k, username: u}", "belong together"),
        ("{endpoint: a, compression: zstd}", "gzip"), ("{endpoint: a, tag: ''}", "empty"),
    ])
    func `mistakes are found before anything runs`(yaml: String, word: String) throws {
        let error = #expect(throws: (any Error).self) {
            try FluentForwardExporter.Configuration.decode(yaml: yaml)
        }
        #expect("\(error as Any)".contains(word), "\(error as Any)")
    }
}
