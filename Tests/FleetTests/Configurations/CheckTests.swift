import OpAMP
import Pipeline
import Settings
import Testing

@testable import Fleet

/// Configurations with one mistake each.
@Suite struct CheckTests {
    static let good = """
        receivers:
          otlp: {protocols: {grpc: {endpoint: "localhost:4317"}}}
        processors:
          memory_limiter: {limit_mib: 100, check_interval: 1s}
          batch: {}
        exporters:
          otlp: {endpoint: "https://example.com:4317", headers: {authorization: "Bearer ${env:KEY}"}}
        service:
          pipelines:
            traces: {receivers: [otlp], processors: [memory_limiter, batch], exporters: [otlp]}

        """

    @Test func `a good configuration has no findings`() {
        #expect(DraftCheck(RevisionDraft(yaml: Self.good)).findings.isEmpty)
    }

    @Test(arguments: [
        ("a: b: c", "yaml", 1), ("- a", "structure", 1), ("", "structure", 1),
        (good.replacing("exporters: [otlp]", with: "exporters: [otpl]"), "structure", 10),
        (good.replacing("receivers: [otlp], ", with: ""), "structure", 10),
        (good.replacing("traces:", with: "trace:"), "structure", 10),
        (good.replacing("[memory_limiter, batch]", with: "[batch, batch]"), "structure", 10),
        (good.replacing("processors: [memory_limiter, batch]", with: "processor: []"), "structure", 10),
        (good.replacing("service:", with: "services:"), "structure", 8),
        (good.replacing("batch: {}", with: "batch: fast"), "structure", 5),
        (good.replacing("batch: {}", with: "'9batch': {}"), "structure", 5),
        (good.replacing("check_interval: 1s", with: "check_interval: '${var:wait}'"), "template", 4),
        (good.replacing("check_interval: 1s", with: "check_interval: '${var:}'"), "template", 4),
        (good.replacing("Bearer ${env:KEY}", with: "Bearer hunter2"), "plaintext-secret", 7),
        (good.replacing("${env:KEY}", with: "${env:KEY:-hunter2}"), "plaintext-secret", 7),
    ])
    func `every mistake is an error at its place`(yaml: String, rule: String, line: Int) {
        let findings = DraftCheck(RevisionDraft(yaml: yaml)).findings
        let errors = findings.filter { $0.severity == .error && $0.rule == rule }
        #expect(errors.contains { $0.diagnostic.position?.line == line }, "\(findings)")
        #expect(!findings.contains { "\($0.tree.json())\($0)".contains("hunter2") })
    }

