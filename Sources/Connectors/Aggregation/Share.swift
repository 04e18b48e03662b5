internal import Synchronization

/// What values of a connector have in common, on all lanes and over changes of the configuration.
protocol SharedState: AnyObject, Sendable {
    var users: ShareCount { get }
}

/// How many values of a connector use a state.
final class ShareCount: Sendable {
    fileprivate let count = Atomic<Int>(0)
}

/// One value of a connector that uses a state, from its beginning until it is let go or says that it stops.
final class Share<State: SharedState>: Sendable {
    private enum Phase: Int {
        case new, uses, ended
    }

    let state: State
    private let phase = Atomic<Int>(Phase.new.rawValue)

    init(_ state: State) { self.state = state }

    deinit { end() }

    /// Says that the value begins: before that it is one that may never run.
    func begin() {
        guard move(from: .new, to: .uses) else { return }
        state.users.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// Says that the value stops; whether it is the last one, so that nobody goes on with the state.
    func stop() -> Bool {
        end()
        return state.users.count.load(ordering: .sequentiallyConsistent) == 0
    }

    private func end() {
        guard move(from: .uses, to: .ended) else { return }
        state.users.count.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    private func move(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(
            expected: old.rawValue, desired: new.rawValue, ordering: .sequentiallyConsistent
        ).exchanged
    }
}
