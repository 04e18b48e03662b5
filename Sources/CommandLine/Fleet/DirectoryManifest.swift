internal import ArgumentParser
internal import Settings

/// What a directory says the fleet manager should have, in one document.
struct DirectoryManifest {
    let tree: Tree

    /// - Parameters:
    ///   - directory: The files.
    ///   - source: What is pruned together; the name of the directory without it.
    ///   - message: Why revisions are made.
    /// - Throws: The exit code, after telling what is wrong with a file.
    init(_ directory: DirectoryTree, source: String?, message: String?) throws {
        var entries: [Tree.Entry] = [.init("source", .text(source ?? Self.name(directory.name)))]
        entries.append(
            .init("configurations", .list(try Self.configurations(directory, message: message))))
        entries.append(
            .init(
                "groups",
                .list(
                    try directory.files(in: "groups").map { file in
                        Tree(.table([.init("name", .text(file.stem))] + (try file.document().table ?? [])))
                    })))
        entries.append(
            .init(
                "plans",
                .list(
                    try directory.files(in: "plans").map { file in
                        .table(["name": .text(file.stem), "spec": try file.document()])
                    })))
        let values = try directory.files.first { $0.stem == "values" && !$0.path.contains("/") }?.document()
        entries.append(
            .init(
                "values",
                .list((values?.table ?? []).map { .table(["name": .text($0.key), "value": $0.value]) })))
        tree = Tree(.table(entries))
    }

    private static func configurations(_ directory: DirectoryTree, message: String?) throws -> [Tree] {
        let files = directory.files(in: "configs")
        let names = Set(files.map(\.configuration)).sorted()
        return try names.map { name in
            let own = files.filter { $0.configuration == name }
            var entries: [Tree.Entry] = [.init("name", .text(name))]
            if let message { entries.append(.init("message", .text(message))) }
            for file in own where file.isMeta {
                entries += (try file.document().table ?? []).filter { $0.key != "name" }
            }
            let bodies = own.filter { !$0.isMeta }.map { file in
                Tree.table(["name": .text(file.partName), "body": .text(file.text)])
            }
            entries.append(.init("files", .list(bodies)))
            return Tree(.table(entries))
        }
    }

    /// A name of the kind that sources have: letters, digits, `_`, `.` and `-`.
    private static func name(_ text: String) -> String {
        let kept = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) ? $0 : "-" }
        let name = String(kept.drop { !$0.isLetter && !$0.isNumber })
        return name.isEmpty ? "files" : name
    }
}

extension DirectoryTree {
    /// The files below one of the directories.
    func files(in place: String) -> [File] { files.filter { $0.path.hasPrefix(place + "/") } }
}

extension DirectoryTree.File {
    private var parts: [Substring] { path.split(separator: "/") }

    /// The name of the file without what follows the last point.
    var stem: String { Self.stem(parts.last ?? "") }

    /// The configuration that a file below `configs` belongs to.
    var configuration: String {
        guard parts.count == 2 else { return String(parts[1]) }
        return stem.hasSuffix(".meta") ? String(stem.dropLast(5)) : stem
    }

    /// Whether it says something about its configuration instead of being a part of it.
    var isMeta: Bool { parts.count == 2 ? stem.hasSuffix(".meta") : stem == "meta" }

    /// What it is called in its configuration: nothing for the only file.
    var partName: String { parts.count == 2 ? "" : parts.dropFirst(2).joined(separator: "/") }

    /// Its content as a document.
    func document() throws -> Tree {
        let source = ConfigurationSource(.file, path)
        do throws(InvalidSettings) {
            return try Tree(yaml: text, source: source)
        } catch {
            Report.print(error.diagnostics, texts: [source: text])
            throw ExitCode(ExitCodes.configuration)
        }
    }

    private static func stem(_ name: Substring) -> String {
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return String(name) }
        return String(name[..<point])
    }
}
