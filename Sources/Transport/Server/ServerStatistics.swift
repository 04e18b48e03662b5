internal import Synchronization

/// What a server has seen since it started.
///
/// Counters only grow; the two gauges are exact at any moment.
public final class ServerStatistics: Sendable {
    let openConnectionsNow = Atomic<Int>(0)
    let acceptedConnectionsEver = Atomic<Int>(0)
    let refusedConnectionsEver = Atomic<Int>(0)
    let crowdedConnectionsEver = Atomic<Int>(0)
    let openRequestsNow = Atomic<Int>(0)
    let requestsEver = Atomic<Int>(0)
    let refusedRequestsEver = Atomic<Int>(0)
    let resetRequestsEver = Atomic<Int>(0)
    let brokenConnectionsEver = Atomic<Int>(0)

    init() {}

    /// Connections open now.
    public var openConnections: Int { openConnectionsNow.load(ordering: .relaxed) }
    /// Connections taken on so far.
    public var acceptedConnections: Int { acceptedConnectionsEver.load(ordering: .relaxed) }
    /// Connections closed at once because `maxConnections` were open.
    public var refusedConnections: Int { refusedConnectionsEver.load(ordering: .relaxed) }
    /// Connections closed at once because `maxStrangersPerAddress` of their address were open.
    public var crowdedConnections: Int { crowdedConnectionsEver.load(ordering: .relaxed) }
    /// Requests (HTTP/2 streams) whose headers are in and whose answer is not out yet.
    public var openRequests: Int { openRequestsNow.load(ordering: .relaxed) }
    /// Requests seen so far.
    public var requests: Int { requestsEver.load(ordering: .relaxed) }
    /// Requests answered without reading their body: not admitted, too large, or no memory for them.
    public var refusedRequests: Int { refusedRequestsEver.load(ordering: .relaxed) }
    /// Requests that the client gave up, by a reset or by closing the connection.
    public var resetRequests: Int { resetRequestsEver.load(ordering: .relaxed) }
    /// Connections closed because the client broke the protocol or a limit on floods.
    public var brokenConnections: Int { brokenConnectionsEver.load(ordering: .relaxed) }
}
