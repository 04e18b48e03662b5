import Settings
import Testing

/// What several sources make together.
@Suite struct MergingTests {
    private static func load(_ sources: [String], sets: [String] = []) async -> LoadedConfiguration {
        await ConfigurationLoader.load(sources: sources.map { "yaml:" + $0 }, sets: sets)
    }

    @Test(
        arguments: [
            (["a: {b: 1, c: 2}", "a: {c: 3, d: 4}"], "{a: {b: 1, c: 3, d: 4}}"),
            (["a: [1, 2, 3]", "a: [4]"], "{a: [4]}"),
            (["a: {b: 1}", "a: null"], "{a: null}"),
            (["a: {b: 1}", "a:"], "{a: null}"),
            (["a: null", "a: {b: 1}"], "{a: {b: 1}}"),
            (["a: {b: 1}", "a: text"], "{a: text}"),
            (["a: 1", "b: 2", "a: 3"], "{a: 3, b: 2}"),
            (["a::b::c: 1", "a::b::d: 2"], "{a: {b: {c: 1, d: 2}}}"),
            (["a: {}", ""], "{a: {}}"),
            (["# only a comment", "a: 1"], "{a: 1}"),
        ] as [([String], String)])
    func `later sources are put on top`(sources: [String], expected: String) async throws {
        let loaded = await Self.load(sources)
        #expect(loaded.diagnostics.isEmpty)
        #expect(loaded.tree == (try tree(expected)))
    }

    @Test(
        arguments: [
            (["a.b.c=1"], "{a: {b: {c: 1}}}"), (["a.b={c: 2}"], "{a: {b: {c: 2}}}"),
            (["a::b.c=1"], "{a: {b.c: 1}}"), (["a.b=x=y"], "{a: {b: x=y}}"), (["a="], "{a: null}"),
            (["a.b=1", "a.b=2"], "{a: {b: 2}}"), (["a=[1, 2]"], "{a: [1, 2]}"), (["a='0123'"], "{a: '0123'}"),
        ])
    func `options are put on top of all sources`(sets: [String], expected: String) async throws {
        let loaded = await Self.load(["a: {}"], sets: sets)
        #expect(loaded.diagnostics.isEmpty)
        #expect(loaded.tree == (try tree(expected)))
    }

    @Test(arguments: ["a", "=1", "a..b=1", "a=[", "::a=1"])
    func `an option that is not understood is an error`(set: String) async {
        let loaded = await Self.load(["a: 1"], sets: [set])
        #expect(loaded.tree == nil)
        #expect(loaded.diagnostics.hasErrors)
    }

    @Test(arguments: ["text", "[1, 2]", "a: [", "a: 1\na: 2"])
    func `a source that is not a map is an error`(source: String) async {
        #expect(await Self.load(["a: 1", source]).tree == nil)
    }

    @Test func `unknown schemes and files that are missing are errors`() async {
        let loaded = await ConfigurationLoader.load(sources: ["s3:bucket/key", "/does/not/exist.yaml"])
        #expect(
            loaded.diagnostics.map(\.description) == [
                "cannot load 's3:bucket/key': unknown scheme 's3'; there are env, file, yaml",
                "cannot read '/does/not/exist.yaml': No such file or directory",
            ])
    }

    @Test func `an explanation names every source that had a say`() async throws {
        let loaded = await ConfigurationLoader.load(
            sources: ["yaml:a: {b: 1}", "yaml:a: {b: '${env:X}'}"], sets: ["a.b=3"],
            providers: [EnvironmentProvider(["X": "2"]), YAMLProvider()])
        let tree = try #require(loaded.tree)
        let explanation = try #require(Explanation(of: ["a", "b"], in: tree))
        #expect(
            explanation.description == """
                a::b
                  set by --set a.b:1:1: 3
                  replaces yaml:a: {b: '${env:X}'}:1:8: "${env:X}"
                  replaces yaml:a: {b: 1}:1:8: 1
                """)
        #expect(Explanation(of: ["a", "c"], in: tree) == nil)
    }

    @Test func `an explanation hides what came from a variable`() async throws {
        let loaded = await ConfigurationLoader.load(
            sources: ["yaml:{a: '${env:X}', password: b, c: {token: d}}"],
            providers: [EnvironmentProvider(["X": "hunter2"]), YAMLProvider()])
        let tree = try #require(loaded.tree)
        #expect(Explanation(of: ["a"], in: tree)?.description.contains("hunter2") == false)
        #expect(Explanation(of: ["a"], in: tree)?.description.contains("from env:X: ***") == true)
        #expect(Explanation(of: ["password"], in: tree)?.description.hasSuffix(": ***") == true)
        #expect(Explanation(of: ["c"], in: tree)?.description.hasSuffix("{token: \"***\"}") == true)
        #expect(
            Explanation(of: ["a"], in: tree, secrets: .revealed)?.description.hasSuffix("hunter2") == true)
    }
}
