internal import ArgumentParser
internal import Glibc

/// The files of a directory that describe a fleet.
struct DirectoryTree {
    /// One file, with its path in the directory.
    struct File: Equatable {
        let path: String
        let text: String
    }

    /// The most files, and the most bytes of all of them.
    private static let limits = (files: 5000, bytes: 7 << 20)
    /// What is read; everything else in a repository is about something else.
    private static let places = ["groups", "plans", "configs"]

    /// By path.
    let files: [File]
    /// The last part of the directory's real path.
    let name: String
    /// The commit of a Git checkout; `nil` elsewhere.
    let commit: String?

    /// Reads a directory.
    ///
    /// Links are not followed, and what begins with a dot is left out.
    ///
    /// - Throws: The exit code, after telling why.
    init(_ directory: String) throws {
        guard let real = realpath(directory, nil) else { throw Self.unreadable(directory) }
        let root = String(cString: real)
        free(real)
        name = root.split(separator: "/").last.map(String.init) ?? "root"
        commit = Self.commit(of: root)
        var files: [File] = []
        var bytes = 0
        var todo = Self.places.map { "\($0)" }
        while let path = todo.popLast() {
            guard let entries = Self.entries(of: "\(root)/\(path)") else { continue }
            for entry in entries where !entry.name.hasPrefix(".") {
                let child = "\(path)/\(entry.name)"
                if entry.isDirectory {
                    todo.append(child)
                } else {
                    try files.append(Self.file(root, child, &bytes))
                }
            }
            guard files.count <= Self.limits.files else {
                throw Self.failure("'\(directory)' has more than \(Self.limits.files) files")
            }
        }
        for path in ["values.yaml", "values.yml", "values.json"] where access("\(root)/\(path)", F_OK) == 0 {
            try files.append(Self.file(root, path, &bytes))
        }
        guard !files.isEmpty else {
            throw Self.failure("'\(directory)' has no groups, plans, configs and no values.yaml")
        }
        self.files = files.sorted { $0.path < $1.path }
    }

    private static func entries(of directory: String) -> [(name: String, isDirectory: Bool)]? {
        guard let handle = opendir(directory) else { return nil }
        defer { closedir(handle) }
        var entries: [(name: String, isDirectory: Bool)] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard name != ".", name != "..", lstat("\(directory)/\(name)", &status) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFDIR || kind == S_IFREG { entries.append((name, kind == S_IFDIR)) }
        }
        return entries.sorted { $0.name < $1.name }
    }

    private static func file(_ root: String, _ path: String, _ bytes: inout Int) throws -> File {
        let text = try AdminDocument.configuration("\(root)/\(path)").text
        bytes += text.utf8.count
        guard bytes <= limits.bytes else {
            throw failure("the files of '\(root)' have more than \(limits.bytes >> 20) MiB")
        }
        return File(path: path, text: text)
    }

    /// The commit that is checked out, of the repository that the directory is in.
    private static func commit(of directory: String) -> String? {
        var place = directory[...]
        while true {
            if let head = line("\(place)/.git/HEAD") {
                guard head.hasPrefix("ref: ") else { return head.count >= 40 ? head : nil }
                return line("\(place)/.git/\(head.dropFirst(5))")
            }
            guard let slash = place.lastIndex(of: "/"), slash != place.startIndex else { return nil }
            place = place[..<slash]
        }
    }

    private static func line(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 512)
        guard fgets(&text, Int32(text.count), file) != nil else { return nil }
        return String(decoding: text.prefix { $0 > 0x1F }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func unreadable(_ path: String) -> ExitCode {
        failure("'\(path)' cannot be read: \(String(cString: strerror(errno)))")
    }

    private static func failure(_ message: String) -> ExitCode {
        Report.write("error: \(message)\n")
        return ExitCode(ExitCodes.configuration)
    }
}
