import Testing

@testable import Settings

/// What is printed of settings and trees can be read again.
@Suite struct PrintingTests {
    @Test func `defaults are printed, read, and equal themselves`() throws {
        let printed = try #require(Sample().tree(.revealed)).yaml()
        #expect(try Sample.decode(yaml: printed) == Sample())
    }

    @Test func `settings are printed, read, and equal themselves`() throws {
        var sample = Sample()
        sample.endpoint = "0123"
        sample.mode = .careful
        sample.port = 1
        sample.limit = 7
        sample.tls = Sample.Protection()
        sample.tls?.certificate = "yes"
        sample.tls?.key = "pass: word #1"
        sample.http.isPresent = true
        sample.grpc.isPresent = false
        sample.headers = OrderedPairs([.init("b", "1"), .init("a", "2"), .init("b", "3")])
        var rule = Sample.Rule()
        rule.name = "- odd: {"
        sample.rules = [rule, rule]
        sample.labels = ["a b": "", "ü": "line\nline"]
        sample.extra = try tree("{a: [1, '2', {b: null}], c: {}}")
        sample.shared.timeout = .milliseconds(1500)
        sample.shared.size = 1234
        let printed = try #require(sample.tree(.revealed)).yaml()
        #expect(try Sample.decode(yaml: printed) == sample)
    }

    @Test func `the reference page reads as the defaults`() throws {
        let page = Sample.referencePage(title: "sample: what for")
        #expect(page.hasPrefix("# sample: what for\n"))
        #expect(try Sample.decode(yaml: page) == Sample())
        for field in Sample.allFields { #expect(page.contains(field.name)) }
    }

    @Test func `the reference page with its comments opened is known completely`() throws {
        let lines = Sample.referencePage(title: "").split(separator: "\n").filter { !$0.hasPrefix("# Each") }
        let opened = lines.map { line -> Substring in
            let rest = line.drop { $0 == "#" || $0 == " " }
            let isKey =
                rest.contains { $0 == ":" } && !rest.contains { $0 == "(" } && !rest.contains("not supported")
            return isKey && line.hasPrefix("# ") ? line.dropFirst(2) : line
        }
        let text = opened.joined(separator: "\n").replacing("rules: []", with: "rules:\n-")
        let known = try Tree(yaml: text, source: ConfigurationSource(.file, "page.yaml"))
        let unknown = Sample.decode(known).diagnostics.filter { $0.message.hasPrefix("unknown") }
        #expect(unknown.isEmpty)
    }

    static let texts = [
        "", " ", "a", "a b", " a", "a ", "true", "no", "0123", "1e3", "null", "~", "-", "- a", "a: b", "a:",
        "a #b",
        "#a", "&a", "*a", "!a", "|", ">", "'", "\"", "%a", "@a", "`a", "[a]", "{a}", "a,b", "a\nb", "a\n",
        "\n", "\t",
        "a\\b", "ü", "日本", "😀", "\u{0}", "\u{7F}", "\u{85}", "\u{2028}", "a\u{FEFF}b", "<<", "=",
        "2006-01-02",
        "? a",
        "---", "...", "--- a", "a'b", "$A", "${A}", "$$", "\r", "a\r\nb", ": a", "0x", ".inf", "\u{FFFE}",
        "http://a:1/?b#c",
    ]

    @Test(arguments: texts)
    func `any text is written so that it is read back`(text: String) throws {
        let written = Tree.table(["k": .text(text), "l": .list([.text(text), .list([.text(text)])])])
        #expect(try tree(written.yaml()) == written)
        let key = Tree(.table([Tree.Entry(text, .table(["b": .number(1)]))]))
        #expect(try tree(key.yaml()) == key)
        #expect(try tree(written.json()) == written)
    }

    @Test(arguments: texts)
    func `text with dollars survives being loaded`(text: String) async {
        let yaml = Tree.table(["k": .text(text)]).yaml(escapingDollars: true)
        let loaded = await ConfigurationLoader.load(sources: ["yaml:" + yaml])
        #expect(loaded.tree?["k"]?.scalar?.text == text)
    }

    @Test func `a tree is written as JSON`() throws {
        let written = try tree("a: [1, 0x10, 1.5, true, ~, 'x\"y', .inf]\nb: {c: {}, d: []}")
        #expect(written.json() == #"{"a":[1,16,1.5,true,null,"x\"y",".inf"],"b":{"c":{},"d":[]}}"#)
        #expect(
            try tree("a: [1, {b: 2}]").json(pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": 2
                    }
                  ]
                }
                """)
    }

    @Test func `a diagnostic is shown with its line and a mark`() {
        let source = ConfigurationSource(.file, "a.yaml")
        let renderer = DiagnosticRenderer(texts: [source: "a: 1\n\tbc: 2\n"])
        let diagnostic = Diagnostic(
            .warning, at: Position(source, line: 2, column: 6), path: ["a/b", "c"], "is odd", suggestion: "1")
        #expect(
            renderer.render(diagnostic) == """
                a.yaml:2:6: warning: a/b::c: is odd (did you mean '1'?)
                 2 |  bc: 2
                   |      ^

                """)
        #expect(diagnostic.pointer == "/a~1b/c")
        let nowhere = Position(.builtIn, line: 9, column: 1)
        #expect(renderer.render(Diagnostic(at: nowhere, "x")) == "default:9:1: error: x\n")
    }

    @Test func `the schema lists every key with its default`() throws {
        let schema = Sample.schemaDocument(title: "sample")
        #expect(schema[["properties", "workers", "default"]] == .number(2))
        #expect(
            schema[["properties", "mode", "anyOf", "0", "enum"]] == .list([.text("fast"), .text("careful")]))
        #expect(
            schema[["properties", "tls", "anyOf", "0", "properties", "key_pem", "writeOnly"]] == .bool(true))
        #expect(schema[["properties", "timeout", "description"]]?.text == "How long one attempt may take.")
        #expect(schema[["properties", "rules", "anyOf", "0", "items", "required"]] == .list([.text("name")]))
        #expect(schema[["properties", "balancer_name"]] == nil)
        #expect(schema["additionalProperties"] == .bool(false))
    }
}
