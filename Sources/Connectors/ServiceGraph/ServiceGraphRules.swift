internal import Settings
internal import Telemetry

/// The configuration of `service_graph`, ready for use.
struct ServiceGraphRules: Sendable {
    /// An attribute that requests are told apart by, and what it is called for each end.
    struct Dimension: Sendable {
        let key: AttributeKey
        let client: AttributeKey
        let server: AttributeKey
    }

    let layout: BucketLayout
    let dimensions: [Dimension]
    let databaseNames: [AttributeKey]
    let peers: [AttributeKey]
    let showsVirtualNodes: Bool
    let ttl: Duration
    let maxEdges: Int
    let interval: Duration
    let expirationLoop: Duration
    let cacheLoop: Duration
    /// Nanoseconds that points are in the past.
    let offset: UInt64
    let maxSeries: Int?
    let maxBytes: Int
    /// What the state depends on: two connectors with equal texts can go on with the state of each other.
    let stateText: String

    init(_ settings: ServiceGraphConnector.Configuration) {
        let bounds = settings.latencyBuckets ?? ServiceGraphConnector.Configuration.defaultBuckets
        layout =
            settings.exponentialMaxSize > 0
            ? .exponential(limit: settings.exponentialMaxSize)
            : .explicit(LatencyBounds.numbers(bounds, unit: 1e9))
        dimensions = settings.dimensions.map { name in
            Dimension(
                key: AttributeKey(name), client: AttributeKey("client_" + name),
                server: AttributeKey("server_" + name))
        }
        databaseNames = ([settings.databaseName].compactMap { $0 } + settings.databaseNames)
            .map { AttributeKey($0) }
        peers = settings.peerAttributes.map { AttributeKey($0) }
        showsVirtualNodes = settings.virtualNodeLabel
        ttl = settings.store.ttl
        maxEdges = settings.store.maxItems
        interval = settings.flushInterval
        expirationLoop = settings.storeExpirationLoop
        cacheLoop = settings.cacheLoop
        offset = UInt64(clamping: settings.timestampOffset.nanoseconds)
        maxSeries = settings.cardinalityLimit == 0 ? nil : settings.cardinalityLimit
        maxBytes = settings.maxStateSize.bytes
        stateText = Self.stateText(settings)
    }

    /// Memory that the buckets of a series may take.
    var reservedBytes: Int {
        switch layout {
        case .explicit(let bounds): 2 * (32 + 8 * (bounds.count + 1))
        // An array that grows has room for up to twice as much.
        case .exponential(let limit): 2 * (32 + 2 * 8 * limit)
        }
    }

    /// The settings that the series depend on.
    private static func stateText(_ settings: ServiceGraphConnector.Configuration) -> String {
        var state = ServiceGraphConnector.Configuration()
        state.latencyBuckets = settings.latencyBuckets
        state.exponentialMaxSize = settings.exponentialMaxSize
        state.dimensions = settings.dimensions
        state.virtualNodeLabel = settings.virtualNodeLabel
        return state.tree(.revealed)?.json() ?? ""
    }
}
