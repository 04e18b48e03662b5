internal import Pipeline

/// The time, by both clocks.
struct Moment {
    let now: Instant
    /// Nanoseconds since 1970.
    let unix: UInt64

    init(_ clock: any PipelineClock) {
        now = clock.now
        unix = clock.unixNanoseconds
    }
}
