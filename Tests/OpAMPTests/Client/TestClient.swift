import OpAMP
import Testing
import Wire

/// A session with a clock in the hand, and what it wanted since it was last asked.
final class TestClient {
    static let uid = InstanceUID(high: 1, low: 2)
    static let everything = AgentCapabilities(rawValue: 0xFFFF)
    static let allOfServer = ServerCapabilities(rawValue: 0x7F)

    var session: ClientSession
    var now: Duration = .seconds(1000)

    init(
        _ servers: [ClientTransport] = [.webSocket], capabilities: AgentCapabilities = TestClient.everything,
        requestsUID: Bool = false, seed: UInt64 = 1, report: AgentReport = TestClient.report,
        _ change: (inout ClientSettings) -> Void = { _ in }
    ) {
        var settings = ClientSettings(servers: servers, capabilities: capabilities)
        change(&settings)
        session = ClientSession(
            settings: settings, uid: Self.uid, requestsUID: requestsUID, report: report, seed: seed)
    }

    static var report: AgentReport {
        var report = AgentReport()
        report.description = AgentDescription(identifyingAttributes: [KeyValue("service.name", "apus")])
        report.health = ComponentHealth(healthy: true, status: "StatusOK")
        report.effectiveConfig = EffectiveConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array("receivers:".utf8))]))
        report.customCapabilities = CustomCapabilities(["io.apus.flow/v1"])
        report.availableComponents = AvailableComponents(
            components: ["receivers": ComponentDetails(metadata: [])], hash: [7])
        return report
    }

    /// Connects and takes the answer to the first report.
    func begin(
        capabilities: ServerCapabilities = TestClient.allOfServer, custom: [String]? = nil
    ) throws {
        session.start(now: now)
        if session.settings.servers[0] == .webSocket { session.opened(now: now) }
        _ = session.takeActions()
        try answer {
            $0.capabilities = capabilities
            $0.customCapabilities = custom.map { CustomCapabilities($0) }
        }
        _ = session.takeActions()
    }

    /// The server says something.
    func answer(_ change: (inout ServerToAgent) -> Void = { _ in }) throws {
        var message = ServerToAgent(instanceUID: session.uid)
        change(&message)
        session.received(message.encoded(), now: now)
    }

    func advance(_ time: Duration) {
        now += time
        session.tick(now: now)
    }

    /// Goes to the time at which the session wants to do something.
    func advanceToDeadline() throws {
        let deadline = try #require(session.deadline)
        now = max(now, deadline)
        session.tick(now: now)
    }

    /// All that the session wants.
    func actions() -> [ClientAction] { session.takeActions() }

    /// The messages that the session wants sent or posted; other wishes are dropped.
    func sent() throws -> [AgentToServer] { try actions().compactMap { try $0.message } }
}

extension ClientAction {
    /// The message to send or post.
    var message: AgentToServer? {
        get throws {
            switch self {
            case .send(let bytes), .post(let bytes, _): try AgentToServer(decoding: bytes)
            default: nil
            }
        }
    }

    /// A word for the action, for comparing sequences.
    var word: String {
        switch self {
        case .connect(let route): "connect \(route)"
        case .send: "send"
        case .post(_, let route): "post \(route)"
        case .ping: "ping"
        case .disconnect(let code): "disconnect \(code)"
        case .established(let route): "established \(route)"
        case .remoteConfig(let config): "remoteConfig \(config.hash)"
        case .connectionSettings(let offers): "connectionSettings \(offers.hash)"
        case .candidateVerified(let hash): "verified \(hash)"
        case .candidateFailed(let hash, let reason): "failed \(hash): \(reason)"
        case .packages: "packages"
        case .custom(let message): "custom \(message.type)"
        case .customCapabilities(let names): "knows \(names)"
        case .newInstanceUID(let uid): "uid \(uid)"
        case .restart: "restart"
        case .note(let note): "note \(note)"
        }
    }
}
