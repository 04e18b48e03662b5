internal import NIOCore

/// Asks a proxy to join the connection with the target, and leaves the pipeline once it has (RFC 9110,
/// section 9.3.6).
final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most bytes of the proxy's answer.
    private static let largestAnswer = 16 << 10

    private let target: String
    private let authorization: String?
    private let completion: (ChannelHandlerContext, TransportError?) -> Void
    private var received = ByteBuffer()
    private var isDone = false

    /// - Parameters:
    ///   - target: the host and port to be joined with.
    ///   - authorization: the value of `proxy-authorization`.
    ///   - completion: called once; without an error it adds the handlers that come next.
    init(
        target: String, authorization: String?,
        completion: @escaping (ChannelHandlerContext, TransportError?) -> Void
    ) {
        self.target = target
        self.authorization = authorization
        self.completion = completion
    }

    func channelActive(context: ChannelHandlerContext) {
        var text = "CONNECT \(target) HTTP/1.1\r\nhost: \(target)\r\n"
        if let authorization { text += "proxy-authorization: \(authorization)\r\n" }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        guard let end = endOfAnswer() else {
            if received.readableBytes > Self.largestAnswer { finish(context, "its answer is not HTTP") }
            return
        }
        let answer = received.readString(length: end) ?? ""
        let status = answer.split(separator: " ", maxSplits: 2).dropFirst().first ?? ""
        guard answer.hasPrefix("HTTP/1."), status.utf8.count == 3, status.first == "2" else {
            let line = answer.prefix { !$0.isNewline }
            return finish(context, "it answered \"\(line.prefix(100))\"")
        }
        isDone = true
        completion(context, nil)
        if received.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(received))
            context.fireChannelReadComplete()
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context, "it closed the connection")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(context, "\(error)") }

    private func finish(_ context: ChannelHandlerContext, _ reason: String) {
        guard !isDone else { return }
        isDone = true
        completion(
            context, TransportError(.connectFailed, "the proxy did not connect to \(target): \(reason)"))
        context.close(promise: nil)
    }

    /// How many bytes the answer has with its empty line; nil while it is not complete.
    private func endOfAnswer() -> Int? {
        let bytes = received.readableBytesView
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else { return nil }
        return end.upperBound - bytes.startIndex
    }
}
