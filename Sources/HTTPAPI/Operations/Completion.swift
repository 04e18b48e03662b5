internal import Pipeline
internal import Synchronization

/// A value that will be there one day, and those who wait for it.
final class Completion<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    var value: Value? { state.withLock { $0.value } }

    /// Sets the value, once.
    func complete(_ value: Value) {
        let waiters = state.withLock { state in
            state.value = state.value ?? value
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: self.value) }
    }

    /// The value as soon as it is there; `nil` when it is not within `time`.
    func value(within time: Duration, _ clock: any PipelineClock) async -> Value? {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task {
            try? await clock.sleep(for: time)
            give(up: ticket)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                if state.value == nil { state.waiters[ticket] = continuation }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    private func give(up ticket: Int) {
        state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: nil)
    }
}
