import Settings
import Testing

/// Text that is made to do harm, or is broken in any way, gives diagnostics and nothing worse.
@Suite struct HostileYAMLTests {
    private static func read(_ text: String) -> [Diagnostic] {
        do {
            return Sample.decode(try tree(text)).diagnostics
        } catch {
            return (error as? InvalidSettings)?.diagnostics ?? []
        }
    }

    private static func laughs(levels: Int, asKey: Bool) -> String {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...levels {
            let inner = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(inner)]\n"
        }
        return asKey ? text + "? *a\(levels)\n: 1\n" : text
    }

    /// Some of it is large, so it is named instead of printed.
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String

        init(_ name: String, _ text: String) {
            testDescription = name
            self.text = text
        }
    }

    static let hostile = [
        Hostile("deep lists", String(repeating: "[", count: 100_000)),
        Hostile("deep maps", String(repeating: "{a: ", count: 5_000)),
        Hostile("deep blocks", String(repeating: "- ", count: 5_000)),
        Hostile("a staircase", (0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()),
        Hostile("a billion laughs", laughs(levels: 9, asKey: false)),
        Hostile("a billion laughs as a key", laughs(levels: 9, asKey: true)),
        Hostile("a thousand equal keys", String(repeating: "a: 1\n", count: 1000)),
        Hostile("unknown aliases", String(repeating: "*a ", count: 20_000)),
        Hostile("17 MiB of text", "a: " + String(repeating: "x", count: 17 << 20)),
        Hostile("an unknown version", "%YAML 9.9\n---\na: 1\n"),
        Hostile("a zero", "a: \u{0}"),
        Hostile("a byte order mark and an open list", "\u{FEFF}a: ["),
        Hostile("keys in keys", "? ? ? ? ? a"),
        Hostile("an anchor on an alias", "&a *a"),
        Hostile("an alias as a key", "*a : 1"),
        Hostile("a tag", "!!binary x: y"),
        Hostile("a list that holds itself", "- &a [*a]"),
        Hostile("a map as a key", "? {a: 1}\n: 2"),
    ]

    @Test(arguments: hostile)
    func `hostile text is refused`(hostile: Hostile) { #expect(Self.read(hostile.text).hasErrors) }

    @Test func `a variable that mentions itself in a map ends`() async {
        let loaded = await ConfigurationLoader.load(
            sources: ["yaml:a: ${A}"],
            providers: [EnvironmentProvider(["A": "{a: '${A}', b: '${A}'}"]), YAMLProvider()])
        #expect(loaded.tree == nil)
    }

    private static let document = """
        endpoint: "localhost:4317"
        mode: careful
        tls: &t {cert_file: 'a.pem', key_pem: ${env:KEY:-x}}
        grpc:
          <<: *t
          key_pem: |
            line
            line
        headers:
          - name: a
            value: !!str 1
        rules:
          - {name: a, rate: 1e-3}
          - name: b # comment
        timeout: 1h2m3.5s
        labels: {a: $$b, "c": $${d}, ${e}: ${f:-${g}}}
        size: 64MiB
        """

    @Test func `random damage never crashes`() async {
        var random = SystemRandomNumberGenerator()
        let pieces: [[UInt8]] = [
            ":", "- ", "\n", "  ", "\t", "{", "}", "[", "]", "*t", "&t ", "${", "$", "'", "\"", "? ", "<<",
            "\0",
        ]
        .map { (piece: String) in Array(piece.utf8) }
        for _ in 0..<20_000 {
            var bytes = Array(Self.document.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
                case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let loaded = await ConfigurationLoader.load(
                sources: ["yaml:" + text], providers: [EnvironmentProvider([:]), YAMLProvider()])
            if let tree = loaded.tree { _ = Sample.decode(tree) }
            _ = DiagnosticRenderer(texts: loaded.texts).render(loaded.diagnostics)
        }
    }
}
