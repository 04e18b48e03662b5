import Testing

@testable import Settings

/// Every file in `Cases`: YAML, a line `---`, and what must be said about it.
@Suite struct CaseTests {
    static let names: [String] = {
        let names = try? FileProvider.configurations(in: folder, suffixes: [".txt"])
        return (names ?? nil) ?? []
    }()

    private static let folder: String = {
        let steps = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return steps.joined(separator: "/") + "/Cases"
    }()

    @Test func `there are cases`() { #expect(Self.names.count > 20) }

    @Test(arguments: names)
    func `a case gives the diagnostics written in it`(name: String) throws {
        let text = try FileProvider.read(name)
        let parts = text.split(separator: "\n---\n", maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "a case needs a line ---")
        #expect(Self.diagnose(String(parts[0])) == parts[1])
    }

    static func diagnose(_ yaml: String) -> String {
        var diagnostics: [Diagnostic]
        do {
            let tree = try Tree(yaml: yaml, source: ConfigurationSource(.file, "a.yaml"))
            diagnostics = Sample.decode(tree, at: ["sample"]).diagnostics
        } catch {
            diagnostics = error.diagnostics
        }
        return diagnostics.map { "\($0.severity.rawValue): \($0)\n" }.joined()
    }
}
