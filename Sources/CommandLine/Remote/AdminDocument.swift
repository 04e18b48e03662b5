internal import ArgumentParser
internal import Glibc
internal import Settings

/// What is sent to an API.
struct AdminDocument: Sendable {
    let text: String
    /// The media type.
    let type: String
    /// Where the text was read, to show its lines; `nil` for what the program has written itself.
    var source: ConfigurationSource?
    /// What is sent instead of the text, where it is none.
    private(set) var bytes: [UInt8]?

    /// The most bytes that the API takes.
    private static let limit = 8 << 20

    init(_ tree: Tree) {
        text = tree.json()
        type = "application/json"
    }

    /// A JSON Merge Patch.
    init(mergePatch tree: Tree) {
        text = tree.json()
        type = "application/merge-patch+json"
    }

    /// A piece of a file.
    init(bytes: [UInt8]) {
        text = ""
        type = "application/octet-stream"
        self.bytes = bytes
    }

    private init(text: String, type: String, source: ConfigurationSource) {
        self.text = text
        self.type = type
        self.source = source
    }

    /// Reads a configuration in YAML or JSON; `-` is standard input.
    static func configuration(_ path: String) throws -> AdminDocument {
        let (text, source) = try read(path)
        let type = path.hasSuffix(".json") ? "application/json" : "application/yaml"
        return AdminDocument(text: text, type: type, source: source)
    }

    /// Reads a patch in JSON or YAML: a list is a JSON Patch, a map a JSON Merge Patch.
    static func patch(_ path: String) throws -> AdminDocument {
        let (text, source) = try read(path)
        let tree: Tree
        do throws(InvalidSettings) {
            tree = try Tree(yaml: text, source: source)
        } catch {
            Report.print(error.diagnostics, texts: [source: text])
            throw ExitCode(ExitCodes.configuration)
        }
        let type = tree.list == nil ? "application/merge-patch+json" : "application/json-patch+json"
        let isJSON = text.first { !$0.isWhitespace }.map { $0 == "{" || $0 == "[" } ?? false
        guard !isJSON else { return AdminDocument(text: text, type: type, source: source) }
        // What was written in YAML is sent as one line of JSON, whose places mean nothing to anybody.
        return AdminDocument(text: tree.json(), type: type, source: ConfigurationSource(.inline, path))
    }

    /// Reads a document in YAML or JSON that becomes part of another; `-` is standard input.
    static func tree(_ path: String) throws -> Tree {
        let (text, source) = try read(path)
        do throws(InvalidSettings) {
            return try Tree(yaml: text, source: source)
        } catch {
            Report.print(error.diagnostics, texts: [source: text])
            throw ExitCode(ExitCodes.configuration)
        }
    }

    private static func read(_ path: String) throws -> (String, ConfigurationSource) {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { if path != "-" { Glibc.close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw failure("'\(path)' is larger than \(limit >> 20) MiB") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("'\(path)' is not UTF-8")
        }
        return (text, ConfigurationSource(.file, path == "-" ? "standard input" : path))
    }

    private static func unreadable(_ path: String) -> ExitCode {
        failure("'\(path)' cannot be read: \(String(cString: strerror(errno)))")
    }

    private static func failure(_ message: String) -> ExitCode {
        Report.write("error: \(message)\n")
        return ExitCode(ExitCodes.configuration)
    }
}
