import Delivery
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Exporters

@Suite struct DebugExporterTests {
    private let surroundings = Harness()

    private func exporter(_ yaml: String) throws -> DebugExporter {
        try DebugExporter(
            DebugExporter.Configuration.decode(yaml: yaml), in: surroundings.context(.exporter, "debug"))
    }

    @Test(arguments: ["{}", "verbosity: normal", "verbosity: detailed"])
    func `it is a component like any other`(yaml: String) async throws {
        try await Conformance.check(DebugExporter.self, yaml: yaml)
    }

    @Test(arguments: [
        (Signal.traces, "Traces", ["resource spans": "1", "spans": "2"]),
        (.metrics, "Metrics", ["resource metrics": "1", "metrics": "6", "data points": "8"]),
        (.logs, "Logs", ["resource logs": "1", "log records": "2"]),
        (.profiles, "Profiles", ["resource profiles": "1", "sample records": "2"]),
    ])
    func `basic is one line with counts`(signal: Signal, title: String, counts: [String: String]) throws {
        try exporter("{}").write(Samples.complete(signal))
        #expect(surroundings.log.lines.map(\.message) == [title])
        #expect(surroundings.log.lines.first?.metadata == counts)
        #expect(surroundings.log.lines.first?.level == .info)
    }

    @Test(arguments: [("normal", 2), ("detailed", 2), ("basic", 1)])
    func `more verbosity is one more line, with all the text`(verbosity: String, lines: Int) throws {
        try exporter("verbosity: \(verbosity)").write(Samples.batch(.logs))
        #expect(surroundings.log.lines.count == lines)
        #expect(surroundings.log.lines.last?.message.contains("item-2") == (lines == 2))
    }

    @Test func `normal is a line for each item`() throws {
        #expect(
            DebugLines(try Samples.batch(.traces, items: 2)).text == """
                ResourceTraces #0 service.name=shop
                ScopeTraces #0 sample
                item-0 0102030405060708090a0b0c0d0e0f10 1112131415161700 index=0
                item-1 0102030405060708090a0b0c0d0e0f10 1112131415161701 index=1

                """)
        #expect(DebugLines(try Samples.batch(.logs, items: 1)).text.hasSuffix("\nitem-0 index=0\n"))
        #expect(DebugLines(try Samples.batch(.profiles, items: 2)).text.hasSuffix("0f10 samples=2\n"))
    }

    @Test func `normal shows the values of every kind of data point`() throws {
        let lines = DebugLines(try Samples.complete(.metrics)).text.split(separator: "\n").dropFirst(2)
        #expect(
            Array(lines) == [
                "gauge{zone=a} 42", "gauge{zone=a} 1.25", "sum{zone=a} 42",
                "histogram{zone=a} count=3 sum=4.5 min=0.5 max=2.5 le1.5=1 2", "histogram{} count=0",
                "exponential{zone=a} count=5 sum=0.15 min=-1.25 max=2.5 ge-1.4142135623730951=1 ge-1=1 "
                    + "zero_count0.001=1 le2=1 le2.8284271247461903=1",
                "summary{zone=a} count=2 sum=30.000000 q0.99=15", "summary{} count=0 sum=0.000000",
            ])
    }

    @Test func `sampling prints the first batches of a second, then every so many`() throws {
        let exporter = try exporter("{sampling_initial: 2, sampling_thereafter: 3}")
        for _ in 0..<9 { try exporter.write(Samples.batch(.traces)) }
        #expect(surroundings.log.lines.count == 4)
        try exporter.write(Samples.batch(.logs))
        #expect(surroundings.log.lines.count == 5)
        surroundings.clock.advance(by: .seconds(1))
        try exporter.write(Samples.batch(.traces))
        #expect(surroundings.log.lines.count == 6)
    }

    @Test(arguments: ["sending_queue: {enabled: true}", "output_paths: [stdout]"])
    func `keys of otelcol that mean nothing here say so`(yaml: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try DebugExporter.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains("is not supported") == true)
    }

    @Test func `standard output gets a line with the counts, then the text`() throws {
        let scratch = ScratchDirectory()
        let path = scratch.path + "/out"
        let output = DebugOutput { () throws(FileError) in try OutputFile(path, .append) }
        try output.write(DebugSummary(Samples.batch(.traces)).line + "text\n")
        #expect(
            try SmallFile.read(path).string == "Traces\t{\"resource spans\": 1, \"spans\": 3}\ntext\n")
        let full = DebugOutput { () throws(FileError) in try OutputFile("/dev/full", .append) }
        #expect(throws: Rejection.self) { try full.write("x") }
    }

    @Test func `a value without a name is printed as its number`() throws {
        #expect(DebugText.name(in: ["a", "b"], 1) == "b")
        #expect(DebugText.name(in: ["a", "b"], 7) == "7")
    }
}
