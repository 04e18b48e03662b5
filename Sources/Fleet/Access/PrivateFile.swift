internal import Glibc

/// Files of the state directory that only their owner can read.
enum PrivateFile {
    private static let largest = 64 << 10

    /// The text of a file; `nil` when it is not there.
    static func read(_ path: String) throws(AccessError) -> String? {
        guard let file = fopen(path, "re") else {
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("read", path) }
            return nil
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: largest + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0, count <= largest else { throw failure("read", path) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Writes beside the file and renames, so that there is all of it or what was there before; mode 0600.
    static func write(_ text: String, to path: String) throws(AccessError) {
        let draft = "\(path).\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write", path) }
        let bytes = Array(text.utf8)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let isSafe = written == bytes.count && fsync(descriptor) == 0
        let error = failure("write", path)
        close(descriptor)
        guard isSafe, rename(draft, path) == 0 else {
            unlink(draft)
            throw error
        }
    }

    private static func failure(_ action: String, _ path: String) -> AccessError {
        .file("cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}
