internal import Logging
internal import NIOCore

/// Finds out from the first bytes of a connection whether its client speaks HTTP/2 or HTTP/1.1, and puts the
/// handlers for that in its place.
///
/// The bytes decide over TLS too: a client that negotiated `h2` begins with the same preface, and one that
/// does not know ALPN is still understood.
final class ProtocolSniffer: ChannelInboundHandler, RemovableChannelHandler, ServerConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let lane: ServerLane
    private let peer: String
    private let ticket: Strangers.Ticket?
    private var seen = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var timeout: Scheduled<Void>?
    private var hasDecided = false
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    init(lane: ServerLane, peer: String, _ ticket: Strangers.Ticket? = nil) {
        self.lane = lane
        self.peer = peer
        self.ticket = ticket
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lane.add(self)
        if let limit = lane.context.configuration.readHeaderTimeout {
            timeout = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) { self.close() }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        lane.remove(self)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasDecided else {
            context.fireChannelRead(data)
            return
        }
        var buffer = unwrapInboundIn(data)
        seen.writeBuffer(&buffer)
        if let version = Self.version(of: seen.readableBytesView, configuration: lane.context.configuration) {
            decide(version, context: context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, !hasDecided {
            close()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lane.context.logger.debug("connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        close()
    }

    /// There is nothing to drain: no request has been seen.
    func drain() { close() }

    /// No request has been seen.
    func refuseArriving() {}

    func close() {
        guard !hasDecided else { return }
        context?.close(promise: nil)
    }

    /// What `bytes` begin, or nil while that is open.
    static func version(
        of bytes: ByteBufferView, configuration: ServerConfiguration
    ) -> HTTPVersion? {
        guard configuration.http2 else { return .http1 }
        guard configuration.http1 else { return .http2 }
        guard bytes.starts(with: preface.prefix(bytes.count)) else { return .http1 }
        return bytes.count >= preface.count ? .http2 : nil
    }

    private func decide(_ version: HTTPVersion, context: ChannelHandlerContext) {
        hasDecided = true
        timeout?.cancel()
        let configuration = lane.context.configuration
        let peer = ServerPeer(
            address: peer, isTLS: configuration.tls != nil, httpVersion: version, lane: lane.index,
            userID: peer == "unix" ? PeerIdentity.userID(of: context.channel) : nil,
            certificate: configuration.tls == nil ? nil : PeerIdentity.certificate(in: context),
            ticket: ticket)
        do {
            switch version {
            case .http2: try HTTP2ServerConnection.add(to: context.pipeline, after: self, lane, peer)
            case .http1: try HTTP1ServerConnection.add(to: context.pipeline, after: self, lane, peer)
            }
        } catch {
            lane.context.logger.error("cannot serve a connection", metadata: ["error": "\(error)"])
            context.close(promise: nil)
            return
        }
        let bytes = seen
        seen = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(bytes))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

/// A handler belongs to the loop of its channel; NIO calls it nowhere else.
@available(*, unavailable)
extension ProtocolSniffer: Sendable {}
