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

    /// Gives the content of the file at `path` to `body` piece by piece, at most `limit` bytes of it.
    ///
    /// For files that are not small after all: it takes the memory of one piece, up to 32 KiB. Returns how
    /// many bytes there were.
    @discardableResult
    public static func visit(
        _ path: String, limit: Int, _ body: (ArraySlice<UInt8>) -> Void
    ) throws(FileError) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        var piece = [UInt8](repeating: 0, count: 32 << 10)
        var total = 0
        while total < limit {
            let room = min(piece.count, limit - total)
            let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, room) }
            guard count >= 0 else { throw FileError("read", path) }
            guard count > 0 else { break }
            total += count
            body(piece[..<count])
        }
        return total
    }
}
