internal import Synchronization

/// How many streams may be open at a time.
final class StreamSlots: Sendable {
    static let limit = 64

    private let taken = Atomic<Int>(0)

    /// Takes a place for a stream, which its end gives back.
    func take() throws(AdminProblem) {
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= Self.limit else {
            giveBack()
            throw .tooMany("\(Self.limit) streams are open")
        }
    }

    func giveBack() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
