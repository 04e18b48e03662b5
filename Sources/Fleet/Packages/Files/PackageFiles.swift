internal import Crypto
public import FleetModel
internal import Glibc
internal import Synchronization

/// Files of packages that the manager has itself, in its state directory, by the SHA-256 of their content.
///
/// Bounded: files of `largest` bytes, `limit` of them and `room` bytes together; an upload that nobody goes
/// on with for a day is given up. With several managers each has its own files: share the directory, or name
/// a URL instead.
public final class PackageFiles: Sendable {
    /// The largest file, in bytes.
    public static let largest = 256 << 20
    /// The most files.
    public static let limit = 1000
    /// What all of them may have together, in bytes.
    public static let room = 16 << 30
    /// Uploads that may be under way at the same time.
    static let mostUploads = 16
    private static let patience: Int = 86_400

    /// One file.
    public struct File: Sendable, Hashable {
        public let hash: ContentHash
        /// In bytes.
        public let size: Int
        /// When it came; nanoseconds since 1970-01-01T00:00:00Z.
        public let time: UInt64
    }

    private let directory: String
    /// Hashes of uploads that somebody writes to at this moment.
    private let busy = Mutex<Set<ContentHash>>([])

    /// Files in a directory, which is made with the first of them.
    init(_ directory: String) { self.directory = directory }

    private func path(_ hash: ContentHash) -> String { "\(directory)/\(hash)" }
    private func draft(_ hash: ContentHash) -> String { "\(directory)/\(hash).part" }

    /// A file; `nil` when it is not here.
    public func file(_ hash: ContentHash) -> File? {
        var status = stat()
        guard stat(path(hash), &status) == 0 else { return nil }
        return File(hash: hash, size: Int(status.st_size), time: Self.time(status))
    }

    /// All files, in the order of their hashes.
    public func list() -> [File] { names().compactMap { ContentHash($0) }.compactMap { file($0) } }

    /// Deletes a file; whether it was here.
    @discardableResult
    func delete(_ hash: ContentHash) -> Bool { unlink(path(hash)) == 0 }

    /// Opens a file for reading.
    public func open(_ hash: ContentHash) -> PackageReader? {
        guard let file = file(hash) else { return nil }
        let descriptor = Glibc.open(path(hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        return descriptor >= 0 ? PackageReader(descriptor, size: file.size) : nil
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
    ///   `.file` when it cannot be written.
    public func take(
        _ bytes: [UInt8], at offset: Int, of size: Int, _ hash: ContentHash
    ) async throws(AccessError) -> Int {
        if let file = file(hash) { return file.size }
        guard busy.withLock({ $0.count < Self.mostUploads && $0.insert(hash).inserted }) else {
            throw .conflict("the file \(hash.short)")
        }
        defer { busy.withLock { _ = $0.remove(hash) } }
        guard (1...Self.largest).contains(size), offset >= 0, bytes.count <= size,
            offset <= size - bytes.count
        else {
            throw .invalid("a file has from 1 to \(Self.largest) bytes, and its pieces lie within it")
        }
        if offset == 0 { try begin(hash, size) }
        let descriptor = Glibc.open(draft(hash), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .invalid("nothing has been sent of \(hash.short): begin at 0") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) == offset else {
            throw .invalid("\(status.st_size) bytes of \(hash.short) are here: go on there, or begin at 0")
        }
        guard Self.write(bytes, descriptor, offset) else { throw failure("write") }
        guard offset + bytes.count == size else { return offset + bytes.count }
        guard fsync(descriptor) == 0 else { throw failure("write") }
        try await finish(hash, size)
        return size
    }

    private func begin(_ hash: ContentHash, _ size: Int) throws(AccessError) {
        _ = mkdir(directory, 0o700)
        dropOldDrafts()
        let files = list()
        let used = files.reduce(0) { $0 + $1.size }
        guard files.count < Self.limit, size <= Self.room - used else {
            throw .full("there are \(files.count) files with \(used) bytes already; delete some")
        }
        let descriptor = Glibc.open(draft(hash), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write") }
        close(descriptor)
    }

    private func finish(_ hash: ContentHash, _ size: Int) async throws(AccessError) {
        let descriptor = Glibc.open(draft(hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("read") }
        guard let found = await PackageReader(descriptor, size: size).hash() else { throw failure("read") }
        guard found == hash else {
            unlink(draft(hash))
            throw .invalid("what was sent does not have the SHA-256 \(hash)")
        }
        guard rename(draft(hash), path(hash)) == 0 else { throw failure("write") }
    }

    private func dropOldDrafts() {
        for name in names() where name.hasSuffix(".part") {
            var status = stat()
            let path = "\(directory)/\(name)"
            guard stat(path, &status) == 0, Glibc.time(nil) - status.st_mtim.tv_sec > Self.patience else {
                continue
            }
            unlink(path)
        }
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

    private static func time(_ status: stat) -> UInt64 {
        UInt64(max(status.st_mtim.tv_sec, 0)) * 1_000_000_000 + UInt64(max(status.st_mtim.tv_nsec, 0))
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ offset: Int) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { memory in
                pwrite(
                    descriptor, memory.baseAddress?.advanced(by: done), memory.count - done,
                    off_t(offset + done))
            }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}

/// A file of a package that is being read.
public final class PackageReader: Sendable {
    private let descriptor: Int32
    /// In bytes.
    public let size: Int

    private static let piece = 1 << 20

    init(_ descriptor: Int32, size: Int) {
        self.descriptor = descriptor
        self.size = size
    }

    /// Opens the file at a path; `nil` when it cannot be read.
    public init?(path: String) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    /// The SHA-256 of the file; `nil` when it cannot be read.
    public func hash() async -> ContentHash? {
        var digest = SHA256()
        var offset = 0
        while offset < size {
            guard let piece = read(at: offset, Self.piece), !piece.isEmpty else { return nil }
            digest.update(data: piece)
            offset += piece.count
            await Task.yield()
        }
        return ContentHash(bytes: Array(digest.finalize()))
    }

    deinit { close(descriptor) }

    /// At most `count` bytes from a place on; `nil` when they cannot be read.
    public func read(at offset: Int, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: max(min(count, size - offset), 0))
        let read = pread(descriptor, &bytes, bytes.count, off_t(offset))
        return read >= 0 ? Array(bytes[..<read]) : nil
    }
}
