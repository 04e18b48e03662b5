internal import Synchronization

/// How many streams may be open at a time.
public final class StreamSlots: Sendable {
    public static let limit = 64

    private let taken = Atomic<Int>(0)

    /// Takes a place for a stream, which its end gives back.
    public func take() throws(APIProblem) {
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= Self.limit else {
            giveBack()
            throw .tooMany("\(Self.limit) streams are open")
        }
    }

    /// Gives back a place that was taken for a stream that did not come about.
    public func giveBack() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
