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
    private var blockedSince: NIODeadline?
    private var isEstablished = false

    /// Looks are at most this far apart, so that a time that begins later is not missed by much.
    private static let granularity = TimeAmount.seconds(5)

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

    /// The socket takes bytes, or no longer does.
    mutating func writabilityChanged(_ isWritable: Bool, at now: NIODeadline) {
        blockedSince = isWritable ? nil : (blockedSince ?? now)
    }

    /// Why the connection has to go; `nil` when it may stay.
    ///
    /// `isInside` is whether a message has begun and is not whole, `isBusy` whether the client waits for us.
    func due(isInside: Bool, isBusy: Bool, at now: NIODeadline) -> String? {
        deadlines(isInside: isInside, isBusy: isBusy).first { $0.time <= now }?.reason
    }

    /// When to look again; `nil` when nothing is limited now.
    func nextCheck(isInside: Bool, isBusy: Bool, after now: NIODeadline) -> NIODeadline? {
        let next = deadlines(isInside: isInside, isBusy: isBusy).map { $0.time }.min()
        return next.map { max(min($0, now + Self.granularity), now + .milliseconds(20)) }
    }

    private func deadlines(isInside: Bool, isBusy: Bool) -> [(time: NIODeadline, reason: String)] {
        var found: [(time: NIODeadline, reason: String)] = []
        if !isEstablished, let handshake {
            found.append((start + handshake, "it has not said in time who it is"))
        }
        if let write, let blockedSince {
            found.append((blockedSince + write, "it does not take what is sent to it"))
        }
        if isInside, let read { found.append((heardFrom + read, "the rest of a message does not come")) }
        if !isInside, !isBusy, let idle { found.append((heardFrom + idle, "nothing comes over it")) }
        return found
    }
}
