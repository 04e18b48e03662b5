internal import Glibc
internal import Pipeline
internal import Wire

/// The right to write in a directory, which one process has at a time.
///
/// It is a lock of the operating system on a file, so it ends with the process that holds it, whatever
/// happens; the file itself stays and means nothing.
final class SpoolLock: Sendable {
    private static let pause = Duration.milliseconds(50)
    static let fileName = "lock"

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Lets the next one in, whoever else still refers to this lock.
    func release() { flock(descriptor, LOCK_UN) }

    /// Waits until nobody else holds the directory, at most `timeout`.
    static func acquire(
        _ directory: String, timeout: Duration, clock: any PipelineClock
    ) async throws(SpoolError) -> SpoolLock {
        let start = clock.now
        while true {
            let refusal: SpoolError
            do throws(SpoolError) {
                return try acquire(directory)
            } catch {
                refusal = error
            }
            guard case .locked = refusal.kind, clock.now - start < timeout else { throw refusal }
            // A task that is cancelled has no time left to wait.
            do { try await clock.sleep(for: min(pause, timeout)) } catch { throw refusal }
        }
    }

    /// Takes the directory when it is free.
    static func acquire(_ directory: String) throws(SpoolError) -> SpoolLock {
        let path = directory + "/" + fileName
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError(FileError("open", path)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = FileError("lock", path)
            close(descriptor)
            guard error.code == EWOULDBLOCK else { throw SpoolError(error) }
            let owner = (try? SmallFile.read(path, limit: 32))?.string ?? ""
            throw SpoolError(.locked(path: directory, owner: owner.filter { $0.isNumber }))
        }
        // For the message of whoever comes next; that it is missing on a full disk harms nobody.
        ftruncate(descriptor, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
        return SpoolLock(descriptor: descriptor)
    }
}
