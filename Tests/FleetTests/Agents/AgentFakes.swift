import FleetModel
import FleetStore
import Logging
import OpAMP
import PipelineTesting
import Synchronization
import Wire

@testable import Fleet

/// A connection that writes down what is done with it.
final class FakeConnection: AgentConnection {
    private struct State {
        var sent: [ServerToAgent] = []
        var pings = 0
        var closed: UInt16?
        var isFull = false
    }

    private static let numbers = Atomic<UInt64>(1)

    let id: UInt64
    let isWebSocket: Bool
    let peer = "192.0.2.1"
    let principal: AgentPrincipal
    private let state = Mutex(State())

    init(webSocket: Bool = true, as principal: AgentPrincipal = .anyone) {
        id = Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue
        isWebSocket = webSocket
        self.principal = principal
    }

    /// What was sent without having been asked, oldest first.
    var sent: [ServerToAgent] { state.withLock { $0.sent } }
    var pings: Int { state.withLock { $0.pings } }
    /// The status it was closed with.
    var closed: UInt16? { state.withLock { $0.closed } }

    /// Whether it takes nothing more.
    func fill(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

    func send(_ chunks: [Bytes]) -> Bool {
        let message = Self.message(chunks)
        return state.withLock { state in
            if !state.isFull { state.sent += [message].compactMap { $0 } }
            return !state.isFull
        }
    }

    func ping() { state.withLock { $0.pings += 1 } }
    func close(code: UInt16, reason: String) { state.withLock { $0.closed = code } }

    static func message(_ chunks: [Bytes]) -> ServerToAgent? {
        try? ServerToAgent(decoding: Bytes(chunks.flatMap(\.array)))
    }
}

/// Lets in whom a test says.
final class FakeAccess: AgentAccess {
    private struct State {
        var standings: [InstanceUID: AgentStanding] = [:]
        var common = AgentStanding.admitted
        var enrolled: [EnrollmentRequest] = []
        var enrollment = AgentStanding.admitted
        var tokens = 0
        var renamed: [InstanceUID] = []
    }

    private let state = Mutex(State())

    var enrolled: [EnrollmentRequest] { state.withLock { $0.enrolled } }
    var renamed: [InstanceUID] { state.withLock { $0.renamed } }

    func set(_ standing: AgentStanding, for uid: InstanceUID? = nil) {
        state.withLock { state in
            if let uid { state.standings[uid] = standing } else { state.common = standing }
        }
    }

    func setEnrollment(_ standing: AgentStanding) { state.withLock { $0.enrollment = standing } }

    func standing(of uid: InstanceUID, as principal: AgentPrincipal) -> AgentStanding {
        state.withLock { $0.standings[uid] ?? $0.common }
    }

    func enroll(_ request: EnrollmentRequest) async throws(AccessError) -> AgentStanding {
        state.withLock { state in
            state.enrolled.append(request)
            state.standings[request.uid] = state.enrollment
            return state.enrollment
        }
    }

    func agentToken(for uid: InstanceUID) async throws(AccessError) -> String {
        state.withLock { state in
            state.tokens += 1
            return "token-\(state.tokens)"
        }
    }

    func issueCertificate(
        _ pem: String, for uid: InstanceUID, as principal: AgentPrincipal
    ) async throws(AccessError) -> IssuedCertificate {
        guard pem == "good" else { throw .forbidden("it is not good") }
        return IssuedCertificate(certificate: "CERTIFICATE", authority: "AUTHORITY", serial: "1", expires: 2)
    }

    func rename(_ uid: InstanceUID, to successor: InstanceUID) async throws(AccessError) {
        state.withLock { $0.renamed.append(uid) }
    }
}

/// Offers made of nothing but a hash.
final class FakeOffers: AgentOffers {
    private let cached = Mutex<Set<ContentHash>>([])
    /// How often one was asked for.
    let asked = Atomic(0)
    /// Whether there is none to be had.
    let areMissing = Atomic(false)

    func cachedOffer(_ hash: ContentHash) -> Bytes? {
        cached.withLock { $0.contains(hash) } ? Self.bytes(hash) : nil
    }

    func offer(_ hash: ContentHash) async throws(LibraryError) -> Bytes {
        asked.add(1, ordering: .relaxed)
        if areMissing.load(ordering: .relaxed) { throw .notFound("content \(hash.short)") }
        cached.withLock { _ = $0.insert(hash) }
        return Self.bytes(hash)
    }

