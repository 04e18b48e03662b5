internal import Synchronization

/// The thread between the engine and something that runs: ready once, stop once, ended once.
public final class Lifeline: Sendable {
    private struct State {
        /// `true` when ready, `false` when it ended before that.
        var started: Bool?
        var hasEnded = false
        var grace: Duration?
        var startWaiters: [CheckedContinuation<Bool, Never>] = []
        var endWaiters: [CheckedContinuation<Void, Never>] = []
        var stopWaiters: [CheckedContinuation<Duration, Never>] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Marks the start as complete, for the side that runs.
    public func ready() { start(true) }

    /// Marks the end, for the engine, when `run` has returned or thrown.
    public func ended() {
        start(false)
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.endWaiters = [] }
            return state.endWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Whether the start is complete and the end has not come.
    public var isRunning: Bool { state.withLock { $0.started == true && !$0.hasEnded } }

    /// Returns `true` when the start is complete, `false` when the end came first.
    public func whenStarted() async -> Bool {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.started == nil { state.startWaiters.append(continuation) }
                return state.started
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Returns when the end has come.
    public func whenEnded() async {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if !state.hasEnded { state.endWaiters.append(continuation) }
                return state.hasEnded
            }
            if known { continuation.resume() }
        }
    }

    /// Asks for a stop within `grace`; the first call counts.
    public func requestStop(grace: Duration) {
        let waiters = state.withLock { state -> [CheckedContinuation<Duration, Never>] in
            guard state.grace == nil else { return [] }
            state.grace = grace
            defer { state.stopWaiters = [] }
            return state.stopWaiters
        }
        for waiter in waiters { waiter.resume(returning: grace) }
    }

    /// Returns when a stop has been requested, with the time there is for it.
    public func stopRequested() async -> Duration {
        await withCheckedContinuation { continuation in
            let grace = state.withLock { state in
                if state.grace == nil { state.stopWaiters.append(continuation) }
                return state.grace
            }
            if let grace { continuation.resume(returning: grace) }
        }
    }

    private func start(_ outcome: Bool) {
        let waiters = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            guard state.started == nil else { return [] }
            state.started = outcome
            defer { state.startWaiters = [] }
            return state.startWaiters
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }
}