    @Test func `what was meant is guessed`() {
        let yaml = Self.good.replacing("exporters: [otlp]", with: "exporters: [otpl]")
        #expect(
            DraftCheck(RevisionDraft(yaml: yaml)).findings.contains { $0.diagnostic.suggestion == "otlp" })
        var draft = RevisionDraft(yaml: Self.good.replacing("1s", with: "'${var:wiat}'"))
        draft.variables["wait"] = TemplateVariable()
        #expect(DraftCheck(draft).findings.contains { $0.diagnostic.suggestion == "wait" })
    }

    @Test func `a connector has to be used on both sides`() {
        let yaml = Self.good.replacing("service:", with: "connectors:\n  forward: {}\nservice:")
            .replacing("exporters: [otlp]", with: "exporters: [otlp, forward]")
        let findings = DraftCheck(RevisionDraft(yaml: yaml)).findings
        #expect(
            findings.contains { $0.severity == .error && $0.diagnostic.path == ["connectors", "forward"] })
    }

    @Test func `a partial configuration may name what agents have locally`() {
        var draft = RevisionDraft(
            yaml: "service:\n  pipelines:\n    traces: {receivers: [local], exporters: [local]}\n")
        #expect(DraftCheck(draft).findings.hasErrors)
        draft.isPartial = true
        #expect(!DraftCheck(draft).findings.hasErrors)
        #expect(DraftCheck(draft).findings.contains { $0.rule == "structure" && $0.severity == .note })
    }

    @Test func `files are laid one over the other in the order of their names`() {
        let draft = RevisionDraft(files: [
            ConfigurationFile(name: "b.yaml", body: Array("exporters: {otlp: {endpoint: 'b:1'}}".utf8)),
            ConfigurationFile(name: "a.yaml", body: Array(Self.good.utf8)),
        ])
        let check = DraftCheck(draft)
        #expect(!check.findings.hasErrors)
        #expect(check.tree?[["exporters", "otlp", "endpoint"]]?.text == "b:1")
        #expect(check.tree?[["exporters", "otlp", "headers"]] != nil)
    }

    @Test func `a mistake names its file`() {
        let draft = RevisionDraft(files: [
            ConfigurationFile(name: "a.yaml", body: Array(Self.good.utf8)),
            ConfigurationFile(name: "b.yaml", body: Array("x: [".utf8)),
        ])
        #expect(DraftCheck(draft).findings.first?.diagnostic.position?.source.name == "b.yaml")
    }

    @Test func `too much is refused before it is read`() {
        let huge = RevisionDraft(files: [
            ConfigurationFile(body: [UInt8](repeating: 0x20, count: RevisionDraft.mostBytes + 1))
        ])
        #expect(DraftCheck(huge).findings.hasErrors)
        let many = RevisionDraft(
            files: (0...RevisionDraft.mostFiles).map { ConfigurationFile(name: "\($0)", body: []) })
        #expect(DraftCheck(many).findings.hasErrors)
        let twice = RevisionDraft(files: [ConfigurationFile(yaml: Self.good), ConfigurationFile(yaml: "")])
        #expect(DraftCheck(twice).findings.hasErrors)
        #expect(DraftCheck(RevisionDraft(files: [])).findings.hasErrors)
    }

    // MARK: - Lint

    @Test(arguments: [
        ("insecure-tls", "exporters", "otlp: {endpoint: 'e:1', tls: {insecure: true}}"),
        ("insecure-tls", "exporters", "otlp: {endpoint: 'e:1', tls: {insecure_skip_verify: true}}"),
        ("insecure-tls", "exporters", "otlp: {endpoint: 'http://example.com'}"),
        ("listens-everywhere", "receivers", "otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}"),
        ("unused-component", "exporters", "otlp: {endpoint: 'e:1'}\n  otlp/2: {endpoint: 'e:2'}"),
        ("no-queue", "exporters", "otlp: {endpoint: 'e:1', sending_queue: {enabled: false}}"),
        ("plaintext-secret", "exporters", "otlp: {endpoint: 'https://user:hunter2@example.com'}"),
        ("plaintext-secret", "exporters", "otlp: {endpoint: 'e:1', api_key: '${var:key}'}"),
    ])
    func `lint rules find what they are for, and are silenced by name`(
        rule: String, section: String, content: String
    ) {
        let lines = Self.good.split(separator: "\n", omittingEmptySubsequences: false)
        var yaml = ""
        var isReplacing = false
        for line in lines {
            if !line.hasPrefix(" ") { isReplacing = line == "\(section):" }
            if isReplacing, line.hasPrefix(" ") { continue }
            yaml += line + "\n"
            if isReplacing { yaml += "  \(content)\n" }
        }
        var draft = RevisionDraft(yaml: yaml)
        draft.variables["key"] = TemplateVariable()
        #expect(DraftCheck(draft).findings.contains { $0.rule == rule }, "\(DraftCheck(draft).findings)")
        draft.silenced = [rule]
        #expect(!DraftCheck(draft).findings.contains { $0.rule == rule })
    }

    @Test(arguments: [
        ("no-memory-limiter", "[memory_limiter, batch]", "[batch, memory_limiter]"),
        ("no-memory-limiter", "[memory_limiter, batch]", "[batch]"),
        ("no-batch", "[memory_limiter, batch]", "[memory_limiter]"),
    ])
    func `pipelines without protection are told`(rule: String, old: String, new: String) {
        let findings = DraftCheck(RevisionDraft(yaml: Self.good.replacing(old, with: new))).findings
        #expect(findings.contains { $0.rule == rule })
    }

    @Test func `the debug exporter and filters that drop everything are told`() {
        let yaml = Self.good
            .replacing("batch: {}", with: "batch: {}\n  filter: {traces: {span: ['true']}}")
            .replacing("[memory_limiter, batch]", with: "[memory_limiter, filter, batch]")
            .replacing("service:", with: "  debug: {}\nservice:")
            .replacing("exporters: [otlp]", with: "exporters: [otlp, debug]")
        let rules = Set(DraftCheck(RevisionDraft(yaml: yaml)).findings.map(\.rule))
        #expect(rules.isSuperset(of: ["debug-exporter", "drops-everything"]))
    }

    @Test func `a rule that does not exist cannot be silenced unnoticed`() {
        var draft = RevisionDraft(yaml: Self.good)
        draft.silenced = ["no-btach"]
        #expect(DraftCheck(draft).findings.first?.diagnostic.suggestion == "no-batch")
    }

    @Test(arguments: [
        ("${env:A}", true), ("${file:/run/secrets/a}", true), ("${secret:a}", true),
        ("Bearer ${env:A}", true),
        ("${A}", true), ("a", false), ("${env:A:-b}", false), ("${var:a}", false), ("$${env:A}", false),
        ("key-${env:A}", false), ("${env:A}${env:B}", false), ("Bearer a", false),
    ])
    func `only references may stand where secrets belong`(text: String, isReference: Bool) {
        #expect(SecretPlaces.isReference(text) == isReference)
    }
}
