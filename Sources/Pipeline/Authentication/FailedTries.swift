internal import Synchronization

/// Counts failed authentications by address, so that guessing becomes slow.
///
/// Ten tries at once and one every six seconds after that. Bounded: at most `addressLimit` addresses are
/// remembered; when there are more, those that have recovered are forgotten, then all.
public final class FailedTries: Sendable {
    /// The most addresses that are remembered.
    public static let addressLimit = 4096
    /// Tries that are answered as they are before the first one that has to wait.
    static let burst = 10.0
    /// How long it takes until one more is.
    static let refill = Duration.seconds(6)

    private struct Bucket {
        var tries: Double
        var time: Instant
    }

    private let clock: any PipelineClock
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Begins with nobody.
    public init(clock: any PipelineClock) { self.clock = clock }

    /// Notes a failed try.
    ///
    /// - Parameter address: From where it came; tries from all ports of an IP address are counted together.
    /// - Returns: The time to wait when there were too many; `nil` when the try may be answered as it is.
    public func note(_ address: String) -> Duration? {
        let now = clock.now
        let host = Self.host(of: address)
        return buckets.withLock { buckets in
            if buckets.count >= Self.addressLimit, buckets[host] == nil {
                buckets = buckets.filter { Self.remaining($0.value, now) > 0 }
                if buckets.count >= Self.addressLimit { buckets = [:] }
            }
            let tries = buckets[host].map { Self.remaining($0, now) } ?? 0
            guard tries + 1 > Self.burst else {
                buckets[host] = Bucket(tries: tries + 1, time: now)
                return nil
            }
            return Self.refill * (tries + 1 - Self.burst)
        }
    }

    /// `127.0.0.1` of `127.0.0.1:4320` and `[::1]` of `[::1]:4320`; another text as it is.
    public static func host(of address: String) -> String {
        if address.hasPrefix("[") {
            return address.firstIndex(of: "]").map { String(address[...$0]) } ?? address
        }
        let colons = address.utf8.count { $0 == UInt8(ascii: ":") }
        guard colons == 1, let colon = address.lastIndex(of: ":") else { return address }
        return String(address[..<colon])
    }

    private static func remaining(_ bucket: Bucket, _ now: Instant) -> Double {
        max(bucket.tries - (now - bucket.time) / refill, 0)
    }
}
