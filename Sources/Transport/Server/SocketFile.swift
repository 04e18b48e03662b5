internal import Glibc
internal import Synchronization

/// The file of a unix socket, shared by all descriptors of the socket.
final class SocketFile: Sendable {
    private struct Identity: Equatable {
        let device: UInt
        let inode: UInt
    }

    private let path: String
    /// The file as it was made, so that nobody else's is removed at the end.
    private let identity: Identity?
    private let users = Atomic<Int>(1)

    init(_ path: String) {
        self.path = path
        identity = Self.identity(of: path)
    }

    /// One more socket uses the file.
    func retain() { users.wrappingAdd(1, ordering: .relaxed) }

    /// One socket less uses the file; after the last one it is removed.
    func release() {
        guard users.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0,
            let identity, Self.identity(of: path) == identity
        else { return }
        unlink(path)
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }
}
