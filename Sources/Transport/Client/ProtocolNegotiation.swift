internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits behind the TLS handler for the end of the handshake, reports which protocol was agreed on, and
/// leaves the pipeline.
final class ProtocolNegotiation: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let completion: (ChannelHandlerContext, Result<String?, TransportError>) -> Void
    private let server: String
    private var isDone = false

    /// - Parameters:
    ///   - server: how messages name the server.
    ///   - completion: called once; it adds the handlers that speak the protocol.
    init(
        server: String,
        completion: @escaping (ChannelHandlerContext, Result<String?, TransportError>) -> Void
    ) {
        self.server = server
        self.completion = completion
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent, !isDone {
            isDone = true
            completion(context, .success(negotiated))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, "the server closed the connection during the TLS handshake")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, Self.reason(error))
        context.fireErrorCaught(error)
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String) {
        guard !isDone else { return }
        isDone = true
        completion(context, .failure(TransportError(.tls, "no TLS connection to \(server): \(reason)")))
        context.close(promise: nil)
    }

    private static func reason(_ error: any Error) -> String {
        let text = String(describing: error)
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "the server's certificate is for another name"
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "the server's certificate is not trusted: its authority is unknown, or it has expired"
        }
        if text.contains("WRONG_VERSION_NUMBER") { return "the server does not speak TLS on this port" }
        return text
    }
}
