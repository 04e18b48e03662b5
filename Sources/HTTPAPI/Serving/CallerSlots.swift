internal import Synchronization

/// Places that all callers share, and of which none can take all.
final class CallerSlots: Sendable {
    private struct State {
        var all = 0
        var ofCallers: [String: Int] = [:]
    }

    /// The places there are.
    let limit: Int
    /// Those that one caller may have.
    let share: Int
    private let state = Mutex(State())

    init(limit: Int, share: Int) {
        self.limit = limit
        self.share = share
    }

    /// Takes a place, which `giveBack` frees; false when there is none, or none for this caller.
    func take(_ caller: String) -> Bool {
        state.withLock { state in
            guard state.all < limit, state.ofCallers[caller, default: 0] < share else { return false }
            state.all += 1
            state.ofCallers[caller, default: 0] += 1
            return true
        }
    }

    func giveBack(_ caller: String) {
        state.withLock { state in
            state.all -= 1
            let left = (state.ofCallers[caller] ?? 0) - 1
            state.ofCallers[caller] = left > 0 ? left : nil
        }
    }
}
