public import Pipeline
internal import Synchronization

/// How much passes each edge of the graph per second: over the last second, minute and ten minutes.
///
/// Fed once a second. Of each counter it keeps the last 60 seconds and 60 times
/// 10 seconds as 32-bit numbers, about 1 KiB for an edge, and follows `edgeLimit` edges at most; those beyond
/// have no rates. An edge is forgotten with the first snapshot that does not have it.
public final class RateWindows: Sendable {
    /// The most edges that are followed.
    public static let edgeLimit = 16_384
    /// Time between two samples.
    public static let interval = Duration.seconds(1)

    private struct State {
        var time: Instant?
        var timeline = RateTimeline()
        var tracks: [EdgeRates.Edge: RateTrack] = [:]
        /// The tracks in the order of the last sample, since the next one usually has the same.
        var order: [RateTrack] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Takes the counters of a moment; the time since the last sample is what the last second is.
    ///
    /// A counter that is lower than before has begun anew, and what it shows is what has passed since.
    public func sample(_ snapshot: CollectorSnapshot, at now: Instant) {
        sample(EdgeReading.all(of: snapshot), at: now)
    }

    /// The same from readings.
    func sample(_ readings: [EdgeReading], at now: Instant) {
        state.withLock { state in
            let elapsed = state.time.map { Float((now - $0) / .seconds(1)) }
            if let elapsed, elapsed <= 0 { return }
            state.time = now
            if let elapsed { state.timeline.advance(by: elapsed) }
            let hadOrder = state.order
            state.order.removeAll(keepingCapacity: true)
            for (index, reading) in readings.enumerated() {
                let expected = index < hadOrder.count ? hadOrder[index] : nil
                let known = expected?.edge == reading.edge ? expected : state.tracks[reading.edge]
                if let known {
                    known.record(reading, state.timeline, elapsed ?? 0)
                    state.order.append(known)
                } else if state.tracks.count < Self.edgeLimit {
                    let track = RateTrack(reading, generation: state.timeline.generation)
                    state.tracks[reading.edge] = track
                    state.order.append(track)
                }
            }
            guard state.order.count < state.tracks.count else { return }
            let generation = state.timeline.generation
            state.tracks = state.tracks.filter { $0.value.generation == generation }
        }
    }

    /// Samples once a second until the task is cancelled.
    func run(_ clock: any PipelineClock, _ readings: @Sendable () -> [EdgeReading]) async {
        repeat {
            sample(readings(), at: clock.now)
        } while (try? await clock.sleep(for: Self.interval)) != nil
    }

    /// The rates of every edge, in no particular order; an edge that has been seen once only is at 0.
    public func rates() -> [EdgeRates] {
        state.withLock { state in state.tracks.values.map { $0.rates(state.timeline) } }
    }

    /// The rates of one edge; `nil` when the last snapshot did not have it.
    public func rates(of edge: EdgeRates.Edge) -> EdgeRates? {
        state.withLock { state in state.tracks[edge]?.rates(state.timeline) }
    }

    /// Bytes that the windows take, without the names of the edges.
    var storageBytes: Int {
        state.withLock { state in state.tracks.values.reduce(0) { $0 + $1.storageBytes } }
    }
}
