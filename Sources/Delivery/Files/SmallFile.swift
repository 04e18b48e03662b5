internal import Glibc
public import Wire

/// Reads files that are known to be small, such as those of `/proc`.
public enum SmallFile {
    /// The content of the file at `path`, at most `limit` bytes of it.
    ///
    /// The size is not asked for first, because the files of `/proc` do not know theirs.
    public static func read(_ path: String, limit: Int = 1 << 20) throws(FileError) -> Bytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        var content = BytesBuilder(capacity: 4096)
        var isAtEnd = false
        while !isAtEnd, content.count < limit {
            let room = min(4096, limit - content.count)
            try content.appendInPlace(minimum: room) { (memory) throws(FileError) in
                let count = Glibc.read(descriptor, memory.baseAddress, room)
                guard count >= 0 else { throw FileError("read", path) }
                isAtEnd = count == 0
                return count
            }
        }
        return content.finish()
    }
}
