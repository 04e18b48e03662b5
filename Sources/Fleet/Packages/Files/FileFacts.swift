internal import FoundationEssentials
internal import Glibc

/// What the file system says of a file.
///
/// Not by `stat`: which C module owns that structure depends, where certificates bring Foundation along, on
/// the order in which modules happen to be loaded, and a build fails now and then. The size is not that of
/// Foundation either, which has it in a type that depends on what else is linked.
struct FileFacts {
    /// In bytes.
    let size: Int
    /// When it was changed last; nanoseconds since 1970-01-01T00:00:00Z, good to a microsecond.
    let time: UInt64

    /// `nil` when there is none, or nothing can be read from it, as from a directory.
    init?(path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let time = attributes[.modificationDate] as? Date
        else { return nil }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0, pread(descriptor, nil, 0, 0) == 0 else { return nil }
        self.size = size
        self.time = UInt64(max(time.timeIntervalSince1970, 0) * 1e6) * 1000
    }
}
