internal import Glibc
internal import Synchronization

/// Work for threads that may wait for a network or a disk, in the order it comes.
///
/// `@unchecked Sendable` is sound because the semaphore is made before anybody sees the queue, is only used
/// through functions of POSIX that any thread may call, and goes when nobody has the queue any more.
package final class WorkQueue<Worker>: @unchecked Sendable {
    package typealias Job = @Sendable (Worker) -> Void

    private struct State {
        var jobs: [Job] = []
        var first = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let count: UnsafeMutablePointer<sem_t>

    package init() {
        count = .allocate(capacity: 1)
        sem_init(count, 0, 0)
    }

    deinit {
        sem_destroy(count)
        count.deallocate()
    }

    /// Hands work in; `false` when the queue is closed.
    package func add(_ job: @escaping Job) -> Bool {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.jobs.append(job) }
            return !state.isClosed
        }
        if isOpen { sem_post(count) }
        return isOpen
    }

    /// Waits for work; `nil` when the queue is closed and empty.
    package func next() -> Job? {
        while sem_wait(count) != 0 {}
        return state.withLock { state in
            guard state.first < state.jobs.count else { return nil }
            let job = state.jobs[state.first]
            state.first += 1
            if state.first == state.jobs.count { (state.jobs, state.first) = ([], 0) }
            return job
        }
    }

    /// Takes no more work; what is there is still done.
    package func close(workers: Int) {
        let wasOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if wasOpen { for _ in 0..<workers { sem_post(count) } }
    }
}

/// A thread of its own.
package enum OwnThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, which ends with it; the error names `purpose` when there is none to have.
    package static func start(
        for purpose: String, _ body: @escaping @Sendable () -> Void
    ) throws(StoreError) {
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
            throw .cannotOpen("a thread for \(purpose) cannot be started: \(String(cString: strerror(code)))")
        }
        pthread_detach(thread)
    }
}
