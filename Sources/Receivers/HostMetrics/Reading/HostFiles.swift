internal import Delivery
internal import Glibc
internal import Wire

/// Why something about the host is not known.
enum HostReadError: Error, CustomStringConvertible {
    case file(FileError)
    /// The file is there, and does not hold what it should.
    case content(path: String, String)

    var description: String {
        switch self {
        case .file(let error): error.description
        case .content(let path, let reason): "cannot use \(path): \(reason)"
        }
    }

    /// What of it stays the same where paths change with every process.
    var kind: String {
        switch self {
        case .file(let error): "\(error.action) \(error.code)"
        case .content(_, let reason): reason
        }
    }

    /// Whether it is no mistake, because a process ends while one looks at it.
    var isAbsence: Bool {
        if case .file(let error) = self { error.code == ENOENT || error.code == ESRCH } else { false }
    }
}

/// The files in which Linux describes itself, of this machine or below the root of another name space.
struct HostFiles: Sendable {
    /// Where the root of the host is, without a slash at its end; empty for the own one.
    let root: String

    /// Bytes of one file that are read at most, unless a caller says otherwise.
    static let limit = 4 << 20

    init(root: String = "") {
        var root = root
        while root.hasSuffix("/") { root.removeLast() }
        self.root = root
    }

    /// Whether it looks at another root than its own.
    var isForeign: Bool { !root.isEmpty }

    /// The place of a path of the host.
    func place(_ path: String) -> String { root + path }

    /// The content of a file; one that is longer than `limit` is an error.
    func read(_ path: String, limit: Int = limit) throws(HostReadError) -> KernelText {
        let text = try beginning(of: path, limit: limit + 1)
        guard text.bytes.count <= limit else {
            throw .content(path: place(path), "it has more than \(limit) bytes")
        }
        return text
    }

    /// The first bytes of a file, up to `limit` of them.
    func beginning(of path: String, limit: Int) throws(HostReadError) -> KernelText {
        do throws(FileError) {
            return KernelText(try SmallFile.read(place(path), limit: limit).array)
        } catch {
            throw .file(error)
        }
    }

    /// Gives each line of a file that is not empty to `body`, without holding the whole file.
    ///
    /// One that is longer than `limit` is an error, after the lines up to there; of a line beyond some KiB
    /// parts may be missing.
    func visitLines(
        of path: String, limit: Int, _ body: (KernelText.Part) -> Void
    ) throws(HostReadError) {
        var rest: [UInt8] = []
        let count: Int
        do throws(FileError) {
            count = try SmallFile.visit(place(path), limit: limit + 1) { piece in
                guard let end = piece.lastIndex(of: 0x0A) else {
                    rest += piece.prefix(max(4096 - rest.count, 0))
                    return
                }
                let lines = KernelText(rest + piece[..<end]).lines
                rest = Array(piece[(end + 1)...].prefix(4096))
                for line in lines { body(line) }
            }
        } catch {
            throw .file(error)
        }
        guard count <= limit else {
            throw .content(path: place(path), "it has more than \(limit) bytes")
        }
        if !rest.isEmpty { body(rest[...]) }
    }

    /// The names in a directory.
    func names(in path: String) throws(HostReadError) -> [String] {
        do throws(FileError) {
            return try Directory.names(in: place(path))
        } catch {
            throw .file(error)
        }
    }

    /// How many names a directory has.
    func count(in path: String) throws(HostReadError) -> Int {
        do throws(FileError) {
            return try Directory.count(in: place(path))
        } catch {
            throw .file(error)
        }
    }

    /// Where a symbolic link leads, as it is written.
    func target(ofLink path: String) throws(HostReadError) -> String {
        do throws(FileError) {
            return try Directory.target(ofLink: place(path))
        } catch {
            throw .file(error)
        }
    }
}
