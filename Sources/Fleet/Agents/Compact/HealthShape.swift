internal import FleetModel
internal import OpAMP

/// A tree of health without what differs from agent to agent: names, how they nest, and usual states.
struct HealthShape: Sendable, Hashable {
    struct Node: Sendable, Hashable {
        let name: String
        /// The place of the node around it; -1 for the root.
        let parent: Int32
        /// Its status while it is healthy and has no error.
        let status: String
    }

    /// The root first, each before those inside of it, siblings by name.
    let nodes: [Node]
}

/// What an agent said of its health, as small as it gets: mostly the number of a shape.
struct CompactHealth: Sendable, Hashable {
    /// A component that is not as usual.
    struct Deviation: Sendable, Hashable {
        let node: Int32
        let isHealthy: Bool
        let status: String
        let error: String
        let time: UInt64
    }

    /// Components that are remembered with what is wrong with them; of more, only how they are.
    static let mostDeviations = 64
    /// The longest error that is kept, in bytes; of the first 1,024.
    static let longestError = 512

    var isHealthy: Bool
    var worst: ComponentState
    /// The first error.
    var error: String
    var started: UInt64
    var time: UInt64
    var deviations: [Deviation]
}

extension HealthShape {
    /// Takes a tree apart.
    static func taken(_ health: ComponentHealth) -> (shape: HealthShape, compact: CompactHealth) {
        var nodes: [Node] = []
        var compact = CompactHealth(
            isHealthy: health.healthy, worst: .ok, error: "", started: health.startTime,
            time: health.statusTime, deviations: [])
        add(health, name: "", parent: -1, to: &nodes, &compact)
        if health.isDeviant, compact.worst == .ok { compact.worst = .permanent }
        return (HealthShape(nodes: nodes), compact)
    }

    private static func add(
        _ health: ComponentHealth, name: String, parent: Int32, to nodes: inout [Node],
        _ compact: inout CompactHealth
    ) {
        let index = Int32(nodes.count)
        let isDeviant = health.isDeviant
        nodes.append(
            Node(
                name: name.cut(toBytes: 256), parent: parent,
                status: isDeviant ? "" : health.status.cut(toBytes: 64)))
        // A component that is only not healthy because of those inside of it has their state.
        compact.worst = max(compact.worst, health.state)
        if compact.error.isEmpty, !health.lastError.isEmpty {
            compact.error = health.lastError.cut(toBytes: 1024)
        }
        if isDeviant, compact.deviations.count < CompactHealth.mostDeviations {
            compact.deviations.append(
                CompactHealth.Deviation(
                    node: index, isHealthy: health.healthy, status: health.status.cut(toBytes: 64),
                    error: health.lastError.cut(toBytes: CompactHealth.longestError),
                    time: health.statusTime))
        }
        for (name, inside) in health.components.sorted(by: { $0.key < $1.key }) {
            add(inside, name: name, parent: index, to: &nodes, &compact)
        }
    }

    /// Puts the tree together again.
    func tree(_ compact: CompactHealth) -> ComponentHealth {
        var built = nodes.map { node in
            var health = ComponentHealth(healthy: true, status: node.status)
            health.statusTime = 0
            return health
        }
        for deviation in compact.deviations where built.indices.contains(Int(deviation.node)) {
            let index = Int(deviation.node)
            built[index] = ComponentHealth(
                healthy: deviation.isHealthy, status: deviation.status, lastError: deviation.error,
                statusTime: deviation.time)
        }
        for index in stride(from: nodes.count - 1, to: 0, by: -1) {
            built[Int(nodes[index].parent)].components[nodes[index].name] = built[index]
        }
        guard var root = built.first else { return ComponentHealth(healthy: compact.isHealthy) }
        root.startTime = compact.started
        root.statusTime = compact.time
        return root
    }
}

extension ComponentHealth {
    /// Whether it is not as usual.
    fileprivate var isDeviant: Bool { !healthy || !lastError.isEmpty }

    /// The state of otelcol that the agent means.
    fileprivate var state: ComponentState {
        switch status {
        case "StatusOK": .ok
        case "StatusStarting": .starting
        case "StatusStopping": .stopping
        case "StatusStopped": .stopped
        case "StatusRecoverableError": .recoverable
        case "StatusPermanentError": .permanent
        case "StatusFatalError": .fatal
        // In words of its own: what is not healthy by itself, and not because of another, has failed.
        default: healthy || !components.isEmpty && lastError.isEmpty ? .ok : .permanent
        }
    }
}
