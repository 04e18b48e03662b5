import OpAMP
import Testing
import Wire

/// Both sessions speak with each other over connections that break, with a server that forgets.
///
/// However it went, in the end the server knows what the agent reports.
@Suite struct ConversationTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `whatever is lost on the way, the server knows everything in the end`(seed: UInt64) throws {
        var conversation = Conversation(seed: seed, transport: seed.isMultiple(of: 2) ? .webSocket : .http)
        for _ in 0..<150 { try conversation.step() }
        try conversation.calmDown()
        let isKnown = conversation.server.known == conversation.client.report
        #expect(isKnown, "seed \(seed)")
        #expect(!conversation.server.session.lacksState, "seed \(seed)")
        #expect(conversation.server.repeatedWork == 0, "seed \(seed)")
    }
}

/// A server with what it remembers, and what of that is on disk.
private struct TestServer {
    var session = ServerSession()
    var known = AgentReport()
    /// Messages that were processed though they had been before, by the same process.
    var repeatedWork = 0
    private var processed: Set<AgentToServer> = []
    private var disk: (session: ServerSession, known: AgentReport)?

    mutating func save() {
        let kept = ServerSession(
            sequenceNumber: session.sequenceNumber, capabilities: session.capabilities, known: session.known)
        disk = (kept, known)
    }

    /// Ends and begins anew with what is on disk, which may be old or nothing.
    mutating func crash() {
        session = disk?.session ?? ServerSession()
        known = disk?.known ?? AgentReport()
        processed = []
    }

    mutating func answer(_ message: AgentToServer, mayAsk: Bool) -> ServerToAgent {
        let reception = session.receive(message)
        var answer = ServerToAgent(instanceUID: message.instanceUID)
        if session.takeIntroduction() { answer.capabilities = TestClient.allOfServer }
        answer.flags = session.takeFlags(mayAsk: mayAsk)
        guard reception.isNew else { return answer }
        if !processed.insert(message).inserted { repeatedWork += 1 }
        if let part = message.agentDescription { known.description = part }
        if let part = message.health { known.health = part }
        if let part = message.effectiveConfig { known.effectiveConfig = part }
        if let part = message.remoteConfigStatus { known.remoteConfigStatus = part }
        if let part = message.customCapabilities { known.customCapabilities = part }
        // Only the hash of them comes, and it stands for all of them.
        if message.availableComponents != nil {
            known.availableComponents = TestClient.report.availableComponents
        }
        return answer
    }
}

private struct Conversation {
    var client: ClientSession
    var server = TestServer()
    private var random: RandomMessages
    private let transport: ClientTransport
    private var now: Duration = .zero
    /// What is on its way over the connection there is; `nil` without one.
    private var toServer: [AgentToServer] = []
    private var toClient: [ServerToAgent] = []

    init(seed: UInt64, transport: ClientTransport) {
        random = RandomMessages(seed: seed)
        self.transport = transport
        let report = TestClient.report
        let settings = ClientSettings(servers: [transport], capabilities: TestClient.everything)
        client = ClientSession(settings: settings, uid: TestClient.uid, report: report, seed: seed)
        client.start(now: now)
    }

    mutating func step() throws {
        switch random.next() % 20 {
        case 0..<6: try carry()
        case 6..<10: change()
        case 10: breakConnection()
        case 11: if random.coin() { server.crash() }
        case 12: server.save()
        default:
            now += .milliseconds(Int64(random.next() % 3000))
            client.tick(now: now)
        }
        try perform()
    }

    /// Nothing breaks any more and nothing changes; there is time enough for all that is due.
    mutating func calmDown() throws {
        for _ in 0..<3000 where !isSettled {
            while !toServer.isEmpty || !toClient.isEmpty { try carry(mayAsk: true) }
            now = max(now, client.deadline ?? now)
            client.tick(now: now)
            try perform()
        }
    }

    /// Whether the server knows everything, and nothing is on its way any more.
    private var isSettled: Bool {
        toServer.isEmpty && toClient.isEmpty && server.known == client.report && !server.session.lacksState
    }

    private mutating func change() {
        let number = random.next()
        let part = random.next() % 4
        client.update(urgent: random.coin(), now: now) { report in
            switch part {
            case 0: report.health?.statusTime = number
            case 1:
                report.remoteConfigStatus = RemoteConfigStatus(
                    lastHash: [UInt8(number & 0xFF)], status: .applied)
            case 2:
                report.effectiveConfig = EffectiveConfig(
                    AgentConfigMap(["": AgentConfigObject(body: [UInt8(number & 0xFF)])]))
            default: report.description?.nonIdentifyingAttributes = [KeyValue("n", "\(number % 100)")]
            }
        }
    }

    private mutating func breakConnection() {
        toServer = []
        toClient = []
        server.session.reconnected()
        client.failed(.network("broken"), now: now)
    }

    /// Carries one message, if there is one.
    private mutating func carry(mayAsk: Bool? = nil) throws {
        if random.coin(), !toServer.isEmpty {
            toClient.append(server.answer(toServer.removeFirst(), mayAsk: mayAsk ?? random.coin()))
        } else if !toClient.isEmpty {
            client.received(toClient.removeFirst().encoded(), now: now)
            try perform()
        }
    }

    private mutating func perform() throws {
        for action in client.takeActions() {
            switch action {
            case .connect:
                // Nobody is there now and then.
                if random.next() % 4 == 0 {
                    client.failed(.network("no way"), now: now)
                } else {
                    client.opened(now: now)
                }
                return try perform()
            case .disconnect:
                toServer = []
                toClient = []
            case .send(let bytes), .post(let bytes, _): toServer.append(try AgentToServer(decoding: bytes))
            case .ping: client.heard(now: now)
            default: break
            }
        }
    }
}
