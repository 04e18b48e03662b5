import Engine
import Settings
import Testing

@Suite struct ConfigurationDecoderTests {
    private func decode(_ yaml: String) throws -> (CollectorConfiguration?, [Diagnostic]) {
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.file, "test.yaml"))
        let result = ConfigurationDecoder(catalog: fakeCatalog).decode(tree)
        return (result.configuration, result.diagnostics)
    }

    private let minimal = """
        receivers: {source: }
        exporters: {target: }
        service: {pipelines: {traces: {receivers: [source], exporters: [target]}}}
        """

    @Test func `a minimal configuration is usable`() throws {
        let (configuration, diagnostics) = try decode(minimal)
        #expect(configuration?.pipelines.map { "\($0.id)" } == ["traces"])
        #expect(diagnostics.isEmpty)
    }

    @Test func `an earlier name works and is mentioned`() throws {
        let (configuration, diagnostics) = try decode(
            minimal.replacing("target", with: "old_target"))
        #expect(configuration != nil)
        #expect(diagnostics.map { $0.severity } == [.note])
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let yaml: String
        let message: String
        var testDescription: String { message }
    }

    /// A service with one pipeline of traces.
    private static func traces(_ receivers: String, _ rest: String) -> String {
        "service: {pipelines: {traces: {receivers: [\(receivers)], \(rest)}}}"
    }

    static let head = "receivers: {source: }\nexporters: {target: }\nprocessors: {pass: }\n"

    static let mistakes = [
        Mistake(yaml: "", message: "the configuration is empty"),
        Mistake(yaml: "[]", message: "expected a map of sections"),
        Mistake(yaml: head, message: "the section 'service' is missing; it says which pipelines run"),
        Mistake(
            yaml: head + "service: {pipelines: {}}",
            message: "service::pipelines: at least one pipeline is needed"),
        Mistake(
            yaml: "recievers: {}\n" + head
                + traces("source", "exporters: [target]"),
            message: "test.yaml:1:1: recievers: unknown section (did you mean 'receivers'?)"),
        Mistake(
            yaml: head + "service: {pipelines: {trace: {receivers: [source], exporters: [target]}}}",
            message: "(did you mean 'traces'?)"),
        Mistake(
            yaml: head + traces("", "exporters: [target]"),
            message: "at least one receiver is needed"),
        Mistake(
            yaml: head + "service: {pipelines: {traces: {receivers: [source]}}}",
            message: "at least one exporter is needed"),
        Mistake(
            yaml: head + traces("source/x", "exporters: [target]"),
            message: "'source/x' is not configured under receivers or connectors (configured are: source)"),
        Mistake(
            yaml: head
                + traces("source", "processors: [pass, pass], exporters: [target]"),
            message: "'pass' is named twice"),
        Mistake(
            yaml:
                "receivers: {sorce: }\nexporters: {target: }\n" + traces("sorce", "exporters: [target]"),
            message: "test.yaml:1:13: receivers::sorce: there is no receiver 'sorce'"),
        Mistake(
            yaml: head.replacing("pass: ", with: "pass: {limit: 11}")
                + traces("source", "exporters: [target]"),
            message: "test.yaml:3:28: processors::pass::limit: must be at most 10"),
        Mistake(
            yaml: head.replacing("pass: ", with: "pass: {limit: 9}")
                + "service: {pipelines: {logs: {receivers: [source], processors: [pass], "
                + "exporters: [target]}, "
                + "logs/2: {receivers: [source], processors: [pass], exporters: [target]}}}",
            message: "test.yaml:3:28: processors::pass::limit: nine is too much for logs"),
        Mistake(
            yaml: head
                + "connectors: {join: }\n" + traces("source, join", "exporters: [join]"),
            message: "the pipelines form a loop: pipeline:traces → connector:join → pipeline:traces"),
        Mistake(
            yaml: head
                + "connectors: {join: }\n" + traces("source", "exporters: [join]"),
            message: "a connector joins two pipelines; it is not used as a receiver"),
        Mistake(
            yaml: head
                + "connectors: {join: }\n"
                + traces("source", "exporters: [join]}, logs: {receivers: [join], exporters: [target]"),
            message: "the connector cannot take traces to any of its pipelines"),
        Mistake(
            yaml: head
                + traces("source", "exporters: [target]").replacing("{pipe", with: "{extensions: [x], pipe"),
            message: "'x' is not configured under extensions"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is an error that names it`(mistake: Mistake) throws {
        let (configuration, diagnostics) = try decode(mistake.yaml)
        let texts = diagnostics.map { "\($0)" }
        #expect(configuration == nil)
        #expect(texts.contains { $0.contains(mistake.message) }, "found \(texts)")
    }

    @Test func `every mistake is found in one go, in the order of the file`() throws {
        let (_, diagnostics) = try decode(
            """
            receivers: {source: {x: 1}}
            processors: {pass: {limit: 11}}
            exporters: {target: {y: 1}}
            service: {pipelines: {traces: {receivers: [source], exporters: [nowhere]}}}
            """)
        #expect(diagnostics.map { $0.position?.line } == [1, 2, 3, 4])
    }

    @Test func `the configuration in force prints with its defaults`() throws {
        let (configuration, _) = try decode(
            Self.head + Self.traces("source", "exporters: [target]"))
        let tree = try #require(configuration?.tree(.hidden))
        #expect(tree[["processors", "pass", "limit"]]?.text == "1")
        #expect(tree[["service", "telemetry", "logs", "level"]]?.text == "info")
    }
}
