internal import Logging
internal import Pipeline

/// A receiver or extension that runs in a task of its own.
struct RunningComponent: Sendable {
    let kind: ComponentKind
    let id: ComponentID
    let lifeline: Lifeline
    private let task: Task<ComponentError?, Never>

    /// Starts `body`; what it throws after its start becomes the component's status and ends nothing else.
    init(
        _ kind: ComponentKind, _ id: ComponentID, _ surroundings: EngineSurroundings, lifeline: Lifeline,
        body: @escaping @Sendable () async throws(ComponentError) -> Void
    ) {
        self.kind = kind
        self.id = id
        self.lifeline = lifeline
        surroundings.statuses.set(.starting, kind, id)
        task = Task {
            var failure: ComponentError?
            do throws(ComponentError) {
                try await body()
            } catch {
                failure = error
                surroundings.statuses.report(.permanentError(error.description), kind, id)
                surroundings.context(kind, id).logger.error(
                    "the component has stopped because of an error", metadata: ["error": "\(error)"])
            }
            lifeline.ended()
            return failure
        }
    }

    /// Waits for the start; throws why it failed.
    func waitForStart(_ statuses: StatusBoard) async throws(GraphBuilder.Failure) {
        if await lifeline.whenStarted() {
            statuses.report(.ok, kind, id)
            return
        }
        let error = await task.value ?? ComponentError("ended before it was ready")
        throw GraphBuilder.Failure(kind: kind, id: id, error: error)
    }

    /// Asks for a stop and waits for it, at most for `grace` and a little more; then cancels.
    func stop(grace: Duration, _ surroundings: EngineSurroundings) async {
        surroundings.statuses.report(.stopping, kind, id)
        lifeline.requestStop(grace: grace)
        let clock = surroundings.clock
        let timer = Task { [task] in
            try? await clock.sleep(for: grace + .seconds(1))
            if !Task.isCancelled { task.cancel() }
        }
        await lifeline.whenEnded()
        timer.cancel()
        surroundings.statuses.report(.stopped, kind, id)
    }
}
