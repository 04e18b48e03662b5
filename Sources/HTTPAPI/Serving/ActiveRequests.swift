internal import Synchronization

/// How many requests may be under way at a time, streams included.
final class ActiveRequests: Sendable {
    static let limit = 256

    private let count = Atomic<Int>(0)

    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= Self.limit else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}
