internal import FleetStore

/// A thread of its own for files: the event loops and the threads of Swift's tasks must not wait for a disk.
///
/// What is handed in is done one after another; who hands it in bounds how much waits.
final class FileThread: Sendable {
    private let queue: WorkQueue<Void>
    /// Whether there is a thread; where none is to be had, the work is done where it is asked for.
    private let isRunning: Bool

    init() {
        let queue = WorkQueue<Void>()
        self.queue = queue
        do throws(StoreError) {
            try OwnThread.start(for: "files of packages") { while let job = queue.next() { job(()) } }
            isRunning = true
        } catch {
            isRunning = false
        }
    }

    deinit { queue.close(workers: 1) }

    /// Does some work on the thread and waits for it without a thread.
    func run<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer) async -> Answer {
        guard isRunning else { return work() }
        return await withCheckedContinuation { continuation in
            let isTaken = queue.add { _ in continuation.resume(returning: work()) }
            // Nobody closes the queue while somebody has the thread.
            if !isTaken { continuation.resume(returning: work()) }
        }
    }
}
