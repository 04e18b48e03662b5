internal import Glibc
public import Wire

/// A file that is only added to; one owner at a time.
///
/// Every call blocks until the operating system has answered, so it belongs on a thread that may wait.
public struct OutputFile: ~Copyable, Sendable {
    /// What happens to a file that exists already.
    public enum Mode: Sendable {
        /// What is in it is lost.
        case truncate
        /// Writing goes on at its end.
        case append
    }

    public let path: String
    /// Bytes in the file.
    public private(set) var size: Int
    private let descriptor: Int32

    /// Opens the file, making it when it does not exist; readable and writable by its owner only.
    public init(_ path: String, _ mode: Mode) throws(FileError) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (mode == .truncate ? O_TRUNC : 0)
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = FileError("look at", path)
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
        size = 0
    }

    /// Standard output of the process, which stays open when this value goes away.
    public static func standardOutput() throws(FileError) -> OutputFile {
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw FileError("open", "standard output") }
        return OutputFile(path: "standard output", descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// Writes from the front of `bytes` and returns how many bytes the file took: one at least, maybe not
    /// all.
    public mutating func write(_ bytes: Bytes) throws(FileError) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw FileError("write to", path) }
        size += count
        return count
    }

    /// Returns when everything written is on the disk; for a pipe or a terminal there is nothing to wait for.
    public func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw FileError("synchronize", path)
        }
    }
}
