internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The last value of every series of one processor in one pipeline, shared by all lanes and taken over by
/// whatever replaces the processor after a change of the configuration.
///
/// A series may come over any connection, so over any lane; a lane holds the lock for one batch.
final class SeriesTracker: Sendable {
    /// What a point is to the series that it belongs to.
    enum Outcome {
        /// The difference to the point before, which was at `since`.
        case difference(SeriesValue, since: UInt64)
        case first
        case failed(SeriesValue.Failure)
    }

    struct State {
        fileprivate struct Entry {
            var value: SeriesValue
            /// When the point was made, in nanoseconds since 1970.
            var time: UInt64
            /// Counts batches: which was the last with the series.
            var turn: UInt64
        }

        fileprivate var entries: [SeriesIdentity: Entry] = [:]
        fileprivate var turn: UInt64 = 0
        fileprivate var nextSweep: UInt64 = 0
    }

    /// When the processor began, in nanoseconds since 1970.
    let start: UInt64
    private let state = Mutex(State())
    private let count = Atomic<Int>(0)

    init(start: UInt64) { self.start = start }

    /// How many series there are.
    var seriesCount: Int { count.load(ordering: .relaxed) }

    /// Lends the series for one batch.
    func withSeries<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            state.turn += 1
            let result = body(&state)
            count.store(state.entries.count, ordering: .relaxed)
            return result
        }
    }
}

extension SeriesTracker.State {
    /// Puts a point into its series.
    mutating func put(_ value: SeriesValue, _ time: UInt64, _ identity: SeriesIdentity)
        -> SeriesTracker.Outcome
    {
        guard let former = entries.updateValue(Entry(value: value, time: time, turn: turn), forKey: identity)
        else { return .first }
        do throws(SeriesValue.Failure) {
            return .difference(try value.difference(from: former.value), since: former.time)
        } catch {
            return .failed(error)
        }
    }

    /// The last value of a series.
    func value(_ identity: SeriesIdentity) -> SeriesValue? { entries[identity]?.value }

    /// Forgets series whose last point is older than `staleness` nanoseconds, now and then; returns how many.
    mutating func removeStale(_ staleness: UInt64, now: UInt64) -> Int {
        guard staleness > 0, now >= nextSweep else { return 0 }
        nextSweep = now &+ staleness
        let before = entries.count
        let oldest = now > staleness ? now - staleness : 0
        entries = entries.filter { $0.value.time >= oldest }
        return before - entries.count
    }

    /// Forgets the tenth of the series that had no point for the longest time, when there are more than
    /// `limit`; returns how many.
    mutating func removeOldest(limit: Int) -> Int {
        guard entries.count > limit else { return 0 }
        let turns = entries.values.map { $0.turn }.sorted()
        let number = entries.count - limit + limit / 10
        let newest = turns[min(number, turns.count) - 1]
        let before = entries.count
        entries = entries.filter { $0.value.turn > newest }
        return before - entries.count
    }
}
