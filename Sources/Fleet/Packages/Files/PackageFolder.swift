internal import FleetModel
internal import Glibc

/// The directory that files of packages are in: each under its SHA-256, and as a draft as long as it comes.
///
/// Every call waits for the disk.
struct PackageFolder: Sendable {
    /// A file that is coming.
    struct Draft: Sendable {
        let name: String
        /// The bytes that are here.
        let size: Int
        /// When the last of them came; seconds since 1970-01-01T00:00:00Z.
        let time: Int
    }

    private static let patience = 86_400
    private static let draftSuffix = ".part"

    private let directory: String
    /// Tells the drafts of this manager apart from those of others that share the directory.
    private let manager: String

    init(_ directory: String, manager: String) {
        self.directory = directory
        self.manager = String(ContentHash(of: Array(manager.utf8)).description.prefix(16))
    }

    private func path(_ hash: ContentHash) -> String { "\(directory)/\(hash)" }
    private func draftName(_ hash: ContentHash) -> String { "\(hash).\(manager)\(Self.draftSuffix)" }
    private func draft(_ hash: ContentHash) -> String { "\(directory)/\(draftName(hash))" }

    // MARK: - Files

    /// A file; `nil` when it is not here.
    func file(_ hash: ContentHash) -> PackageFiles.File? {
        FileFacts(path: path(hash)).map { PackageFiles.File(hash: hash, size: $0.size, time: $0.time) }
    }

    /// All files, in the order of their hashes.
    func list() -> [PackageFiles.File] { names().compactMap { ContentHash($0) }.compactMap { file($0) } }

    /// Deletes a file; whether it was here.
    func delete(_ hash: ContentHash) -> Bool { unlink(path(hash)) == 0 }

    /// Opens a file for reading.
    func open(_ hash: ContentHash) -> PackageReader? {
        guard let file = file(hash) else { return nil }
        let descriptor = Glibc.open(path(hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        return descriptor >= 0 ? PackageReader(descriptor, size: file.size) : nil
    }

    // MARK: - Drafts

    /// All drafts, but for this manager's own of a file.
    func drafts(but hash: ContentHash) -> [Draft] { drafts().filter { $0.name != draftName(hash) } }

    private func drafts() -> [Draft] {
        names().filter { $0.hasSuffix(Self.draftSuffix) }.compactMap { name in
            FileFacts(path: "\(directory)/\(name)").map {
                Draft(name: name, size: $0.size, time: Int($0.time / 1_000_000_000))
            }
        }
    }

    /// Gives up drafts that nobody has gone on with for a day.
    func dropOldDrafts() {
        let now = Glibc.time(nil)
        for draft in drafts() where now - draft.time > Self.patience { unlink("\(directory)/\(draft.name)") }
    }

    /// Begins the draft of a file anew.
    func begin(_ hash: ContentHash) throws(AccessError) {
        _ = mkdir(directory, 0o700)
        unlink(draft(hash))
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = Glibc.open(draft(hash), flags, 0o600)
        guard descriptor >= 0 else {
            // Another process of the same name has just begun it.
            throw errno == EEXIST ? .conflict("the file \(hash.short)") : failure("write")
        }
        close(descriptor)
    }

    /// Adds to a draft; returns how many bytes it has now.
    func write(_ bytes: [UInt8], at offset: Int, _ hash: ContentHash) throws(AccessError) -> Int {
        let descriptor = Glibc.open(draft(hash), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .invalid("nothing has been sent of \(hash.short): begin at 0") }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size == offset else {
            throw .invalid("\(size) bytes of \(hash.short) are here: go on there, or begin at 0")
        }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { memory in
                pwrite(
                    descriptor, memory.baseAddress?.advanced(by: done), memory.count - done,
                    off_t(offset + done))
            }
            guard count > 0 else { throw failure("write") }
            done += count
        }
        return offset + bytes.count
    }

    /// Checks that a draft is the file that it should be, and brings it to the disk, or throws it away.
    func check(_ hash: ContentHash, _ size: Int) throws(AccessError) {
        let descriptor = Glibc.open(draft(hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("read") }
        let reader = PackageReader(descriptor, size: size)
        guard fsync(descriptor) == 0 else { throw failure("write") }
        guard let found = reader.hash() else { throw failure("read") }
        guard found == hash else {
            unlink(draft(hash))
            throw .invalid("what was sent does not have the SHA-256 \(hash)")
        }
    }

    /// Makes a draft a file.
    func finish(_ hash: ContentHash) throws(AccessError) {
        guard rename(draft(hash), path(hash)) == 0 else { throw failure("write") }
    }

    private func names() -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }

    private func failure(_ action: String) -> AccessError {
        .file("cannot \(action) in \(directory): \(String(cString: strerror(errno)))")
    }
}
