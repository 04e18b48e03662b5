internal import Pipeline
internal import Synchronization

/// One seat for each id; those who come while it is taken wait in a row.
final class SeatRow: Sendable {
    fileprivate struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    fileprivate struct State {
        var isOpen = false
        var taken: [ComponentID: Int] = [:]
        var waiting: [ComponentID: [Waiter]] = [:]
        var cancelled: Set<Int> = []
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// Until this is called, everybody waits.
    func open() {
        let chosen = state.withLock { state in
            state.isOpen = true
            return Array(state.waiting.keys).compactMap { state.choose($0) }
        }
        for continuation in chosen { continuation.resume(returning: true) }
    }

    /// Returns when the seat is free; throws `CancellationError`.
    func take(_ id: ComponentID) async throws -> CollectorSeat {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let isTaken = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(for: id, Waiter(number: number, continuation: $0)) }
        } onCancel: {
            cancel(number, id)
        }
        guard isTaken else { throw CancellationError() }
        return CollectorSeat { [self] in leave(id, number) }
    }

    private func wait(for id: ComponentID, _ waiter: Waiter) {
        let outcome: Bool? = state.withLock { state in
            if state.cancelled.remove(waiter.number) != nil { return false }
            guard state.isOpen, state.taken[id] == nil else {
                state.waiting[id, default: []].append(waiter)
                return nil
            }
            state.taken[id] = waiter.number
            return true
        }
        if let outcome { waiter.continuation.resume(returning: outcome) }
    }

    private func cancel(_ number: Int, _ id: ComponentID) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiting[id]?.firstIndex(where: { $0.number == number }) else {
                // It has the seat already, or it comes later.
                if state.taken[id] != number { state.cancelled.insert(number) }
                return nil
            }
            return state.waiting[id]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }

    private func leave(_ id: ComponentID, _ number: Int) {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.taken[id] == number else { return nil }
            state.taken[id] = nil
            return state.choose(id)
        }
        next?.resume(returning: true)
    }
}

extension SeatRow.State {
    /// Gives a free seat to the first in the row.
    fileprivate mutating func choose(_ id: ComponentID) -> CheckedContinuation<Bool, Never>? {
        guard taken[id] == nil, let first = waiting[id]?.first else { return nil }
        waiting[id]?.removeFirst()
        taken[id] = first.number
        return first.continuation
    }
}
