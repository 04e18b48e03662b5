internal import Glibc
internal import Synchronization

/// Counts failed authentications by address, so that guessing becomes slow.
///
/// Ten tries at once and one every six seconds after that. IPv6 addresses with the same first 64 bits count
/// as one, since whoever has one of them has them all. Bounded: at most `addressLimit` addresses are
/// remembered; when there are more, those that have recovered are forgotten, then the eighth with the fewest
/// tries.
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
    /// - Parameter address: From where it came; tries from all ports of an IP address are counted together,
    ///   and so are those from a network of IPv6.
    /// - Returns: The time to wait when there were too many; `nil` when the try may be answered as it is.
    public func note(_ address: String) -> Duration? {
        let now = clock.now
        let host = Self.source(of: address)
        return buckets.withLock { buckets in
            if buckets.count >= Self.addressLimit, buckets[host] == nil {
                buckets = buckets.filter { Self.remaining($0.value, now) > 0 }
                if buckets.count >= Self.addressLimit { Self.forgetLeast(&buckets, now) }
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

    /// By what tries are counted: the host, of an IPv6 address its network of 64 bits.
    static func source(of address: String) -> String {
        let host = host(of: address)
        var text = host[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        // The zone of `fe80::1%eth0` says where the address is looked for, not whose it is.
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &bytes) == 1 else { return host }
        // An IPv4 address in the clothes of IPv6 is one of IPv4.
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) {
            return bytes[12...].map { String($0) }.joined(separator: ".")
        }
        return bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    /// Forgets an eighth, those with the fewest tries: whoever guesses from one place cannot be made to be
    /// forgotten by single tries from many others.
    private static func forgetLeast(_ buckets: inout [String: Bucket], _ now: Instant) {
        let tries = buckets.map { (host: $0.key, tries: remaining($0.value, now)) }
        for least in tries.sorted(by: { $0.tries < $1.tries }).prefix(addressLimit / 8) {
            buckets[least.host] = nil
        }
    }

    private static func remaining(_ bucket: Bucket, _ now: Instant) -> Double {
        max(bucket.tries - (now - bucket.time) / refill, 0)
    }
}
