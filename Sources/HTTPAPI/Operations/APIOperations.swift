internal import Pipeline
internal import Synchronization
internal import Transport

/// The operations that are under way and the last ones that are done.
///
/// Bounded: `runningLimit` at a time, more are refused; `keptLimit` are remembered, of which the oldest that
/// are done make way.
final class APIOperations: Sendable {
    static let runningLimit = 32
    static let keptLimit = 200
    /// How long a change may take before its answer is 202.
    static let patience = Duration.seconds(2)

    private struct State {
        /// In the order in which they began.
        var operations: [APIOperation] = []
        var running = 0
    }

    private let clock: any PipelineClock
    private let state = Mutex(State())

    private let executor: LoopExecutor?

    init(clock: any PipelineClock, executor: LoopExecutor?) {
        self.clock = clock
        self.executor = executor
    }

    /// Those whose answer was 202, the newest first.
    var all: [APIOperation] { state.withLock { $0.operations.reversed() } }

    func find(_ id: String) -> APIOperation? {
        state.withLock { $0.operations.first { $0.id == id } }
    }

    /// Does `work`.
    ///
    /// - Returns: its outcome when it is there in time, otherwise the operation to ask for it.
    func run(
        _ action: String, by actor: String, _ work: @escaping @Sendable () async -> APIOperation.Outcome
    ) async -> (outcome: APIOperation.Outcome?, operation: APIOperation) {
        let operation = APIOperation(
            id: SecureRandom.hexadecimal(bytes: 8), action: action, actor: actor,
            created: clock.unixNanoseconds)
        let isAdmitted = state.withLock { state in
            guard state.running < Self.runningLimit else { return false }
            state.running += 1
            return true
        }
        guard isAdmitted else {
            return (.failure(.tooMany("\(Self.runningLimit) changes are under way")), operation)
        }
        operation.start(on: executor) {
            let outcome = await work()
            self.state.withLock { $0.running -= 1 }
            return outcome
        }
        if let outcome = await operation.completion.value(within: Self.patience, clock) {
            return (outcome, operation)
        }
        keep(operation)
        return (nil, operation)
    }

    private func keep(_ operation: APIOperation) {
        state.withLock { state in
            state.operations.append(operation)
            guard state.operations.count > Self.keptLimit else { return }
            if let oldest = state.operations.firstIndex(where: \.isDone) {
                state.operations.remove(at: oldest)
            }
        }
    }
}
