internal import Pipeline
internal import Synchronization

/// Counts failed authentications by address, so that guessing becomes slow.
///
/// Ten tries at once and one every six seconds after that. Bounded: at most `addressLimit` addresses are
/// remembered; when there are more, those that have recovered are forgotten, then all.
final class FailedTries: Sendable {
    static let addressLimit = 4096
    static let burst = 10.0
    static let refill = Duration.seconds(6)

    private struct Bucket {
        var tries: Double
        var time: Instant
    }

    private let clock: any PipelineClock
    private let buckets = Mutex<[String: Bucket]>([:])

    init(clock: any PipelineClock) { self.clock = clock }

    /// Notes a failed try from an address.
    ///
    /// - Returns: the time to wait when there were too many; `nil` when the try may be answered as it is.
    func note(_ address: String) -> Duration? {
        let now = clock.now
        return buckets.withLock { buckets in
            if buckets.count >= Self.addressLimit, buckets[address] == nil {
                buckets = buckets.filter { Self.remaining($0.value, now) > 0 }
                if buckets.count >= Self.addressLimit { buckets = [:] }
            }
            let tries = (buckets[address].map { Self.remaining($0, now) } ?? 0)
            guard tries + 1 > Self.burst else {
                buckets[address] = Bucket(tries: tries + 1, time: now)
                return nil
            }
            return Self.refill * (tries + 1 - Self.burst)
        }
    }

    private static func remaining(_ bucket: Bucket, _ now: Instant) -> Double {
        max(bucket.tries - (now - bucket.time) / refill, 0)
    }
}
