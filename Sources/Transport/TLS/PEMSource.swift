internal import Glibc

/// Where a certificate, a private key or a list of authorities comes from.
public enum PEMSource: Sendable, Hashable {
    /// A file, read again when it changes.
    case file(String)
    /// The PEM text itself.
    case text(String)

    /// The largest file that is read; bundles of all public authorities are a quarter of it.
    private static let largestFile = 1 << 20

    /// How messages name the source; never its content.
    var name: String {
        switch self {
        case .file(let path): "\"\(path)\""
        case .text: "the PEM text in the configuration"
        }
    }

    /// Reads the PEM text.
    ///
    /// - Throws: `.tls`, which names the file and the system's reason.
    func read(as purpose: String) throws(TransportError) -> [UInt8] {
        switch self {
        case .text(let text): return Array(text.utf8)
        case .file(let path):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw unreadable(purpose) }
            defer { close(descriptor) }
            var content: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 16 * 1024)
            while true {
                let count = Glibc.read(descriptor, &chunk, chunk.count)
                guard count >= 0 else { throw unreadable(purpose) }
                if count == 0 { return content }
                content += chunk[..<count]
                guard content.count <= Self.largestFile else {
                    throw TransportError(.tls, "the \(purpose) file \(name) is larger than 1 MiB")
                }
            }
        }
    }

    /// What changes when the file is replaced or written to; nil for text and for files that are not there.
    var stamp: FileStamp? {
        guard case .file(let path) = self else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileStamp(
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, inode: status.st_ino,
            size: status.st_size)
    }

    private func unreadable(_ purpose: String) -> TransportError {
        TransportError(.tls, "cannot read the \(purpose) file \(name): \(String(cString: strerror(errno)))")
    }
}

/// The identity of one version of a file.
struct FileStamp: Equatable {
    let seconds: Int
    let nanoseconds: Int
    let inode: UInt
    let size: Int
}
