internal import Synchronization
public import Telemetry

/// Telemetry that passes a point of a pipeline, as somebody looks at it; ends when nobody reads any more.
///
/// It slows nothing down and keeps nothing: what a reader does not take in time is skipped and counted.
public struct Tap: Sendable {
    /// What of the passing telemetry is shown.
    public struct Limits: Sendable {
        /// The share of batches to look at, from 0 to 1.
        public var sample: Double
        /// Items shown in one second, 1 to 10,000.
        public var itemsPerSecond: Int

        public init(sample: Double = 1, itemsPerSecond: Int = 100) {
            self.sample = min(max(sample, 0), 1)
            self.itemsPerSecond = min(max(itemsPerSecond, 1), 10_000)
        }
    }

    /// Taps at a time, of the whole process.
    public static let limit = 16
    /// Batches that wait for a reader.
    static let bufferedBatches = 64

    /// What is shown, in the order of each lane.
    public let batches: AsyncStream<Batch>
    private let feed: TapFeed

    init(_ batches: AsyncStream<Batch>, _ feed: TapFeed) {
        self.batches = batches
        self.feed = feed
    }

    /// Items that passed since the tap began, and those that were not shown for want of time or room.
    public var counts: (seen: Int, skipped: Int) { feed.counts }
}

/// Why nothing can be tapped.
public enum TapFailure: Error, Sendable, Equatable {
    /// There is no such pipeline, or it has no such processor.
    case unknown
    /// `Tap.limit` taps are open.
    case tooMany
}

/// The taps that are open.
final class TapBoard: Sendable {
    private struct State {
        var feeds: [(point: TapPoint, feed: TapFeed)] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Opens a tap; `makeFeed` gets its number.
    func open(_ point: TapPoint, _ makeFeed: (Int) -> TapFeed) throws(TapFailure) -> TapFeed {
        let feed = state.withLock { state -> TapFeed? in
            guard state.feeds.count < Tap.limit else { return nil }
            state.nextID += 1
            let feed = makeFeed(state.nextID)
            state.feeds.append((point, feed))
            return feed
        }
        guard let feed else { throw .tooMany }
        return feed
    }

    /// Closes a tap and gives its point.
    func close(_ id: Int) -> TapPoint? {
        state.withLock { state in
            guard let index = state.feeds.firstIndex(where: { $0.feed.id == id }) else { return nil }
            return state.feeds.remove(at: index).point
        }
    }

    /// Who looks at a point.
    func feeds(at point: TapPoint) -> [TapFeed] {
        state.withLock { $0.feeds.filter { $0.point == point }.map { $0.feed } }
    }

    /// The points that somebody looks at.
    var points: Set<TapPoint> { state.withLock { Set($0.feeds.map { $0.point }) } }
}
