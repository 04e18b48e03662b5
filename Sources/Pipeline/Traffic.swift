internal import Synchronization

/// Items that passed a point and items that were refused there.
public final class Traffic: Sendable {
    /// Items handed on successfully.
    public let accepted: Counter
    /// Items sent back to whoever offered them.
    public let refused: Counter

    /// Counts into `accepted` and `refused`, which may be series of a metric.
    public init(accepted: Counter = Counter(), refused: Counter = Counter()) {
        self.accepted = accepted
        self.refused = refused
    }

    func count(_ receipt: Receipt, items: Int) {
        switch receipt {
        case .accepted:
            accepted.add(items)
        case .pending(let pending):
            pending.whenResolved { [self] refusal in
                let missing =
                    switch refusal {
                    case nil: 0
                    case .never(_, .some(let part)): min(part, items)
                    case .later, .never: items
                    }
                accepted.add(items - missing)
                refused.add(missing)
            }
        }
    }
}

/// A count that only grows; cheap to add to from any thread.
public final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    public init() {}

    /// Adds `amount`, which must not be negative.
    public func add(_ amount: Int) {
        total.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of everything that was added.
    public var value: Int { total.load(ordering: .relaxed) }
}
