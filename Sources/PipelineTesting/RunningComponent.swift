internal import Pipeline

/// Something with a lifeline that runs in a task of its own.
final class RunningComponent: Sendable {
    private let lifeline: Lifeline
    private let task: Task<Void, any Error>

    private init(lifeline: Lifeline, task: Task<Void, any Error>) {
        self.lifeline = lifeline
        self.task = task
    }

    /// Starts `body` and returns when it says that it is ready; throws its error when it ends before that.
    static func start(_ body: @escaping @Sendable (Lifeline) async throws -> Void) async throws
        -> RunningComponent
    {
        let lifeline = Lifeline()
        let task = Task {
            defer { lifeline.ended() }
            try await body(lifeline)
        }
        if await !lifeline.whenStarted() {
            try await task.value
            throw ComponentError("ended without being ready")
        }
        return RunningComponent(lifeline: lifeline, task: task)
    }

    /// Asks for a stop and waits for the end.
    func stop(grace: Duration) async throws {
        lifeline.requestStop(grace: grace)
        try await task.value
    }
}
