internal import Glibc
internal import NIOCore
internal import NIOSSL

/// Who the other end of a connection is, where something better than an address says so.
enum PeerIdentity {
    /// What the kernel tells about the process that connected: `struct ucred`.
    private struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// The user of the process at the other end of a unix socket; on the channel's loop.
    static func userID(of channel: any Channel) -> UInt32? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        var user: UInt32?
        let name = NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        let credentials: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: .socket, name: name)
        // On its own loop the channel answers before this returns.
        credentials.assumeIsolated().whenSuccess { user = $0.user }
        return user
    }

    /// What the certificate says that the client has shown, after the handshake.
    ///
    /// NIOSSL ends the handshake when a certificate does not verify, so one that is here has been verified.
    static func certificate(in context: ChannelHandlerContext) -> CertificateIdentity? {
        guard
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
            let encoded = try? certificate.toDERBytes()
        else { return nil }
        return CertificateIdentity(ofCertificate: encoded)
    }
}
