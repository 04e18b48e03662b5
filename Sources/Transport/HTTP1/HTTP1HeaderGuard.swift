internal import NIOCore

/// Counts the bytes of a request's head before they are parsed: the parser itself would go on for ever.
final class HTTP1HeaderGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: HTTP1ServerConnection
    private let limit: Int
    private var pending = 0

    init(connection: HTTP1ServerConnection, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.isReadingHead else {
            pending = 0
            context.fireChannelRead(data)
            return
        }
        pending += unwrapInboundIn(data).readableBytes
        connection.headBytesArrived()
        let headsBefore = connection.headsSeen
        context.fireChannelRead(data)
        if connection.headsSeen != headsBefore {
            pending = 0
        } else if pending > limit {
            connection.headTooLarge()
        }
    }
}

/// A handler belongs to the loop of its channel; NIO calls it nowhere else.
@available(*, unavailable)
extension HTTP1HeaderGuard: Sendable {}
