internal import Synchronization

/// A verdict that is still to come; given once, observed any number of times.
public final class PendingAuthentication: Sendable {
    public typealias Answer = Result<Principal, AuthenticationRefusal>

    private enum State {
        case waiting([@Sendable (Answer) -> Void])
        case decided(Answer)
    }

    private let state = Mutex(State.waiting([]))

    public init() {}

    /// Gives the verdict; later calls change nothing.
    public func decide(_ answer: Answer) {
        let observers = state.withLock { state -> [@Sendable (Answer) -> Void] in
            guard case .waiting(let observers) = state else { return [] }
            state = .decided(answer)
            return observers
        }
        for observer in observers { observer(answer) }
    }

    /// Calls `observer` with the verdict, at once when it is known already, on whichever thread gives it.
    public func whenDecided(_ observer: @escaping @Sendable (Answer) -> Void) {
        let known = state.withLock { state -> Answer? in
            switch state {
            case .waiting(let observers):
                state = .waiting(observers + [observer])
                return nil
            case .decided(let answer):
                return answer
            }
        }
        if let known { observer(known) }
    }
}
