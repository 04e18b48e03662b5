internal import Glibc

/// The files of the web page, read once when the server starts.
///
/// Each file is a route of its own, so no path of a request is ever looked up in the file system. Links and
/// names that begin with a dot are left out.
public struct WebFiles: Sendable {
    /// One file.
    public struct File: Sendable, Equatable {
        /// Below the directory, such as `app/main.js`.
        public let path: String
        public let text: String

        public init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }

    /// Bounds of a directory that is taken for a page.
    static let limits = (files: 500, bytes: 16 << 20, depth: 6)
    /// The endings that files may have, with their media types.
    static let types = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "css": "text/css; charset=utf-8", "svg": "image/svg+xml", "json": "application/json",
        "txt": "text/plain; charset=utf-8",
    ]

    /// In the order of their paths.
    public let files: [File]

    /// A page of these files.
    public init(_ files: [File]) { self.files = files.sorted { $0.path < $1.path } }

    /// Reads a directory; files that browsers have no use for are left out.
    ///
    /// - Parameter directory: Has `index.html`.
    /// - Throws: What cannot be read, or is too much.
    public init(directory: String) throws(WebFilesError) {
        var (files, bytes): ([File], Int) = ([], 0)
        var todo = [(path: "", depth: 0)]
        while let (path, depth) = todo.popLast() {
            for entry in try Self.entries(of: "\(directory)/\(path)") {
                let child = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
                if entry.isDirectory {
                    guard depth < Self.limits.depth else { throw WebFilesError("'\(directory)' is too deep") }
                    todo.append((child, depth + 1))
                } else if Self.type(of: child) != nil {
                    let text = try Self.read("\(directory)/\(child)")
                    bytes += text.utf8.count
                    files.append(File(path: child, text: text))
                }
                guard files.count <= Self.limits.files, bytes <= Self.limits.bytes else {
                    throw WebFilesError(
                        "'\(directory)' has more than \(Self.limits.files) files or "
                            + "\(Self.limits.bytes >> 20) MiB")
                }
            }
        }
        guard files.contains(where: { $0.path == "index.html" }) else {
            throw WebFilesError("'\(directory)' has no index.html")
        }
        self.init(files)
    }

    /// The media type that the ending of a path stands for.
    static func type(of path: String) -> String? {
        path.split(separator: ".").last.flatMap { types[String($0)] }
    }

    private static func entries(
        of directory: String
    ) throws(WebFilesError) -> [(name: String, isDirectory: Bool)] {
        guard let handle = opendir(directory) else { throw WebFilesError("list", directory) }
        defer { closedir(handle) }
        var entries: [(name: String, isDirectory: Bool)] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard !name.hasPrefix("."), lstat("\(directory)/\(name)", &status) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFDIR || kind == S_IFREG { entries.append((name, kind == S_IFDIR)) }
        }
        return entries
    }

    private static func read(_ path: String) throws(WebFilesError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw WebFilesError("read", path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw WebFilesError("read", path) }
            if count == 0 { break }
            content += buffer[..<count]
            guard content.count <= limits.bytes else { throw WebFilesError("'\(path)' is too large") }
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw WebFilesError("'\(path)' is not UTF-8")
        }
        return text
    }
}

/// Why the files of the page cannot be used.
public struct WebFilesError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    init(_ action: String, _ path: String) {
        description = "cannot \(action) '\(path)': \(String(cString: strerror(errno)))"
    }
}
