internal import Crypto
public import FleetModel
internal import Glibc

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
        // A pipe has no end to go to, and a directory nothing to read.
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0, pread(descriptor, nil, 0, 0) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.size = size
    }

    /// The SHA-256 of the file; `nil` when it cannot be read.
    public func hash() -> ContentHash? {
        var digest = SHA256()
        var offset = 0
        while offset < size {
            guard let piece = read(at: offset, Self.piece) else { return nil }
            digest.update(data: piece)
            offset += piece.count
        }
        return ContentHash(bytes: Array(digest.finalize()))
    }

    deinit { close(descriptor) }

    /// `count` bytes from a place on, or those up to the end of the file; `nil` when they cannot be read, as
    /// of a file that has become shorter.
    public func read(at offset: Int, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: max(min(count, size - offset), 0))
        var done = 0
        while done < bytes.count {
            let read = bytes.withUnsafeMutableBytes { memory in
                pread(
                    descriptor, memory.baseAddress?.advanced(by: done), memory.count - done,
                    off_t(offset + done))
            }
            guard read > 0 else { return nil }
            done += read
        }
        return bytes
    }
}
