import Settings
import Testing

@Suite struct HiddenTextTests {
    private struct Sample: SettingGroup {
        var endpoint = ""
        var size = 0
        var password = Secret("")
        var keys: [Secret] = []
        var headers: OrderedPairs<Secret> = [:]

        static var fields: [Field<Sample>] {
            [
                Field("endpoint", \.endpoint, "Where."), Field("size", \.size, "How much."),
                Field("password", \.password, "What nobody may see."), Field("keys", \.keys, "More of it."),
                Field("headers", \.headers, "And more."), .unsupported("pass_phrase", "use password"),
            ]
        }
    }

    private let source = ConfigurationSource(.file, "a.yaml")

    private func shown(_ yaml: String) throws -> String {
        let tree = try Tree(yaml: yaml, source: source)
        return DiagnosticRenderer(texts: [source: yaml]).render(Sample.decode(tree).diagnostics)
    }

    @Test(arguments: [
        "{size: x, password: hunter22}", "{password: [hunter22], size: 1}", "{password: {a: hunter22}}",
        "keys: hunter22", "keys: [a: hunter22]", "headers: hunter22", "headers: [hunter22]",
        "headers: [{value: hunter22}]", "headers: [{name: a, valeu: hunter22}]", "pasword: hunter22",
        "pass_phrase: hunter22", "{password: \"hunter22\\nsecond\", size: x}",
        "password: \"\n  hunter22\n\nsize: x",
    ])
    func `a secret in the line of a mistake is not shown`(yaml: String) throws {
        let text = (try? shown(yaml)) ?? unreadable(yaml)
        #expect(text.contains("error"), "\(text)")
        #expect(!text.contains("hunter22"), "\(text)")
    }

    /// What is shown of a text that is no YAML.
    private func unreadable(_ yaml: String) -> String {
        do {
            _ = try Tree(yaml: yaml, source: source)
            return ""
        } catch {
            return DiagnosticRenderer(texts: [source: yaml]).render(error.diagnostics)
        }
    }

    @Test func `what is no secret is shown, and the mark stays under its place`() throws {
        let text = try shown("{password: hunter22, size: many}")
        #expect(
            text == """
                a.yaml:1:28: error: size: must be a whole number, not 'many'
                 1 | {password: ***, size: many}
                   |                       ^

                """)
    }

    @Test func `a text that could not be read shows nothing behind a key that sounds secret`() {
        let renderer = DiagnosticRenderer(texts: [source: "a: {Password: hunter22, b"])
        let diagnostic = Diagnostic(at: Position(source, line: 1, column: 24), "no end")
        let text = renderer.render(diagnostic)
        #expect(text.contains("a: {Password: ***\n"))
        #expect(!text.contains("hunter22"))
    }

    @Test func `explanations do not show what was read as a secret`() throws {
        let tree = try Tree(
            yaml: "{endpoint: here, keys: [hunter22], headers: {a: hunter33}}", source: source)
        let secrets = Sample.decode(tree).secrets
        #expect(secrets == ["hunter22", "hunter33"])
        let explanation = Explanation(of: ["headers"], in: tree, hiding: secrets)?.description
        #expect(explanation?.hasSuffix("{a: \"***\"}") == true)
        #expect(
            Explanation(of: ["endpoint"], in: tree, hiding: secrets)?.description.hasSuffix("here") == true)
    }
}
