public import FleetModel
internal import Glibc
internal import Synchronization

/// Files of packages that the manager has itself, in its state directory, by the SHA-256 of their content.
///
/// Bounded by `Limits`, which uploads that are under way count towards too; one that nobody goes on with
/// for a day is given up. Several managers have each its own files, or share the directory, where each goes
/// on with its own uploads. Usable from any thread and event loop: all work is done on two threads of its
/// own, so that what is read does not wait for what is written.
public final class PackageFiles: Sendable {
    /// The largest file, in bytes.
    public static let largest = 256 << 20

    /// What may be in the directory.
    struct Limits: Sendable {
        /// The most files.
        var files = 1000
        /// What all of them and all uploads may have together, in bytes.
        var room = 16 << 30
        /// Uploads that may be under way at the same time.
        var uploads = 16
    }

    /// One file.
    public struct File: Sendable, Hashable {
        public let hash: ContentHash
        /// In bytes.
        public let size: Int
        /// When it came; nanoseconds since 1970-01-01T00:00:00Z.
        public let time: UInt64
    }

    private let folder: PackageFolder
    private let limits: Limits
    /// Hashes of uploads that somebody writes to at this moment.
    private let busy = Mutex<Set<ContentHash>>([])
    private let total = Atomic<Int>(0)
    private let reading = FileThread()
    private let writing = FileThread()

    /// Files in a directory, which is made with the first of them.
    ///
    /// - Parameters:
    ///   - directory: Where they are.
    ///   - manager: The name of this manager among those that share the directory.
    ///   - limits: What may be in it.
    init(_ directory: String, manager: String, limits: Limits = Limits()) {
        folder = PackageFolder(directory, manager: manager)
        self.limits = limits
        total.store(folder.list().reduce(0) { $0 + $1.size }, ordering: .relaxed)
    }

    /// The bytes of all files, as they were when this manager last looked at the directory or changed it;
    /// known without looking.
    public var totalSize: Int { total.load(ordering: .relaxed) }

    /// A file; `nil` when it is not here.
    public func file(_ hash: ContentHash) async -> File? {
        await reading.run { [folder] in folder.file(hash) }
    }

    /// Those of some files that are here.
    func present(_ hashes: Set<ContentHash>) async -> Set<ContentHash> {
        guard !hashes.isEmpty else { return [] }
        return await reading.run { [folder] in hashes.filter { folder.file($0) != nil } }
    }

    /// All files, in the order of their hashes.
    public func list() async -> [File] { await reading.run { self.look() } }

    /// Deletes a file; whether it was here.
    @discardableResult
    func delete(_ hash: ContentHash) async -> Bool {
        await writing.run {
            defer { self.look() }
            return self.folder.delete(hash)
        }
    }

    /// Opens a file for reading; `nil` when it is not here.
    public func open(_ hash: ContentHash) async -> PackageReader? {
        await reading.run { [folder] in folder.open(hash) }
    }

    /// `count` bytes of a file from a place on, or those up to its end; `nil` when they cannot be read.
    public func read(_ reader: PackageReader, at offset: Int, _ count: Int) async -> [UInt8]? {
        await reading.run { reader.read(at: offset, count) }
    }

    /// Takes the next piece of a file; the last one makes it a file if its SHA-256 is right.
    ///
    /// - Parameters:
    ///   - bytes: The piece.
    ///   - offset: Where it begins; has to be where the last one ended. 0 begins anew.
    ///   - size: How large the whole file is, in bytes.
    ///   - hash: Its SHA-256.
    /// - Returns: How many bytes are here; `size` when it is a file.
    /// - Throws: `.invalid` for a piece that does not fit or a file that is not what it should be, `.full`,
    ///   `.conflict` while another piece of the same file comes, `.file` when it cannot be written.
    public func take(
        _ bytes: [UInt8], at offset: Int, of size: Int, _ hash: ContentHash
    ) async throws(AccessError) -> Int {
        guard busy.withLock({ $0.count < limits.uploads && $0.insert(hash).inserted }) else {
            throw .conflict("the file \(hash.short)")
        }
        defer { busy.withLock { _ = $0.remove(hash) } }
        let result = await writing.run { () -> Result<Int, AccessError> in
            do throws(AccessError) {
                return .success(try self.write(bytes, at: offset, of: size, hash))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func write(
        _ bytes: [UInt8], at offset: Int, of size: Int, _ hash: ContentHash
    ) throws(AccessError) -> Int {
        if let file = folder.file(hash) { return file.size }
        guard (1...Self.largest).contains(size), offset >= 0, bytes.count <= size,
            offset <= size - bytes.count
        else {
            throw .invalid("a file has from 1 to \(Self.largest) bytes, and its pieces lie within it")
        }
        if offset == 0 { folder.dropOldDrafts() }
        try checkRoom(for: hash, size)
        if offset == 0 { try folder.begin(hash) }
        guard try folder.write(bytes, at: offset, hash) == size else { return offset + bytes.count }
        try folder.check(hash, size)
        // Another manager may have filled a directory that is shared.
        try checkRoom(for: hash, size)
        try folder.finish(hash)
        look()
        return size
    }

    /// Checks that there may be one more file, of so many bytes, beside all files and all other uploads.
    private func checkRoom(for hash: ContentHash, _ size: Int) throws(AccessError) {
        let files = look()
        let drafts = folder.drafts(but: hash)
        guard drafts.count < limits.uploads else {
            throw .full("\(drafts.count) uploads are under way already; finish them, or come back later")
        }
        let used = files.reduce(0) { $0 + $1.size } + drafts.reduce(0) { $0 + $1.size }
        guard files.count < limits.files, size <= limits.room - used else {
            throw .full(
                "there are \(files.count) files and \(drafts.count) uploads with \(used) bytes already; "
                    + "delete some")
        }
    }

    /// All files; takes note of how many bytes they have.
    @discardableResult
    private func look() -> [File] {
        let files = folder.list()
        total.store(files.reduce(0) { $0 + $1.size }, ordering: .relaxed)
        return files
    }
}
