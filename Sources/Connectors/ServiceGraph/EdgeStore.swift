internal import Pipeline
internal import Telemetry

/// A request between two services, as far as it is known.
struct Edge {
    enum Connection: String {
        case unknown = ""
        case messaging = "messaging_system"
        case database
        case virtualNode = "virtual_node"
    }

    /// Which end of a request no span came of.
    enum VirtualNode: String {
        case none = ""
        case client, server
    }

    let key: EdgeKey
    /// When its first span came.
    let created: Instant
    var connection = Connection.unknown
    var virtualNode = VirtualNode.none
    /// Names of the services; empty until their spans have come.
    var client: [UInt8] = []
    var server: [UInt8] = []
    var clientSeconds = 0.0
    var serverSeconds = 0.0
    var hasFailed = false
    var peer: [UInt8]?
    var clientDimensions = EncodedAttributes()
    var serverDimensions = EncodedAttributes()

    var isComplete: Bool { !client.isEmpty && !server.isEmpty }

    /// Memory that it takes, about: itself with its places in a table and in a list that have both grown to
    /// twice what is in them, and five arrays.
    var byteCount: Int {
        640 + client.count + server.count + (peer?.count ?? 0) + clientDimensions.byteCount
            + serverDimensions.byteCount
    }

    /// Adds what a span says.
    mutating func add(_ end: EdgeEnd) {
        connection = end.isMessage ? .messaging : .unknown
        hasFailed = hasFailed || end.hasFailed
        switch end.side {
        case .client:
            client = end.service
            clientSeconds = end.seconds
            clientDimensions = end.dimensions
            if let peer = end.peer { self.peer = peer }
            guard let database = end.database else { return }
            // A database sends no span of its own.
            connection = .database
            server = database
            serverSeconds = end.seconds
        case .server:
            server = end.service
            serverSeconds = end.seconds
            serverDimensions = end.dimensions
        }
    }
}

/// Requests of which one end is known, in the order in which they came.
struct EdgeStore {
    private var edges: [EdgeKey: Edge] = [:]
    /// The keys of edges and when these came; those in front of `first` and of edges that are gone mean
    /// nothing.
    private var order: [(key: EdgeKey, created: Instant)] = []
    private var first = 0
    /// Memory that the edges take, about.
    private(set) var byteCount = 0

    var count: Int { edges.count }

    /// Takes out the edge of a key.
    mutating func remove(_ key: EdgeKey) -> Edge? {
        guard let edge = edges.removeValue(forKey: key) else { return nil }
        byteCount -= edge.byteCount
        return edge
    }

    /// Keeps an edge that was not there before.
    mutating func insert(_ edge: Edge) {
        order.append((edge.key, edge.created))
        keep(edge)
        if order.count > 2 * edges.count + 1024 { compact() }
    }

    /// Keeps an edge that was taken out a moment ago.
    mutating func keep(_ edge: Edge) {
        edges[edge.key] = edge
        byteCount += edge.byteCount
    }

    /// Takes out the oldest edge, if it came no later than a time.
    mutating func removeOldest(until time: Instant) -> Edge? {
        while first < order.count {
            let (key, created) = order[first]
            guard let edge = edges[key], edge.created == created else {
                first += 1
                continue
            }
            guard created <= time else { return nil }
            first += 1
            return remove(key)
        }
        order.removeAll(keepingCapacity: true)
        first = 0
        return nil
    }

    private mutating func compact() {
        order = order[first...].filter { edges[$0.key]?.created == $0.created }
        first = 0
    }
}
