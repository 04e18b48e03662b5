import Foundation

/// The repository that these tests are part of.
enum Repository {
    /// Where `Package.swift` is.
    static let root: URL = {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: directory.appending(path: "Package.swift").path) {
            directory.deleteLastPathComponent()
        }
        return directory
    }()

    /// All Swift files that people write, in the order of their paths.
    static let swiftFiles: [SourceFile] = paths(below: ["Package.swift", "Sources", "Tests"])
        .filter { $0.hasSuffix(".swift") && !$0.contains("/Generated/") }
        .compactMap { SourceFile(path: $0) }

    /// All text files of the project.
    static let textFiles: [SourceFile] = paths(below: [
        ".ci", "ARCHITECTURE.md", "Benchmarks", "CONTRIBUTING.md", "Makefile", "Package.swift", "README.md",
        "Sources",
        "Tests", "config", "openapi", "packaging", "web-static",
    ]).compactMap { SourceFile(path: $0) }

    private static func paths(below tops: [String]) -> [String] {
        let manager = FileManager.default
        return tops.flatMap { top -> [String] in
            let inside =
                manager.enumerator(atPath: root.appending(path: top).path)?.compactMap { $0 as? String } ?? []
            return inside.isEmpty ? [top] : inside.map { "\(top)/\($0)" }
        }
        .filter { !$0.contains("/results/") && !$0.contains("__pycache__") }
        .sorted()
    }

    /// The text of a file; empty when there is none.
    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    }
}

/// One file, line by line.
struct SourceFile {
    /// From the root of the repository.
    let path: String
    let lines: [Substring]

    /// Reads a file; `nil` when it is a directory, empty or no text.
    init?(path: String) {
        let text = Repository.text(path)
        guard !text.isEmpty else { return nil }
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The target that the file belongs to, such as `Wire` or `WireTests`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var isSource: Bool { path.hasPrefix("Sources/") }

    /// One sentence about a line, counted from 0, in the form that editors understand.
    func finding(_ index: Int, _ message: String) -> String { "\(path):\(index + 1): \(message)" }

    /// The lines that hold code, with their index: no comments.
    var code: [(index: Int, line: Substring)] {
        lines.enumerated().compactMap { index, line in
            let text = line.drop { $0 == " " }
            return text.hasPrefix("//") ? nil : (index, line)
        }
    }
}

/// What a failed check shows.
func report(_ findings: [String]) -> String { "\n" + findings.joined(separator: "\n") }
