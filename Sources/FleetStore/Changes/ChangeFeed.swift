internal import Synchronization

/// Tells everybody who listens what has changed.
final class ChangeFeed: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<StoreChange>.Continuation] = [:]
        var lastNumber = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A stream from now on; it holds at most `StoreLimits.waitingChanges` that nobody has taken yet.
    func listen() -> AsyncStream<StoreChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: StoreChange.self, bufferingPolicy: .bufferingNewest(StoreLimits.waitingChanges))
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.lastNumber += 1
            state.listeners[state.lastNumber] = continuation
            return state.lastNumber
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// Tells; whoever is too slow to hear all is told so last.
    func tell(_ changes: [StoreChange]) {
        guard !changes.isEmpty else { return }
        for listener in state.withLock({ Array($0.listeners.values) }) {
            var hasMissed = false
            for change in changes {
                if case .dropped = listener.yield(change) { hasMissed = true }
            }
            if hasMissed { listener.yield(.everything) }
        }
    }

    /// Ends all streams.
    func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
