internal import Synchronization

/// How many combinations of metadata values there are on all lanes together.
public final class BatchCensus: Sendable {
    /// Counts for as long as it exists.
    final class Seat: Sendable {
        private let census: BatchCensus

        fileprivate init(in census: BatchCensus) {
            self.census = census
            census.seats.wrappingAdd(1, ordering: .relaxed)
        }

        deinit { census.seats.wrappingSubtract(1, ordering: .relaxed) }
    }

    private let seats = Atomic<Int>(0)

    public init() {}

    /// Combinations at this moment.
    public var count: Int { seats.load(ordering: .relaxed) }

    func takeSeat() -> Seat { Seat(in: self) }
}
