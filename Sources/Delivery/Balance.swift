internal import Synchronization

/// A number that goes up and down and is read from other threads.
final class Balance: Sendable {
    private let amount = Atomic<Int>(0)

    func add(_ change: Int) { amount.wrappingAdd(change, ordering: .relaxed) }

    var value: Int { amount.load(ordering: .relaxed) }
}
