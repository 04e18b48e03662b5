import Pipeline
import Settings
import Telemetry
import Testing

@testable import Control

@Suite struct ChangeEditorTests {
    private let base = """
        receivers: {otlp: {endpoint: a}}
        exporters: {debug: {verbosity: basic}, otlp: {endpoint: "${env:BACKEND}"}}
        service: {pipelines: {traces: {receivers: [otlp], exporters: [debug, otlp]}}}
        """

    private func edited(_ change: ConfigurationChange) throws -> Tree {
        try ChangeEditor().apply(change, to: try tree(base))
    }

    @Test(arguments: [
        // RFC 7396, appendix A, where the target is a map.
        ("a: b", "a: c", "a: c"), ("a: b", "b: c", "{a: b, b: c}"), ("a: b", "a: null", "{}"),
        ("{a: b, b: c}", "a: null", "b: c"), ("a: [b]", "a: c", "a: c"), ("a: c", "a: [b]", "a: [b]"),
        ("a: {b: c}", "a: {b: d, c: null}", "a: {b: d}"), ("a: [{b: c}]", "a: [1]", "a: [1]"),
        ("e: null", "a: 1", "{e: null, a: 1}"), ("{}", "a: {bb: {ccc: null}}", "a: {bb: {}}"),
    ])
    func `a merge patch does what RFC 7396 says`(target: String, patch: String, result: String) throws {
        let merged = try ChangeEditor().apply(.merge(try tree(patch)), to: try tree(target))
        #expect(merged.isJSONEqual(to: try tree(result)), "\(merged.json())")
    }

    @Test func `operations of a JSON patch are done one after the other`() throws {
        let pipeline = ["service", "pipelines", "traces"]
        let result = try edited(
            .patch([
                .test(path: ["exporters", "debug", "verbosity"], .text("basic")),
                .add(path: pipeline + ["exporters", "0"], .text("file")),
                .add(path: pipeline + ["exporters", "-"], .text("last")),
                .remove(path: pipeline + ["exporters", "1"]),
                .copy(from: ["exporters", "debug"], path: ["exporters", "debug/2"]),
                .replace(path: ["exporters", "debug", "verbosity"], .text("detailed")),
                .move(from: ["receivers", "otlp"], path: ["receivers", "otlp/in"]),
            ]))
        #expect(result[pipeline + ["exporters"]]?.json() == #"["file","otlp","last"]"#)
        #expect(result[["exporters", "debug/2", "verbosity"]]?.text == "basic")
        #expect(result[["exporters", "debug", "verbosity"]]?.text == "detailed")
        #expect(result["receivers"]?.json() == #"{"otlp/in":{"endpoint":"a"}}"#)
    }

    @Test(arguments: [
        PatchOperation.test(path: ["receivers", "otlp", "endpoint"], .text("b")),
        .remove(path: ["nothing"]), .replace(path: ["receivers", "x"], .text("1")),
        .add(path: ["service", "pipelines", "traces", "exporters", "7"], .text("x")),
        .add(path: ["service", "pipelines", "traces", "exporters", "01"], .text("x")),
        .add(path: ["nowhere", "x"], .text("x")), .move(from: ["service"], path: ["service", "x"]),
        .copy(from: ["x"], path: ["y"]), .remove(path: []), .replace(path: [], .text("x")),
    ])
    func `an operation that cannot be done is named and nothing is changed`(_ operation: PatchOperation)
        throws
    {
        #expect {
            try edited(.patch([.add(path: ["exporters", "new"], .empty), operation]))
        } throws: { error in
            guard case ChangeFailure.invalid(let diagnostics)? = error as? ChangeFailure else { return false }
            let message = diagnostics.first?.message ?? ""
            return message.hasPrefix("operation 1 of the patch")
                || message.hasPrefix("a configuration must be")
        }
    }

    @Test func `components and pipelines are put and removed by their id`() throws {
        let id = ComponentID(type: "otlp", name: "2")
        let put = try edited(.component(.exporter, id, try tree("endpoint: c")))
        #expect(put[["exporters", "otlp/2", "endpoint"]]?.text == "c")
        let removed = try edited(.pipeline(PipelineID(signal: .traces), nil))
        #expect(removed[["service", "pipelines"]]?.table?.isEmpty == true)
        #expect {
            try edited(.component(.exporter, id, nil))
        } throws: { error in
            guard case ChangeFailure.unknown? = error as? ChangeFailure else { return false }
            return true
        }
    }

    @Test func `a transaction is all or nothing`() throws {
        let id = ComponentID(type: "file")
        let parts: [ConfigurationChange] = [
            .component(.exporter, id, .empty), .merge(try tree("exporters: {file: {path: x}}")),
        ]
        #expect(try edited(.transaction(parts))[["exporters", "file", "path"]]?.text == "x")
        #expect(throws: ChangeFailure.self) {
            try edited(.transaction(parts + [.component(.receiver, id, nil)]))
        }
    }

    @Test func `a transaction has a bound`() {
        let many = [ConfigurationChange](repeating: .merge(.empty), count: ChangeEditor.maximumParts + 1)
        #expect(throws: ChangeFailure.self) { try edited(.transaction(many)) }
    }

    @Test func `expressions stay as they are written`() throws {
        let result = try edited(.merge(try tree("exporters: {debug: {verbosity: normal}}")))
        #expect(result[["exporters", "otlp", "endpoint"]]?.text == "${env:BACKEND}")
    }

    @Test func `differences lead to the values that differ`() throws {
        let found = ConfigurationDifference.between(
            try tree("{a: {b: 1, c: [1], d: x}, e: 1}"), try tree("{e: 1.0, a: {c: [2], b: 1, f: y}}"))
        #expect(found.map { $0.path } == [["a", "c"], ["a", "f"], ["a", "d"]])
        #expect(found[1].before == nil)
        #expect(found[2].after == nil)
    }
}
