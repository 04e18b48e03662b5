public import NIOCore

/// One event loop and everything that is confined to it; a batch stays on one lane from socket to queue.
public struct Lane: Sendable {
    /// The position among the lanes of the process, from 0.
    public let index: Int
    /// The loop that runs what belongs to the lane.
    public let eventLoop: any EventLoop

    public init(index: Int, eventLoop: any EventLoop) {
        self.index = index
        self.eventLoop = eventLoop
    }
}
