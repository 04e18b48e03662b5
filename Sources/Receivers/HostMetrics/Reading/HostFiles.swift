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
        let place = place(path)
        let content: Bytes
        do throws(FileError) {
            content = try SmallFile.read(place, limit: limit + 1)
        } catch {
            throw .file(error)
        }
        guard content.count <= limit else {
            throw .content(path: place, "it has more than \(limit) bytes")
        }
        return KernelText(content.array)
    }

    /// The names in a directory.
    func names(in path: String) throws(HostReadError) -> [String] {
        do throws(FileError) {
            return try Directory.names(in: place(path))
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
