internal import Delivery
internal import Glibc
internal import Pipeline
internal import Wire

/// What an agent keeps on disk: a directory with small files that only its owner can read.
///
/// Each file is there whole or not at all, also when the power fails.
struct AgentFolder: Sendable {
    private static let limit = 1 << 20
    private static let suffix = ".new"

    let path: String

    /// Makes the directory when it is missing; throws when it cannot be used.
    init(_ path: String) throws(ComponentError) {
        self.path = path
        do throws(FileError) {
            try Directory.make(path, permissions: 0o700)
            try Directory.checkWritable(path)
        } catch {
            throw ComponentError(error.description, key: "storage.directory")
        }
    }

    /// The content of a file; `nil` when there is none.
    func read(_ name: String) throws(ComponentError) -> String? {
        do throws(FileError) {
            return try SmallFile.read("\(path)/\(name)", limit: Self.limit).string
        } catch {
            guard error.code != ENOENT else { return nil }
            throw ComponentError(error.description, key: "storage.directory")
        }
    }

    /// Puts `text` into a file.
    func write(_ text: String, to name: String) throws(ComponentError) {
        let temporary = "\(path)/\(name)\(Self.suffix)"
        do throws(FileError) {
            do {
                var file = try OutputFile(temporary, .truncate)
                var rest = Bytes(utf8: text)
                while !rest.isEmpty { rest = rest[(try file.write(rest))..<rest.count] }
                try file.synchronize()
            }
            try Directory.rename(temporary, to: "\(path)/\(name)")
        } catch {
            throw ComponentError(error.description, key: "storage.directory")
        }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Removes a file; one that is not there is no failure.
    func remove(_ name: String) { try? Directory.remove("\(path)/\(name)") }

    /// Removes files whose names begin with `prefix` when there are more than `limit`, but not that called
    /// `kept`.
    func prune(prefix: String, keeping kept: String, limit: Int) {
        let names = ((try? Directory.names(in: path)) ?? []).filter { $0.hasPrefix(prefix) }
        for name in names.filter({ $0 != kept }).sorted().prefix(max(names.count - limit, 0)) { remove(name) }
    }
}
