import Compression
import Delivery
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Exporters

@Suite struct FileExporterTests {
    private let scratch = ScratchDirectory()
    private let surroundings = Harness()

    private var path: String { scratch.path + "/data.json" }

    private func open(_ yaml: String) async throws -> FileExporter {
        let keys = "path: \(path)\n" + yaml
        let configuration = try FileExporter.Configuration.decode(yaml: keys)
        let exporter = try FileExporter(configuration, in: surroundings.context(.exporter, "file"))
        try await exporter.open()
        return exporter
    }

    private func content() throws -> Bytes { try SmallFile.read(path, limit: 1 << 26) }

    /// Reads messages with their length in front.
    private func messages(_ content: Bytes) -> [Bytes] {
        var (messages, position) = ([Bytes](), 0)
        while position + 4 <= content.count {
            let length = content[position..<position + 4].array.reduce(0) { $0 << 8 | Int($1) }
            messages.append(content[position + 4..<position + 4 + length])
            position += 4 + length
        }
        return messages
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            FileExporter.self, yaml: "{path: '\(scratch.path)/x', create_directory: true}")
        try await Conformance.check(
            FileExporter.self, yaml: "{path: /dev/null, format: proto, compression: zstd}")
    }

    @Test(arguments: Signal.allCases)
    func `JSON is one line for each batch`(signal: Signal) async throws {
        let exporter = try await open("")
        for _ in 0..<2 { _ = try await exporter.export(Samples.complete(signal), on: 0) }
        await exporter.close()
        let lines = try content().string.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3)
        #expect(lines.last == "")
        for line in lines.dropLast() {
            let batch = try OTLPJSON.read(Bytes(utf8: String(line)), as: signal)
            #expect(batch.itemCount == Samples.completeItemCount(signal))
        }
    }

    @Test func `protobuf has its length in front`() async throws {
        let exporter = try await open("format: proto")
        var merged = try Samples.batch(.traces)
        merged.append(try Samples.batch(.traces, items: 2))
        _ = try await exporter.export(merged, on: 0)
        _ = try await exporter.export(Samples.batch(.traces), on: 0)
        await exporter.close()
        let items = try messages(content()).map { try Batch(validating: $0, as: .traces).itemCount }
        #expect(items == [5, 3])
    }

    @Test(arguments: ["json", "proto"])
    func `zstd compresses every message, and its length is that of the compressed one`(format: String)
        async throws
    {
        let exporter = try await open("format: \(format)\ncompression: zstd")
        for _ in 0..<2 { _ = try await exporter.export(Samples.batch(.logs), on: 0) }
        await exporter.close()
        let messages = try messages(content()).map { try Decompression.decompress($0, .zstd, limit: 1 << 20) }
        #expect(messages.count == 2)
        for message in messages {
            let batch =
                format == "json"
                ? try OTLPJSON.read(message, as: .logs) : try Batch(validating: message, as: .logs)
            #expect(batch.itemCount == 3)
        }
    }

    @Test func `a file is emptied at the start unless it is appended to`() async throws {
        for (yaml, lines) in [("", 1), ("append: true", 2), ("rotation:", 3), ("append: false", 1)] {
            let exporter = try await open(yaml)
            _ = try await exporter.export(Samples.batch(.logs), on: 0)
            await exporter.close()
            #expect(try content().string.split(separator: "\n").count == lines)
        }
    }

    @Test func `the buffer goes to the file at the interval`() async throws {
        let exporter = try await open("flush_interval: 5s")
        _ = try await exporter.export(Samples.batch(.logs), on: 0)
        #expect(try content().isEmpty)
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(5))
        // The flush is over when its task sleeps again.
        await surroundings.clock.waitForSleepers()
        #expect(try !content().isEmpty)
        await exporter.close()
    }

    @Test func `the end is written even when the one who closes has been cancelled`() async throws {
        let exporter = try await open("")
        _ = try await exporter.export(Samples.batch(.logs), on: 0)
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await exporter.close()
        }.value
        #expect(try content().string.hasSuffix("\n"))
        #expect(surroundings.log.messages(.error).isEmpty)
    }

    @Test func `an empty batch writes nothing`() async throws {
        let exporter = try await open("")
        _ = try await exporter.export(Batch(signal: .logs), on: 0)
        await exporter.close()
        #expect(try content().isEmpty)
    }

    @Test func `a full disk refuses with the way to try again, and is told at the end`() async throws {
        let configuration = try FileExporter.Configuration.decode(yaml: "path: /dev/full")
        let exporter = try FileExporter(configuration, in: surroundings.context(.exporter, "file"))
        try await exporter.open()
        let batch = try Samples.batch(.logs, items: 1000)
        _ = try await exporter.export(batch, on: 0)
        await #expect(
            throws: ExportFailure.retryable(
                reason: "cannot write to /dev/full: No space left on device", after: .seconds(1))
        ) {
            for _ in 0..<2 { _ = try await exporter.export(batch, on: 0) }
        }
        await exporter.close()
        #expect(surroundings.log.messages(.error) == ["the end of the file is lost"])
    }

    @Test func `a place that cannot be written to is an error of the key`() async throws {
        let configuration = try FileExporter.Configuration.decode(yaml: "path: /nowhere/data.json")
        let exporter = try FileExporter(configuration, in: surroundings.context(.exporter, "file"))
        let error = await #expect(throws: ComponentError.self) { try await exporter.open() }
        #expect(error?.key == "path")
        #expect(error?.description == "cannot open /nowhere/data.json: No such file or directory")
    }

    @Test(arguments: [
        ("{}", "missing required key 'path'"),
        ("{path: x, append: true, compression: zstd}", "with compression"),
        ("{path: x, append: true, rotation: {}}", "with rotation"),
        ("{path: x, group_by: {}}", "is not supported"),
        ("{path: x, directory_permissions: '0700'}", "needs create_directory"),
        ("{path: x, create_directory: true, directory_permissions: '0888'}", "must be octal"),
        ("{path: x, format: xml}", "one of json, proto"), ("{path: x, encoding: otlp}", "is not supported"),
        ("{path: x, compression: gzip}", "zstd"), ("{path: x, rotation: {max_megabytes: 0}}", "at least 1"),
    ])
    func `a configuration that cannot work is refused with its reason`(yaml: String, reason: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try FileExporter.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
