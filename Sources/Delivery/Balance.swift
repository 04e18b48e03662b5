internal import Synchronization

/// A number that goes up and down and is read from other threads.
public final class Balance: Sendable {
    private let amount = Atomic<Int>(0)

    public init() {}

    /// Changes the number by `change`, which may be negative.
    public func add(_ change: Int) { amount.wrappingAdd(change, ordering: .relaxed) }

    /// The number now.
    public var value: Int { amount.load(ordering: .relaxed) }
}
