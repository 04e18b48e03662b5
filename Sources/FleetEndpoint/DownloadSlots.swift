internal import Synchronization

/// How many files are downloaded at the same time, and by whom.
///
/// No address gets more than a share, so that one that reads slowly keeps nobody else away.
final class DownloadSlots: Sendable {
    private struct State {
        var taken = 0
        /// Only addresses that have slots.
        var addresses: [String: Int] = [:]
    }

    private let all: Int
    private let share: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - all: The most downloads at a time.
    ///   - share: The most of one address.
    init(_ all: Int, share: Int) {
        self.all = all
        self.share = share
    }

    /// Takes a slot for an address; `false` when there is none.
    func take(_ address: String) -> Bool {
        state.withLock { state in
            guard state.taken < all, state.addresses[address, default: 0] < share else { return false }
            state.taken += 1
            state.addresses[address, default: 0] += 1
            return true
        }
    }

    /// Gives a slot back.
    func giveBack(_ address: String) {
        state.withLock { state in
            state.taken -= 1
            let left = state.addresses[address, default: 1] - 1
            state.addresses[address] = left > 0 ? left : nil
        }
    }
}
