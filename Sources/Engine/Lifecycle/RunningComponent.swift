internal import Logging
internal import Pipeline

/// A receiver or extension that runs in a task of its own.
struct RunningComponent: Sendable {
    let record: ComponentRecord
    let lifeline: Lifeline
    private let task: Task<ComponentError?, Never>

    /// Starts `body`; what it throws after its start becomes the component's status and ends nothing else.
    init(
        _ record: ComponentRecord, _ surroundings: EngineSurroundings, lifeline: Lifeline,
        body: @escaping @Sendable () async throws(ComponentError) -> Void
    ) {
        self.record = record
        self.lifeline = lifeline
        task = Task {
            var failure: ComponentError?
            do throws(ComponentError) {
                try await body()
            } catch {
                failure = error
                surroundings.report(.permanentError(error.description), record)
                surroundings.context(record).logger.error(
                    "the component has stopped because of an error", metadata: ["error": "\(error)"])
            }
            lifeline.ended()
            return failure
        }
    }

    /// Waits for the start; throws why it failed.
    func waitForStart(_ surroundings: EngineSurroundings) async throws(GraphBuilder.Failure) {
        if await lifeline.whenStarted() {
            surroundings.report(.ok, record)
            return
        }
        let error = await task.value ?? ComponentError("ended before it was ready")
        throw GraphBuilder.Failure(kind: record.kind, id: record.id, error: error)
    }

    /// Asks for a stop and waits for it, at most for `grace` and a little more; then cancels.
    func stop(grace: Duration, _ surroundings: EngineSurroundings) async {
        surroundings.report(.stopping, record)
        lifeline.requestStop(grace: grace)
        let clock = surroundings.clock
        let timer = Task { [task] in
            try? await clock.sleep(for: grace + .seconds(1))
            if !Task.isCancelled { task.cancel() }
        }
        await lifeline.whenEnded()
        timer.cancel()
        surroundings.report(.stopped, record)
    }
}
