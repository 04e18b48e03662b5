import Dispatch
import Pipeline

/// Lets a thread of a test wait for the test, and the test for the thread.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let answer = FirstAnswer<Void>()

    func open() {
        answer.give(())
        semaphore.signal()
    }

    /// Blocks the thread.
    func wait() {
        semaphore.wait()
        // For the next one who waits.
        semaphore.signal()
    }

    /// Waits without a thread of its own; to be called once.
    func opened() async { await answer.wait() }
}
