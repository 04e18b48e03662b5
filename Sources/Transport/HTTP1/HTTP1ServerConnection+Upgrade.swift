internal import NIOCore
internal import NIOHTTP1
internal import Synchronization
internal import Wire

extension HTTP1ServerConnection {
    /// Answers 101 and gives the channel to a WebSocket: nothing of HTTP is left in it afterwards.
    func upgrade(_ head: ServerRequestHead, _ acceptance: WebSocketAcceptance) {
        guard let context else { return }
        exchange?.isAnswered = true
        statistics.openRequestsNow.wrappingSubtract(1, ordering: .relaxed)
        var headers = HTTPHeaders()
        for (name, value) in WebSocketUpgrade.fields(for: head, acceptance) {
            headers.add(name: name, value: value)
        }
        let response = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let lane = lane
        let webSocket = WebSocketConnection(
            handler: acceptance.handler, peer: peer, isServer: true, roster: lane.webSockets,
            budget: lane.context.budget
        ) { lane.remove($0) }
        let channel = context.channel
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(webSocket, position: .after(self))
            for handler in try handlers(in: pipeline) { pipeline.removeHandler(handler, promise: nil) }
        } catch {
            channel.close(promise: nil)
            return
        }
        webSocket.begin()
        lane.add(webSocket)
        channel.read()
    }

    /// What this connection has put into its pipeline; the decoder hands on what it has not read.
    private func handlers(
        in pipeline: ChannelPipeline.SynchronousOperations
    ) throws -> [any RemovableChannelHandler] {
        [
            try pipeline.handler(type: HTTP1HeaderGuard.self),
            try pipeline.handler(type: HTTPResponseEncoder.self),
            try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self),
            self,
        ]
    }
}
