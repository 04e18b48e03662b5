internal import Pipeline
internal import Synchronization
internal import Transport

/// The connections that nobody uses at the moment, by lane.
///
/// There are never more connections than exports at a time, which the queue bounds.
final class ForwardPool: Sendable {
    private struct State {
        var idle: [[ForwardLink]]
        var isClosed = false
    }

    private let configuration: StreamClient.Configuration
    private let identity: ForwardIdentity?
    private let limit: Duration?
    private let lanes: [Lane]
    private let state: Mutex<State>

    /// - Parameters:
    ///   - configuration: the target.
    ///   - identity: who this end is; `nil` for no handshake.
    ///   - limit: the time for connecting, and again for the handshake.
    ///   - lanes: those that may export.
    init(
        _ configuration: StreamClient.Configuration, identity: ForwardIdentity?, limit: Duration?,
        lanes: [Lane]
    ) {
        self.configuration = configuration
        self.identity = identity
        self.limit = limit
        self.lanes = lanes
        state = Mutex(State(idle: lanes.map { _ in [] }))
    }

    /// A connection that was used before; `nil` when there is none.
    func idle(on lane: Int) async -> ForwardLink? {
        let lane = lane % lanes.count
        while let link = state.withLock({ $0.idle[lane].popLast() }) {
            if await link.isOpen() { return link }
            link.close()
        }
        return nil
    }

    /// A new connection.
    func connect(on lane: Int) async throws(ExportFailure) -> ForwardLink {
        try await ForwardLink.open(
            configuration, identity: identity, limit: limit, on: lanes[lane % lanes.count])
    }

    /// Takes a connection back, and keeps it if the server lets it be used again.
    func giveBack(_ link: ForwardLink, on lane: Int) {
        guard link.keepsAlive else { return link.close() }
        let isKept = state.withLock { state in
            if !state.isClosed { state.idle[lane % lanes.count].append(link) }
            return !state.isClosed
        }
        if !isKept { link.close() }
    }

    /// Closes all connections that nobody uses, and the others when they are given back.
    func close() {
        let links = state.withLock { state in
            state.isClosed = true
            defer { state.idle = lanes.map { _ in [] } }
            return state.idle.flatMap { $0 }
        }
        for link in links { link.close() }
    }
}
