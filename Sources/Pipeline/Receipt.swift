internal import Synchronization

/// What the sender of a batch knows when the call that handed it on returns.
public enum Receipt: Sendable {
    /// The batch is the pipeline's now.
    case accepted
    /// The answer comes later, for example when a full queue has room again or a backend has replied.
    case pending(PendingReceipt)

    /// Calls `observer` with the answer, at once when it is known already, on whichever thread resolves it.
    public func whenKnown(_ observer: @escaping @Sendable (PendingReceipt.Answer) -> Void) {
        switch self {
        case .accepted: observer(nil)
        case .pending(let receipt): receipt.whenResolved(observer)
        }
    }

    /// One receipt for a batch that went to several places: pending for as long as one of them is.
    public static func all(_ receipts: [PendingReceipt]) -> Receipt {
        guard let first = receipts.first else { return .accepted }
        guard receipts.count > 1 else { return .pending(first) }
        let whole = PendingReceipt()
        let state = CountDown(receipts.count)
        for receipt in receipts {
            receipt.whenResolved { answer in
                if let result = state.record(answer) { whole.resolve(result) }
            }
        }
        return .pending(whole)
    }
}

/// An answer that is still to come; resolved once, observed any number of times.
public final class PendingReceipt: Sendable {
    /// `nil` is success, otherwise why the batch was refused after all.
    public typealias Answer = Rejection?

    private enum State {
        case waiting([@Sendable (Answer) -> Void])
        case resolved(Answer)
    }

    private let state = Mutex(State.waiting([]))

    public init() {}

    /// Whether the answer is known.
    public var isResolved: Bool {
        state.withLock { if case .resolved = $0 { true } else { false } }
    }

    /// The answer; `nil` while it is not known.
    public var answer: Answer? {
        state.withLock { if case .resolved(let answer) = $0 { .some(answer) } else { nil } }
    }

    /// Gives the answer; later calls change nothing.
    public func resolve(_ answer: Answer) {
        let observers = state.withLock { state -> [@Sendable (Answer) -> Void] in
            guard case .waiting(let observers) = state else { return [] }
            state = .resolved(answer)
            return observers
        }
        for observer in observers { observer(answer) }
    }

    /// Calls `observer` with the answer, at once when it is known already, on whichever thread resolves it.
    public func whenResolved(_ observer: @escaping @Sendable (Answer) -> Void) {
        let known = state.withLock { state -> Answer? in
            switch state {
            case .waiting(let observers):
                state = .waiting(observers + [observer])
                return nil
            case .resolved(let answer):
                return .some(answer)
            }
        }
        if let known { observer(known) }
    }

    /// Waits for the answer; throws `.later` when the task is cancelled before it is there.
    public func wait() async throws(Rejection) {
        // What is resolved first: the answer, or that nobody waits for it any more.
        let end = PendingReceipt()
        whenResolved { end.resolve($0) }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                end.whenResolved { continuation.resume(returning: $0) }
            }
        } onCancel: {
            end.resolve(.later(reason: "stopped waiting for the answer"))
        }
        if let answer { throw answer }
    }
}

/// Collects the answers of a fan-out and gives the first refusal when the last one is in.
private final class CountDown: Sendable {
    private let state: Mutex<(left: Int, refusal: Rejection?)>

    init(_ count: Int) {
        state = Mutex((count, nil))
    }

    func record(_ answer: PendingReceipt.Answer) -> PendingReceipt.Answer? {
        state.withLock { state in
            state.left -= 1
            if state.refusal == nil { state.refusal = answer }
            return state.left == 0 ? .some(state.refusal) : nil
        }
    }
}
