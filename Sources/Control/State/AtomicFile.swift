internal import Delivery
internal import Glibc
internal import Wire

/// Writes files so that there is always the old one or the new one, whole, even when the power fails.
struct AtomicFile: Sendable {
    /// What is done, one after the other; a process can end before each of these.
    enum Step: Sendable, CaseIterable {
        case writeTemporary, synchronize, rename, synchronizeDirectory, remove
    }

    private static let suffix = ".new"

    let directory: String
    /// Called before each step; tests throw here what a process does that ends.
    var before: @Sendable (Step, String) throws(StateFailure) -> Void = { _, _ in }

    init(directory: String) { self.directory = directory }

    /// Puts `text` into the file called `name`.
    func write(_ text: String, to name: String) throws(StateFailure) {
        let path = "\(directory)/\(name)"
        let temporary = path + Self.suffix
        try before(.writeTemporary, name)
        try Self.failing { () throws(FileError) in
            var file = try OutputFile(temporary, .truncate)
            var rest = Bytes(utf8: text)
            while !rest.isEmpty { rest = rest[(try file.write(rest))..<rest.count] }
        }
        try before(.synchronize, name)
        try Self.failing { () throws(FileError) in try OutputFile(temporary, .append).synchronize() }
        try before(.rename, name)
        try Self.failing { () throws(FileError) in try Directory.rename(temporary, to: path) }
        try before(.synchronizeDirectory, name)
        try synchronizeDirectory()
    }

    /// Removes the file called `name`; one that is not there is no failure.
    func remove(_ name: String) throws(StateFailure) {
        try before(.remove, name)
        do throws(FileError) { try Directory.remove("\(directory)/\(name)") } catch {
            guard error.code != ENOENT else { return }
            throw StateFailure("\(error)")
        }
    }

    /// The text of the file called `name`; `nil` when there is none.
    func read(_ name: String) throws(StateFailure) -> String? {
        do throws(FileError) {
            return try SmallFile.read("\(directory)/\(name)", limit: 64 << 20).string
        } catch {
            guard error.code != ENOENT else { return nil }
            throw StateFailure("\(error)")
        }
    }

    /// The names of the files, without those that were being written when a process ended.
    func names() throws(StateFailure) -> [String] {
        do throws(FileError) {
            return try Directory.names(in: directory).filter { !$0.hasSuffix(Self.suffix) }
        } catch {
            throw StateFailure("\(error)")
        }
    }

    private static func failing(_ body: () throws(FileError) -> Void) throws(StateFailure) {
        do throws(FileError) { try body() } catch { throw StateFailure("\(error)") }
    }

    private func synchronizeDirectory() throws(StateFailure) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw failure("synchronize")
        }
    }

    private func failure(_ action: String) -> StateFailure {
        StateFailure("cannot \(action) \(directory): \(String(cString: strerror(errno)))")
    }
}
