internal import Synchronization

/// Places that all callers share, and of which none can take all.
///
/// Usable from any thread; remembers only callers that have places.
public final class CallerSlots: Sendable {
    private struct State {
        var all = 0
        var ofCallers: [String: Int] = [:]
    }

    /// The places there are.
    public let limit: Int
    /// Those that one caller may have.
    public let share: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: The places there are.
    ///   - share: Those that one caller may have.
    public init(limit: Int, share: Int) {
        self.limit = limit
        self.share = share
    }

    /// Takes a place, which `giveBack` frees; `false` when there is none, or none for this caller.
    public func take(_ caller: String) -> Bool {
        state.withLock { state in
            guard state.all < limit, state.ofCallers[caller, default: 0] < share else { return false }
            state.all += 1
            state.ofCallers[caller, default: 0] += 1
            return true
        }
    }

    /// Gives back a place that the caller has taken.
    public func giveBack(_ caller: String) {
        state.withLock { state in
            state.all -= 1
            let left = (state.ofCallers[caller] ?? 0) - 1
            state.ofCallers[caller] = left > 0 ? left : nil
        }
    }
}
