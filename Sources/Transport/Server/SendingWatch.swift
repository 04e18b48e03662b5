internal import Glibc
internal import NIOCore

/// How far a client is with what is sent to it.
struct SendingProgress: Equatable {
    /// Counts what it has taken; only differences mean something.
    var taken: UInt64 = 0
    /// Bytes that wait to be sent.
    var waiting = 0

    /// Whether the client has taken something since it was there.
    func isFurther(than earlier: SendingProgress) -> Bool {
        taken > earlier.taken || waiting < earlier.waiting
    }
}

/// Since when a client has taken nothing of what waits for it.
///
/// Pure: time and progress come in. A look that finds the client further than the one before counts as the
/// moment when it was, so what is due after a time is due after that and the time between two looks.
struct SendingWatch {
    /// `nil` when nothing waits to be sent.
    private(set) var since: NIODeadline?
    private var seen = SendingProgress()

    /// Looks at how far the client is now.
    mutating func look(_ progress: SendingProgress, at now: NIODeadline) {
        if progress.waiting == 0 {
            since = nil
        } else if since == nil || progress.isFurther(than: seen) {
            since = now
        }
        seen = progress
    }

    /// The client has taken something.
    mutating func progressed(at now: NIODeadline) { if since != nil { since = now } }
}

extension Channel {
    /// How far the other end is; on the loop of the channel.
    ///
    /// The operating system takes hundreds of kilobytes at once and then nothing for long, so what it has
    /// taken says little of a slow client: what counts is what the other end has acknowledged, and it
    /// acknowledges nothing new once its own buffers are full and nobody reads them.
    var sendingProgress: SendingProgress {
        let waiting = (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard waiting > 0 else { return SendingProgress() }
        let taken = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self, TCPInformation.acknowledgedBytes)
        return SendingProgress(taken: taken ?? 0, waiting: waiting)
    }
}

/// What Linux knows of a TCP connection.
private enum TCPInformation {
    /// The place of `tcpi_bytes_acked` in `struct tcp_info`, in words of 8 bytes; that of the C library ends
    /// before it.
    private static let acknowledged = 15

    /// The bytes that the other end has acknowledged since the connection began; 0 where nobody counts them,
    /// as on a unix socket.
    static func acknowledgedBytes(_ descriptor: CInt) -> UInt64 {
        var words = [UInt64](repeating: 0, count: acknowledged + 1)
        var length = socklen_t(words.count * MemoryLayout<UInt64>.size)
        let wanted = length
        let result = getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &words, &length)
        return result == 0 && length == wanted ? words[acknowledged] : 0
    }
}
