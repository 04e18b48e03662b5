internal import NIOCore
internal import Synchronization

/// A socket that receives datagrams, and the channel that reads it.
///
/// During a handover two channels have descriptors of one socket; only one of them reads at a time.
final class DatagramListener: Sendable {
    let descriptor: CInt
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    /// Takes note of what reads the socket, for `pause`.
    func isRead(by reader: any Channel) { channel.withLock { $0 = reader } }

    /// Ends reading; `nil` when nothing reads.
    func pause() -> EventLoopFuture<Void>? {
        channel.withLock { $0 }?.setOption(.autoRead, value: false)
    }
}
