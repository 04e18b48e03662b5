internal import Glibc

/// A thread of its own for work that waits for a disk.
///
/// The threads of Swift's tasks are as many as there are cores and must never wait for a device.
enum DiskThread {
    /// What the new thread is handed.
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, which ends with it; the error names `purpose` when there is none to have.
    static func start(for purpose: String, _ body: @escaping @Sendable () -> Void) throws(FileError) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw FileError(action: "start a thread for", path: purpose, code: code)
        }
        pthread_detach(thread)
    }
}
