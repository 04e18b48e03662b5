public import NIOCore

/// Runs the jobs of tasks on one event loop.
///
/// A task with this as its preferred executor resumes on the loop that owns its connection, which saves the
/// hop to another thread and back for every request: `Task(executorPreference: LoopExecutor(loop)) { … }`.
public final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    public init(_ loop: any EventLoop) {
        self.loop = loop
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
