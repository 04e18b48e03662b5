import FoundationEssentials
import Settings
import Testing

/// Configuration that lies in files.
@Suite struct FileTests {
    /// Gives a body a directory with some files, and takes it away afterwards.
    private func withFiles(_ files: [String: String], _ body: (String) async throws -> Void) async throws {
        let directory =
            FileManager.default.temporaryDirectory.path + "/settings-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)")) }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(directory))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(atPath: directory)
        try result.get()
    }

    @Test func `the files of a directory are read in the order of their names`() async throws {
        let files = ["10.yaml": "a: 1\nb: 1", "20.yml": "a: 2", "30.txt": "a: 3", ".40.yaml": "a: 4"]
        try await withFiles(files) { directory in
            let loaded = await ConfigurationLoader.load(sources: [directory])
            let tree = try #require(loaded.tree)
            #expect(tree["a"]?.scalar?.value == .int(2))
            #expect(tree["b"]?.position.description == "\(directory)/10.yaml:2:4")
            #expect(loaded.texts.count == 2)
        }
    }

    @Test func `a directory without configuration is an error`() async throws {
        try await withFiles(["a.txt": "a: 1"]) { directory in
            let loaded = await ConfigurationLoader.load(sources: [directory])
            #expect(loaded.tree == nil)
            #expect(loaded.diagnostics.first?.message.contains("no *.yaml or *.yml file") == true)
        }
    }

    @Test func `a file may be a part of the configuration, or a password with its line end`() async throws {
        let files = ["part.yaml": "b: $${x}\nc: ${env:X}\n", "password": "0123\n", "two": "a: b: c\nd\n"]
        try await withFiles(files) { directory in
            let loaded = await ConfigurationLoader.load(
                sources: [
                    "yaml:{p: '${file:\(directory)/part.yaml}', q: '${file:\(directory)/password}', "
                        + "r: '${file:\(directory)/two}', s: 'x${file:\(directory)/password}y'}"
                ], providers: [EnvironmentProvider(["X": "x"]), FileProvider(), YAMLProvider()])
            let tree = try #require(loaded.tree)
            #expect(tree[["p", "b"]]?.text == "${x}")
            #expect(tree[["p", "c"]]?.text == "x")
            #expect(tree[["p", "c"]]?.position.description == "\(directory)/part.yaml:2:4")
            #expect(tree["q"]?.text == "0123")
            #expect(tree["r"]?.text == "a: b: c\nd")
            #expect(tree["s"]?.text == "x0123y")
        }
    }

    @Test func `what is not UTF-8 is refused`() async throws {
        try await withFiles([:]) { directory in
            try Data([0x61, 0xFF]).write(to: URL(filePath: "\(directory)/a.yaml"))
            let loaded = await ConfigurationLoader.load(sources: ["\(directory)/a.yaml"])
            #expect(loaded.diagnostics.map(\.message) == ["cannot read '\(directory)/a.yaml': not UTF-8"])
        }
    }
}
