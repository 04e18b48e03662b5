internal import NIOCore

/// Keeps a connection from reading its socket while the process has no memory for what may come.
///
/// It stands next to the socket, before TLS. What is not read stays in the buffers of the operating system,
/// and when those are full the client has to wait. The lane opens the gate again.
final class ReadGate: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private let lane: ServerLane
    private let memory: any ServerMemory
    private var context: ChannelHandlerContext?

    init(lane: ServerLane, memory: any ServerMemory) {
        self.lane = lane
        self.memory = memory
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if memory.allowsReading { context.read() } else { lane.hold(self) }
    }

    /// Reads, now that there is memory again.
    func open() { context?.read() }
}

/// A handler belongs to the loop of its channel; NIO calls it nowhere else.
@available(*, unavailable)
extension ReadGate: Sendable {}
