internal import FleetModel
internal import OpAMP
internal import Pipeline
internal import Wire

/// What the gateway knows beside the inventory.
struct GatewayState: Sendable {
    /// What speaks over a connection.
    struct Line: Sendable {
        var uids: [InstanceUID]
        /// Messages that were none.
        var faults = 0
        /// Agents that were told to take another id: what they still say with the old one is another's.
        var rekeyed: Set<InstanceUID> = []
    }

    /// WebSockets with the agents that speak over them.
    var lines: [UInt64: Line] = [:]
    var fullStates: TokenBucket
    var statistics = GatewayStatistics()
    /// Agents that two connections speak for.
    var contested: Set<InstanceUID> = []
    /// Agents whose connection did not take an offer because others wait to be sent; they are tried again.
    var unsent: Set<InstanceUID> = []
    /// Work that is under way beside the messages.
    var tasks = 0
    /// When somebody was asked for the components of a hash; seconds on the clock that only moves forward.
    var askedComponents: [[UInt8]: Double] = [:]
    /// Hashes of components that are kept.
    var knownComponents: Set<[UInt8]> = []

    init(_ settings: GatewaySettings) { fullStates = TokenBucket(perSecond: settings.fullStatesPerSecond) }

    mutating func add(_ uid: InstanceUID, to connection: UInt64) {
        if lines[connection]?.uids.contains(uid) == true { return }
        lines[connection, default: Line(uids: [])].uids.append(uid)
    }

    /// What comes over the connection with this id is not heard any more.
    mutating func rekey(_ uid: InstanceUID, at connection: UInt64) {
        remove(uid, from: connection)
        guard lines[connection]?.rekeyed.count ?? 0 < AgentGateway.agentsPerConnection else { return }
        lines[connection, default: Line(uids: [])].rekeyed.insert(uid)
    }

    func isRekeyed(_ uid: InstanceUID, at connection: UInt64) -> Bool {
        lines[connection]?.rekeyed.contains(uid) ?? false
    }

    mutating func remove(_ uid: InstanceUID, from connection: UInt64) {
        lines[connection]?.uids.removeAll { $0 == uid }
    }
}

/// What has to be done once nobody holds the inventory any more.
enum GatewayWork: Sendable {
    case ping(any AgentConnection)
    case close(any AgentConnection, code: UInt16, reason: String)
    case send(any AgentConnection, [Bytes])
    case enroll(EnrollmentRequest)
    case offerToken(InstanceUID, any AgentConnection)
    case certificate(String, InstanceUID, AgentPrincipal)
    case refuseCertificate(InstanceUID)
    case rekey(InstanceUID, any AgentConnection)
    case fetchOffer(ContentHash, InstanceUID)
    case fetchPackages(ContentHash, InstanceUID)
    case keepComponents([UInt8], AvailableComponents)
    case tell(AgentEvent)
    case validated(InstanceUID, ValidationAnswer)
}
