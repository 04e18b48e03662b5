internal import Glibc

/// File descriptors of the system.
enum Descriptor {
    /// Makes calls on a descriptor return at once, and keeps it from child processes.
    static func setFlags(_ descriptor: CInt) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
}
