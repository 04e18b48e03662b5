internal import NIOCore

/// Decides when a connection has been silent, or has taken nothing, for too long.
///
/// Pure: the time comes in with every event.
struct StreamPulse {
    private let handshake: TimeAmount?
    private let read: TimeAmount?
    private let write: TimeAmount?
    private let idle: TimeAmount?
    private let start: NIODeadline
    private var heardFrom: NIODeadline
    private var message: (since: NIODeadline, bytes: Int)?
    private var sending = SendingWatch()
    private var isEstablished = false

    /// Looks are at most this far apart, so that a time that begins later is not missed by much.
    private static let granularity = TimeAmount.seconds(5)
    /// Bytes a second; whoever is slower has only the time for silence.
    private static let leastRate = 64 << 10

    init(_ configuration: ServerConfiguration, now: NIODeadline) {
        handshake = configuration.readHeaderTimeout.map { TimeAmount($0) }
        read = configuration.readTimeout.map { TimeAmount($0) }
        write = configuration.writeTimeout.map { TimeAmount($0) }
        idle = configuration.idleTimeout.map { TimeAmount($0) }
        start = now
        heardFrom = now
    }

    /// It is known who the client is.
    mutating func established(at now: NIODeadline) {
        isEstablished = true
        heardFrom = now
    }

    /// Something came, or something that came before has been dealt with.
    mutating func heard(at now: NIODeadline) { heardFrom = now }

    /// There are so many bytes of a message that is not whole; 0 when none has begun, or those that have are
    /// not waited for.
    mutating func collected(_ bytes: Int, at now: NIODeadline) {
        message = bytes > 0 ? (message?.since ?? now, bytes) : nil
    }

    /// Looks at how far the client is with what is sent to it.
    mutating func look(_ progress: SendingProgress, at now: NIODeadline) { sending.look(progress, at: now) }

    /// Why the connection has to go; `nil` when it may stay.
    ///
    /// `isBusy` is whether the client waits for us.
    func due(isBusy: Bool, at now: NIODeadline) -> String? {
        deadlines(isBusy: isBusy).first { $0.time <= now }?.reason
    }

    /// When to look again; `nil` when nothing is limited now.
    func nextCheck(isBusy: Bool, after now: NIODeadline) -> NIODeadline? {
        let next = deadlines(isBusy: isBusy).map { $0.time }.min()
        return next.map { max(min($0, now + Self.granularity), now + .milliseconds(20)) }
    }

    private func deadlines(isBusy: Bool) -> [(time: NIODeadline, reason: String)] {
        var found: [(time: NIODeadline, reason: String)] = []
        if !isEstablished, let handshake {
            found.append((start + handshake, "it has not said in time who it is"))
        }
        if let write, let since = sending.since {
            found.append((since + write, "it does not take what is sent to it"))
        }
        if let read, let message {
            found.append((heardFrom + read, "the rest of a message does not come"))
            // Or one byte now and then would keep what all connections share for ever.
            let time = TimeAmount.nanoseconds(Int64(message.bytes) * (1_000_000_000 / Int64(Self.leastRate)))
            found.append((message.since + read + time, "the rest of a message comes too slowly"))
        }
        if message == nil, !isBusy, let idle { found.append((heardFrom + idle, "nothing comes over it")) }
        return found
    }
}
