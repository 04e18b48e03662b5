internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The last value of every series of one processor in one pipeline, shared by all lanes and taken over by
/// whatever replaces the processor after a change of the configuration.
///
/// A series may come over any connection, so over any lane; a lane holds the lock for one point at a time.
final class SeriesTracker: Sendable {
    /// What a point is to the series that it belongs to.
    enum Outcome {
        /// The difference to the point before, which was at `since`.
        case difference(SeriesValue, since: UInt64)
        case first
        case failed(SeriesValue.Failure)
    }

    /// Bytes that there is room for, for each series that may be remembered.
    static let bytesPerSeries = 1024
    /// What a series takes beside its buckets.
    private static let ownBytes = 200

    private struct Entry {
        var value: SeriesValue
        /// When the point was made, in nanoseconds since 1970; 0 when it does not say.
        var time: UInt64
        /// Counts points: which was the last of the series.
        var turn: UInt64

        var byteCount: Int { SeriesTracker.ownBytes + value.byteCount }
    }

    private struct State {
        var entries: [SeriesIdentity: Entry] = [:]
        var bytes = 0
        var turn: UInt64 = 0
        var nextSweep: UInt64 = 0
    }

    /// When the processor began, in nanoseconds since 1970.
    let start: UInt64
    private let state = Mutex(State())
    private let count = Atomic<Int>(0)

    init(start: UInt64) { self.start = start }

    /// How many series there are.
    var seriesCount: Int { count.load(ordering: .relaxed) }

    /// Puts a point into its series, unless it is older than the one before.
    func put(_ value: SeriesValue, _ time: UInt64, _ identity: SeriesIdentity) -> Outcome {
        let (former, isLate) = state.withLock { state -> (Entry?, Bool) in
            state.turn += 1
            let former = state.entries[identity]
            if let former, time != 0, time < former.time { return (former, true) }
            let entry = Entry(
                value: value.withBaseSum(of: former?.value), time: time, turn: state.turn)
            state.entries[identity] = entry
            state.bytes += entry.byteCount - (former?.byteCount ?? 0)
            return (former, false)
        }
        guard !isLate else { return .failed(.order) }
        guard let former else { return .first }
        do throws(SeriesValue.Failure) {
            let difference = try value.withBaseSum(of: former.value).difference(from: former.value)
            return .difference(difference, since: former.time)
        } catch {
            return .failed(error)
        }
    }

    /// Forgets series whose last point is older than `staleness` nanoseconds, now and then.
    func removeStale(_ staleness: UInt64, now: UInt64) {
        guard staleness > 0 else { return }
        state.withLock { state in
            guard now >= state.nextSweep else { return }
            state.nextSweep = now &+ staleness
            let oldest = now > staleness ? now - staleness : 0
            state.entries = state.entries.filter { $0.value.time >= oldest }
            state.bytes = state.entries.values.reduce(0) { $0 + $1.byteCount }
        }
    }

    /// Forgets the series that had no point for the longest time, until a tenth of the room is free; returns
    /// how many.
    ///
    /// Nothing happens as long as there are no more than `limit` and they take no more than `bytesPerSeries`
    /// for each of so many.
    func removeOldest(limit: Int) -> Int {
        state.withLock { state in
            defer { count.store(state.entries.count, ordering: .relaxed) }
            let room = limit * Self.bytesPerSeries
            guard state.entries.count > limit || state.bytes > room else { return 0 }
            let before = state.entries.count
            var (left, bytes, newest) = (before, state.bytes, UInt64(0))
            let oldest = state.entries.values.map { (turn: $0.turn, bytes: $0.byteCount) }
                .sorted { $0.turn < $1.turn }
            for entry in oldest {
                guard left > limit - limit / 10 || bytes > room - room / 10 else { break }
                left -= 1
                bytes -= entry.bytes
                newest = entry.turn
            }
            state.entries = state.entries.filter { $0.value.turn > newest }
            state.bytes = bytes
            return before - left
        }
    }
}
