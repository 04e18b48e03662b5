import OpAMP
import Pipeline
import Settings
import Testing

@testable import Fleet

@Suite struct ComponentCheckTests {
    /// The settings of an exporter as agents of our kind describe them.
    struct Sample: SettingGroup {
        enum Mode: String, SettingChoice { case fast, safe }

        var endpoint = ""
        var timeout = Duration.seconds(5)
        var mode = Mode.safe
        var count = 1
        var key: Secret?
        var headers: [String: Secret] = [:]
        var tags: [String] = []
        var queue = Presence<Queue>()

        init() {}

        struct Queue: SettingGroup {
            var size = 10
            init() {}
            static var fields: [Field<Queue>] { [Field("size", \.size, "Size.")] }
        }

        static var fields: [Field<Sample>] {
            [
                Field("endpoint", \.endpoint, "Where to.", required: true),
                Field("timeout", \.timeout, "How long."), Field("mode", \.mode, "How."),
                Field("count", \.count, "How many."), Field("key", \.key, "A secret."),
                Field("headers", \.headers, "Secrets."), Field("tags", \.tags, "Texts."),
                Field("queue", \.queue, "A section."),
            ]
        }
    }

    private static var reported: AvailableComponents {
        func details(_ schema: Tree?, aliases: String = "") -> ComponentDetails {
            var metadata = [KeyValue("summary", "A sample.")]
            if let schema { metadata.append(KeyValue("schema", schema.json())) }
            if !aliases.isEmpty { metadata.append(KeyValue("aliases", aliases)) }
            return ComponentDetails(metadata: metadata)
        }
        return AvailableComponents(
            components: [
                "exporters": ComponentDetails(
                    metadata: [],
                    components: [
                        "sample": details(
                            Sample.schemaDocument(title: "sample"), aliases: "old_sample, older"),
                        "otlp_http": details(nil),
                    ]),
                "receivers": ComponentDetails(metadata: [], components: ["otlp": details(nil)]),
            ], hash: [1])
    }

    private static func findings(_ exporter: String, id: String = "sample") -> [ConfigurationFinding] {
        let yaml = """
            receivers: {otlp: {}}
            exporters:
              \(id): \(exporter)
            service: {pipelines: {traces: {receivers: [otlp], exporters: [\(id)]}}}
            """
        return DraftCheck(RevisionDraft(yaml: yaml), components: AgentComponents(reported)).findings
            .filter { $0.severity == .error }
    }

    @Test(arguments: [
        "{endpoint: a}", "{endpoint: a, timeout: 1m, mode: fast, count: 3, tags: [a]}",
        "{endpoint: '${env:E}', count: '${env:C}', queue: {size: 1}}",
        "{endpoint: a, queue: null, count: null}",
        "{endpoint: a, count: '${env:x}'}", "{endpoint: 12, headers: {a: '${env:B}'}}",
        "{endpoint: a, queue: {enabled: false}}", "${file:settings.yaml}",
    ])
    func `what agents can read is let pass`(exporter: String) {
        #expect(Self.findings(exporter).isEmpty, "\(Self.findings(exporter))")
    }

    @Test(arguments: [
        ("{}", "missing required key 'endpoint'", nil),
        ("null", "missing required key 'endpoint'", nil),
        ("{endpoint: a, timout: 5s}", "unknown key 'timout'", "timeout"),
        ("{endpoint: a, timeout: soon}", "must be a duration", nil),
        ("{endpoint: a, mode: sfae}", "must be one of fast, safe", "safe"),
        ("{endpoint: a, count: many}", "must be a whole number, not text", nil),
        ("{endpoint: a, count: 1.5}", "must be a whole number", nil),
        ("{endpoint: {a: b}}", "must be true or false", nil),
        ("{endpoint: a, tags: a}", "must be a list, not text", nil),
        ("{endpoint: a, queue: {sise: 1}}", "unknown key 'sise'", "size"),
    ])
    func `settings are checked against the schema that agents reported`(
        exporter: String, message: String, suggestion: String?
    ) {
        let findings = Self.findings(exporter)
        #expect(findings.count == 1, "\(findings)")
        #expect(findings.first?.rule == "setting")
        #expect(
            findings.first?.diagnostic.message.contains(message) == true
                || message == "must be true or false"
                    && findings.first?.diagnostic.message.contains("not a map") == true,
            "\(findings)")
        #expect(findings.first?.diagnostic.suggestion == suggestion)
        #expect(findings.first?.diagnostic.position?.line == 3)
    }

    @Test(arguments: [
        ("sample", true), ("sample/two", true), ("old_sample", true), ("older", true), ("otlphttp", true),
        ("otlp_http", true), ("smaple", false), ("kafka", false),
    ])
    func `a type that the agents do not have is an error`(id: String, isKnown: Bool) {
        let findings = Self.findings("{endpoint: a}", id: id)
        #expect(findings.isEmpty == isKnown, "\(findings)")
        if id == "smaple" { #expect(findings.first?.diagnostic.suggestion == "sample") }
        if !isKnown { #expect(findings.first?.rule == "component") }
    }

    @Test func `what the schema calls a secret is one, whatever its key sounds like`() {
        let findings = Self.findings("{endpoint: a, key: hunter2, headers: {x-tenant: hunter2}}")
        #expect(findings.map(\.rule) == ["plaintext-secret", "plaintext-secret"])
        #expect(!"\(findings)".contains("hunter2"))
    }

    @Test func `kinds that no agent has reported are not judged`() {
        let yaml = CheckTests.good
        let findings = DraftCheck(
            RevisionDraft(yaml: yaml), components: AgentComponents(AvailableComponents(hash: []))
        ).findings
        #expect(findings.isEmpty)
        #expect(AgentComponents(AvailableComponents(hash: [])).isEmpty)
    }

    @Test func `a schema that is not JSON counts as none`() {
        let reported = AvailableComponents(
            components: [
                "exporters": ComponentDetails(
                    metadata: [],
                    components: ["x": ComponentDetails(metadata: [KeyValue("schema", "{not json")])])
            ], hash: [])
        let components = AgentComponents(reported)
        #expect(components.has("x", of: .exporter))
        #expect(components.schema(of: "x", .exporter) == nil)
    }
}