    private static func bytes(_ hash: ContentHash) -> Bytes {
        var message = ServerToAgent()
        message.remoteConfig = AgentRemoteConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array("body \(hash)".utf8))]), hash: hash.bytes)
        return message.encodedFragment()
    }
}

/// A gateway with all it needs, none of it real.
struct GatewayBench {
    let clock: ManualClock
    let store: FleetStore
    let access = FakeAccess()
    let offers = FakeOffers()
    let inventory: Inventory
    let gateway: AgentGateway
    let events: Mutexed<[AgentEvent]>

    init(
        store: FleetStore? = nil, settings: GatewaySettings = GatewaySettings(),
        packages: any PackageOffers = NoPackages(), clock: ManualClock = ManualClock()
    )
        async throws
    {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.clock = clock
        let opened = try await FleetStore.open(.memory, replica: "one", logger: logger) {
            clock.unixNanoseconds
        }
        self.store = store ?? opened
        inventory = try await Inventory.open(self.store, clock: clock, logger: logger)
        gateway = AgentGateway(
            inventory: inventory, access: access, offers: offers, packages: packages, settings: settings,
            clock: clock, logger: logger)
        let events = Mutexed<[AgentEvent]>([])
        self.events = events
        gateway.onEvent { event in events.withLock { $0.append(event) } }
    }

    /// Hands a message in and reads the answer.
    @discardableResult
    func say(_ report: AgentToServer, over connection: FakeConnection) -> ServerToAgent? {
        guard case .send(let chunks) = gateway.receive(report.encoded(), over: connection) else { return nil }
        return FakeConnection.message(chunks)
    }
}

/// A value that several may change.
final class Mutexed<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Answer: Sendable>(_ body: (inout Value) -> Answer) -> Answer {
        value.withLock { value in body(&value) }
    }
}

/// An agent that counts its messages.
struct FakeAgent {
    let uid: InstanceUID
    var sequence: UInt64 = 0
    var capabilities: AgentCapabilities = [
        .reportsStatus, .acceptsRemoteConfig, .reportsEffectiveConfig, .reportsHealth, .reportsRemoteConfig,
        .reportsHeartbeat, .acceptsRestartCommand,
    ]
    var attributes: [String: String] = [:]
    var customs = ["io.apus.config/v1", "io.apus.flow/v1"]
    var hasHealth = true

    init(_ number: UInt64, _ attributes: [String: String] = [:]) {
        uid = InstanceUID(high: 0x0190_A5C8_0000_7000, low: number)
        self.attributes = [
            "service.name": "apus", "service.version": "0.1.0", "host.name": "host-\(number)",
        ]
        self.attributes.merge(attributes) { _, new in new }
    }

    mutating func heartbeat() -> AgentToServer {
        sequence += 1
        var report = AgentToServer(instanceUID: uid)
        report.sequenceNumber = sequence
        report.capabilities = capabilities
        return report
    }

    /// Everything there is to say.
    mutating func full() -> AgentToServer {
        var report = heartbeat()
        let pairs = attributes.sorted { $0.key < $1.key }.map { KeyValue($0.key, $0.value) }
        report.agentDescription = AgentDescription(
            identifyingAttributes: pairs.filter { $0.key.hasPrefix("service.") },
            nonIdentifyingAttributes: pairs.filter { !$0.key.hasPrefix("service.") })
        if hasHealth { report.health = ComponentHealth(healthy: true, status: "StatusOK", startTime: 5) }
        report.effectiveConfig = EffectiveConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array("local".utf8))]))
        report.remoteConfigStatus = RemoteConfigStatus()
        report.customCapabilities = CustomCapabilities(customs)
        return report
    }

    mutating func status(
        _ status: RemoteConfigStatus.Status, _ hash: ContentHash, _ message: String = ""
    ) -> AgentToServer {
        var report = heartbeat()
        report.remoteConfigStatus = RemoteConfigStatus(
            lastHash: hash.bytes, status: status, errorMessage: message)
        return report
    }

    func assignment(_ hash: ContentHash, _ number: Int = 1, at time: UInt64) -> Assignment {
        Assignment(
            uid: uid, revision: RevisionReference("edge", number), hash: hash, rollout: "r\(number)",
            confirmWithin: 60, time: time)
    }
}
