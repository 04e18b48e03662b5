internal import NIOPosix
internal import Synchronization

/// Work that blocks the thread that does it, such as asking the resolver.
///
/// It is done on a thread that is there for it, and once at a time: who asks while it hangs waits for the
/// same answer, so that what hangs for long takes one thread and not all.
final class BlockingWork<Value: Sendable>: Sendable {
    private let running = Mutex<Task<Value?, Never>?>(nil)

    /// What `body` returns, or the call of it that is under way; `nil` when the threads have ended.
    func run(_ body: @escaping @Sendable () -> Value) async -> Value? {
        let task = running.withLock { running in
            if let running { return running }
            let task = Task { [self] in
                let value = try? await NIOThreadPool.singleton.runIfActive(body)
                self.running.withLock { $0 = nil }
                return value
            }
            running = task
            return task
        }
        return await task.value
    }
}
