internal import NIOCore

/// A connection as a lane sees it; confined to the lane's loop.
protocol ClientConnection: AnyObject {
    /// How many more requests it takes now.
    var capacity: Int { get }
    /// Requests under way.
    var inFlight: Int { get }
    /// Whether it will never take another request.
    var isDraining: Bool { get }
    /// Whether it is gone.
    var isClosed: Bool { get }
    /// Since when nothing is under way.
    var idleSince: NIODeadline { get }
    /// Sends a request; its outcome goes to the lane. Only when there is capacity.
    func send(_ exchange: ClientExchange)
    /// Gives a request up.
    func cancel(_ exchange: ClientExchange, error: TransportError)
    /// Closes; requests under way fail.
    func close()
}

/// Whom a connection tells about what happens to it; confined to the lane's loop.
protocol ClientConnectionOwner: AnyObject {
    /// An exchange is over.
    func finished(_ exchange: ClientExchange, _ outcome: ClientExchange.Outcome)
    /// Capacity, draining or being closed may have changed.
    func changed(_ connection: any ClientConnection)
}
