internal import NIOPosix
internal import Pipeline
internal import Settings
internal import Synchronization

/// A thread for work that may hang, such as asking the file system of a server that is gone.
///
/// What does not end in time is left behind on its thread, and the next work gets a new one; a few of them at
/// most, because a thread that hangs in the kernel cannot be ended. To be used by one caller at a time.
final class DeadlineThread: Sendable {
    /// Why there is no result.
    enum Failure: Error, CustomStringConvertible {
        case late(Duration)
        case crowded(Int)
        case cancelled

        var description: String {
            switch self {
            case .late(let limit): "has not ended within \(limit.goSyntax)"
            case .crowded(let count): "cannot begin, because \(count) others hang already"
            case .cancelled: "the receiver stops"
            }
        }
    }

    private struct State {
        var pool: NIOThreadPool?
        var lastJob = 0
        var running: Int?
        var hanging: Set<Int> = []
        var isClosed = false
    }

    private let clock: any PipelineClock
    private let hangingLimit: Int
    private let state = Mutex(State())

    /// `hangingLimit` is how many threads may hang.
    init(clock: any PipelineClock, hangingLimit: Int = 4) {
        self.clock = clock
        self.hangingLimit = hangingLimit
    }

    /// How many pieces of work hang at the moment.
    var hangingCount: Int { state.withLock { $0.hanging.count } }

    /// Does `body` on the thread and gives what it returns, unless that takes longer than `limit`.
    func run<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () -> Value
    ) async throws(Failure) -> Value {
        let (job, pool) = try begin()
        let answer = FirstAnswer<Result<Value, Failure>>()
        pool.submit { activity in
            // It was left behind before it began.
            let value = activity == .active ? body() : nil
            self.ended(job)
            answer.give(value.map { .success($0) } ?? .failure(.cancelled))
        }
        let timer = Task { [clock] in
            guard (try? await clock.sleep(for: limit)) != nil else { return }
            answer.give(.failure(.late(limit)))
        }
        let first = await withTaskCancellationHandler {
            await answer.wait()
        } onCancel: {
            answer.give(.failure(.cancelled))
        }
        timer.cancel()
        if case .failure = first { leave(job) }
        return try first.get()
    }

    /// Ends the thread when what runs on it has ended; nothing may be run afterwards.
    func close() {
        let pool = state.withLock { state in
            state.isClosed = true
            defer { state.pool = nil }
            return state.pool
        }
        pool?.shutdownGracefully { _ in }
    }

    private func begin() throws(Failure) -> (job: Int, pool: NIOThreadPool) {
        try state.withLock { state throws(Failure) in
            guard !state.isClosed else { throw .cancelled }
            let hanging = state.hanging.count
            guard hanging < hangingLimit else { throw .crowded(hanging) }
            state.lastJob += 1
            state.running = state.lastJob
            if let pool = state.pool { return (state.lastJob, pool) }
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            state.pool = pool
            return (state.lastJob, pool)
        }
    }

    private func ended(_ job: Int) {
        state.withLock { state in
            state.hanging.remove(job)
            if state.running == job { state.running = nil }
        }
    }

    /// Leaves a piece of work behind if it is still going on, and its thread with it.
    private func leave(_ job: Int) {
        let pool = state.withLock { state -> NIOThreadPool? in
            guard state.running == job else { return nil }
            state.running = nil
            state.hanging.insert(job)
            defer { state.pool = nil }
            return state.pool
        }
        pool?.shutdownGracefully { _ in }
    }
}
