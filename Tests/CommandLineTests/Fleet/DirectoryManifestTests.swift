import ArgumentParser
import Glibc
import Settings
import Testing

@testable import CommandLine

@Suite struct DirectoryManifestTests {
    private struct Failure: Error {}

    /// A directory with some files in it, which is gone afterwards.
    @discardableResult
    private static func within<Answer>(_ files: [String: String], _ body: (String) throws -> Answer) throws
        -> Answer
    {
        var template = Array("/tmp/apus-files-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var directories = [root]
        defer {
            for path in files.keys { unlink("\(root)/\(path)") }
            for directory in directories.reversed() { rmdir(directory) }
        }
        for (path, text) in files {
            var directory = root
            for part in path.split(separator: "/").dropLast() {
                directory += "/\(part)"
                if mkdir(directory, 0o700) == 0 { directories.append(directory) }
            }
            guard let file = fopen("\(root)/\(path)", "w") else { throw Failure() }
            fputs(text, file)
            fclose(file)
        }
        return try body(root)
    }

    @Test func `a directory is one document`() throws {
        let files = [
            "groups/prod.yaml": "selector: env=prod", "plans/careful.yaml": "stages: [{size: 1}]",
            "values.yaml": "{backend: 'a:1', port: 4317}", "configs/edge.yaml": "a: 1\n",
            "configs/edge.meta.yaml": "{description: edges, name: other}", "configs/pair/one.yaml": "b: 1",
            "configs/pair/two.yaml": "c: 1", "configs/pair/meta.yaml": "{variables: {host: {}}}",
            "configs/.hidden.yaml": "x: 1", "README.md": "not ours",
        ]
        let tree = try Self.within(files) { root in
            try DirectoryManifest(try DirectoryTree(root), source: "git", message: "why").tree
        }
        #expect(tree.shown("source") == "git")
        #expect(tree["groups"]?.json() == #"[{"name":"prod","selector":"env=prod"}]"#)
        #expect(tree["plans"]?.json() == #"[{"name":"careful","spec":{"stages":[{"size":1}]}}]"#)
        #expect(
            tree["values"]?.json() == #"[{"name":"backend","value":"a:1"},{"name":"port","value":4317}]"#)
        #expect(
            tree["configurations"]?.json()
                == #"[{"name":"edge","message":"why","description":"edges","files":["#
                + #"{"name":"","body":"a: 1\n"}]},"#
                + #"{"name":"pair","message":"why","variables":{"host":{}},"files":["#
                + #"{"name":"one.yaml","body":"b: 1"},{"name":"two.yaml","body":"c: 1"}]}]"#)
    }

    @Test func `a directory without anything, or that is not there, is a mistake`() throws {
        #expect(throws: ExitCode(2)) { try DirectoryTree("/nowhere/at/all") }
        try Self.within(["README.md": ""]) { root in
            #expect(throws: ExitCode(2)) { try DirectoryTree(root) }
        }
    }

    @Test func `what is pruned together is named after the directory`() throws {
        try Self.within(["values.yaml": "{a: 1}"]) { root in
            let tree = try DirectoryManifest(try DirectoryTree(root), source: nil, message: nil).tree
            #expect(tree.shown("source").hasPrefix("apus-files-"))
        }
    }
}
