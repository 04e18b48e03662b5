internal import Wire

/// The agent's side of the protocol: what it is told goes in, what is to be done comes out.
///
/// It has no socket and no clock. Whoever drives it tells it of connections, messages and changes, calls
/// `tick` when `deadline` has come, and does what `takeActions` returns after each of these. Times are
/// those of any clock that only moves forward.
///
/// At most one message is under way and has no answer yet; what changes meanwhile is put into one next
/// message. A message without an answer is sent again over the next connection, with the number it had.
public struct ClientSession: Sendable {
    /// Where the session is with its connection.
    enum Phase: Sendable, Hashable {
        case idle
        /// The next attempt is due at a time.
        case waiting(ClientRoute, until: Duration)
        /// A WebSocket is being opened, since a time.
        case connecting(ClientRoute, since: Duration)
        case connected(ClientRoute)
        case stopped
    }

    /// A message that has been sent and has no answer.
    struct Underway: Sendable {
        var message: AgentToServer
        var bytes: Bytes
        var since: Duration
    }

    /// Connection settings that are being tried.
    struct Candidate: Sendable {
        var transport: ClientTransport
        var hash: [UInt8]
        var heartbeat: Duration??
        var deadline: Duration
        var reason = "the server does not answer"
    }

    public internal(set) var settings: ClientSettings
    public internal(set) var uid: InstanceUID
    /// What the agent reports, as it is now.
    public internal(set) var report: AgentReport
    /// What the server can do, as it said last; `nil` until it has said anything.
    public internal(set) var serverCapabilities: ServerCapabilities?
    /// The custom messages that the server knows; `nil` until it has said anything.
    public internal(set) var serverCustomCapabilities: [String]?

    var phase = Phase.idle
    var actions: [ClientAction] = []
    var random: SeededRandom
    var delay: ReconnectDelay
    /// When servers that asked for a pause may be tried again, by their place.
    var notBefore: [Int: Duration] = [:]
    var candidate: Candidate?

    // What is to be sent.
    var sequence: UInt64
    var changed: ReportedParts
    var isUrgent = true
    var sendsAllComponents = false
    var requestsUID: Bool
    var connectionRequest: ConnectionSettingsRequest?
    var custom: [CustomMessage] = []
    var companion: CustomMessage?
    var underway: Underway?

    // The connection.
    var lastSent: Duration = .zero
    var lastHeard: Duration = .zero
    var isEstablished = false
    var hasPinged = false
    /// Whether the server has answered every message over this connection; one that does not is not waited
    /// for.
    var answersAll = true

    // What the server said before, so that it is not obeyed again and again.
    var lastFullReport: Duration?
    var lastOffer: (hash: [UInt8], time: Duration)?
    var hasConnectionOffers = false

    /// How many custom messages wait at most for a connection.
    public static let customLimit = 64
    /// How soon full reports and the same offer are answered again at the earliest.
    static let patience: Duration = .seconds(5)
    /// How long a message over a WebSocket holds back the next when it has no answer.
    static let answerPatience: Duration = .seconds(2)
    /// How long a connection may be quiet before it is tried with a ping, when there are no heartbeats.
    static let quietTime: Duration = .seconds(45)

    /// Makes a session that does nothing until it is started.
    ///
    /// - Parameters:
    ///   - settings: The servers and limits.
    ///   - uid: The id of the agent, a temporary one when `requestsUID`.
    ///   - requestsUID: Whether the server is to give an id.
    ///   - report: What the agent reports of itself at first.
    ///   - seed: Determines the random numbers; agents of a fleet need different ones.
    public init(
        settings: ClientSettings, uid: InstanceUID, requestsUID: Bool = false, report: AgentReport,
        seed: UInt64
    ) {
        self.settings = settings
        self.uid = uid
        self.requestsUID = requestsUID
        self.report = report
        random = SeededRandom(seed: seed)
        delay = ReconnectDelay(maximum: settings.maximumDelay, first: settings.firstDelay)
        sequence = 0
        changed = report.parts
    }

    /// What is to be done now, in this order; each is returned once.
    public mutating func takeActions() -> [ClientAction] {
        defer { actions.removeAll() }
        return actions
    }

    // MARK: What changes in the agent

    /// Changes what the agent reports; only parts that become different are sent.
    ///
    /// - Parameters:
    ///   - isUrgent: `false` lets it wait for the next message, a heartbeat at the latest.
    ///   - now: The time.
    ///   - change: Sets what has changed.
    public mutating func update(
        urgent isUrgent: Bool = true, now: Duration, _ change: (inout AgentReport) -> Void
    ) {
        let before = report
        change(&report)
        let differences = report.differences(from: before)
        changed.formUnion(differences)
        if isUrgent, !differences.isEmpty { self.isUrgent = true }
        proceed(now)
    }

    /// The agent can do other things from now on.
    public mutating func setCapabilities(_ capabilities: AgentCapabilities, now: Duration) {
        let capabilities = capabilities.union(.reportsStatus)
        guard capabilities != settings.capabilities else { return }
        // What was held back for want of a capability is due.
        changed.formUnion(report.parts)
        settings.capabilities = capabilities
        isUrgent = true
        proceed(now)
    }

    /// Sends a custom message as soon as there is a server that knows it.
    ///
    /// Those that a server does not know are given up, as is the oldest when `customLimit` wait.
    public mutating func send(_ message: CustomMessage, now: Duration) {
        custom.append(message)
        if custom.count > Self.customLimit {
            let oldest = custom.removeFirst()
            actions.append(.note(.customDiscarded(capability: oldest.capability)))
        }
        isUrgent = true
        proceed(now)
    }

    /// Puts a custom message into the next message that has room, instead of the one attached before.
    ///
    /// It waits for another reason to send, a heartbeat at the latest.
    public mutating func attach(_ message: CustomMessage) { companion = message }

    /// Asks the server for connection settings, such as a certificate.
    public mutating func request(_ request: ConnectionSettingsRequest, now: Duration) {
        connectionRequest = request
        isUrgent = true
        proceed(now)
    }

    /// When `tick` has to be called at the latest; `nil` for never.
    public var deadline: Duration? {
        switch phase {
        case .idle, .stopped: nil
        case .waiting(_, let time): earliest(time, candidate?.deadline)
        case .connecting(_, let since): earliest(since + settings.answerTimeout, candidate?.deadline)
        case .connected(let route): earliest(connectedDeadline(route), candidate?.deadline)
        }
    }

    /// The connection is there: messages can be sent.
    public var isConnected: Bool { isEstablished }

    /// The server that is used now or tried next.
    public var route: ClientRoute? {
        switch phase {
        case .waiting(let route, _), .connecting(let route, _), .connected(let route): route
        case .idle, .stopped: nil
        }
    }

    func transport(of route: ClientRoute) -> ClientTransport {
        switch route {
        case .server(let index): settings.servers[index]
        case .candidate: candidate?.transport ?? .webSocket
        }
    }

    func earliest(_ first: Duration?, _ second: Duration?) -> Duration? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }
}
