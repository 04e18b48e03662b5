public import Pipeline
internal import Synchronization

/// How much passes each edge of the graph per second: over the last second, minute and ten minutes.
///
/// Fed once a second with a `CollectorSnapshot`. Of each counter it keeps the last 60 seconds and 60 times
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
    }

    private let state = Mutex(State())

    public init() {}

    /// Takes the counters of a moment; the time since the last sample is what the last second is.
    ///
    /// A counter that is lower than before has begun anew, and what it shows is what has passed since.
    public func sample(_ snapshot: CollectorSnapshot, at now: Instant) {
        let readings = EdgeReading.all(of: snapshot)
        state.withLock { state in
            let elapsed = state.time.map { Float((now - $0) / .seconds(1)) }
            if let elapsed, elapsed <= 0 { return }
            state.time = now
            if let elapsed { state.timeline.advance(by: elapsed) }
            var found = 0
            for reading in readings {
                if let track = state.tracks[reading.edge] {
                    track.record(reading, state.timeline, elapsed ?? 0)
                    found += 1
                } else if state.tracks.count < Self.edgeLimit {
                    state.tracks[reading.edge] = RateTrack(reading, generation: state.timeline.generation)
                    found += 1
                }
            }
            guard found < state.tracks.count else { return }
            let generation = state.timeline.generation
            state.tracks = state.tracks.filter { $0.value.generation == generation }
        }
    }

    /// Samples once a second until the task is cancelled.
    public func run(_ clock: any PipelineClock, _ snapshot: @Sendable () -> CollectorSnapshot) async {
        repeat {
            sample(snapshot(), at: clock.now)
        } while (try? await clock.sleep(for: Self.interval)) != nil
    }

    /// The rates of every edge, in no particular order; an edge that has been seen once only is at 0.
    public func rates() -> [EdgeRates] {
        state.withLock { state in state.tracks.map { $1.rates(of: $0, state.timeline) } }
    }

    /// The rates of one edge; `nil` when the last snapshot did not have it.
    public func rates(of edge: EdgeRates.Edge) -> EdgeRates? {
        state.withLock { state in state.tracks[edge]?.rates(of: edge, state.timeline) }
    }

    /// Bytes that the windows take, without the names of the edges.
    var storageBytes: Int {
        state.withLock { state in state.tracks.values.reduce(0) { $0 + $1.storageBytes } }
    }
}
