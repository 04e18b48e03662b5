import OpAMP
import Testing
import Wire

@Suite struct ClientOfferTests {
    private func words(_ client: TestClient) -> [String] {
        client.actions().map(\.word).filter { !$0.hasPrefix("send") }
    }

    @Test func `a configuration is handed on once, and its result stated to a server that forgot`() throws {
        let client = TestClient()
        try client.begin()
        let offer = AgentRemoteConfig(AgentConfigMap(), hash: [1])
        try client.answer { $0.remoteConfig = offer }
        #expect(words(client) == ["remoteConfig [1]"])
        client.session.update(now: client.now) {
            $0.remoteConfigStatus = RemoteConfigStatus(lastHash: [1], status: .applied)
        }
        #expect(try client.sent().map(\.parts) == [.remoteConfigStatus])
        // At once again: the server has not seen the status yet.
        try client.answer { $0.remoteConfig = offer }
        #expect(client.actions().isEmpty)
        client.now += .seconds(6)
        try client.answer { $0.remoteConfig = offer }
        #expect(try client.sent().map(\.parts) == [.remoteConfigStatus])
    }

    @Test func `a configuration that failed may be tried again later, not at once`() throws {
        let client = TestClient()
        try client.begin()
        let offer = AgentRemoteConfig(AgentConfigMap(), hash: [1])
        try client.answer { $0.remoteConfig = offer }
        client.session.update(now: client.now) {
            $0.remoteConfigStatus = RemoteConfigStatus(lastHash: [1], status: .failed, errorMessage: "no")
        }
        _ = client.actions()
        try client.answer { $0.remoteConfig = offer }
        #expect(words(client).isEmpty)
        client.now += .seconds(6)
        try client.answer { $0.remoteConfig = offer }
        #expect(words(client) == ["remoteConfig [1]"])
    }

    @Test func `an agent takes what it said it takes`() throws {
        let client = TestClient(capabilities: [.reportsStatus])
        try client.begin()
        try client.answer {
            $0.remoteConfig = AgentRemoteConfig(AgentConfigMap(), hash: [1])
            $0.packagesAvailable = PackagesAvailable()
            var offers = ConnectionSettingsOffers()
            offers.hash = [2]
            offers.opamp = OpAMPConnectionSettings()
            $0.connectionSettings = offers
        }
        try client.answer { $0.command = .restart }
        #expect(words(client).isEmpty)
    }

    @Test func `a command is obeyed, and nothing else in its message`() throws {
        let client = TestClient()
        try client.begin()
        try client.answer {
            $0.command = .restart
            $0.remoteConfig = AgentRemoteConfig(AgentConfigMap(), hash: [1])
        }
        #expect(words(client) == ["restart"])
        try client.answer { $0.command = .unknown(3) }
        #expect(words(client).isEmpty)
    }

    @Test func `a message for another agent is left alone`() throws {
        let client = TestClient()
        try client.begin()
        try client.answer {
            $0.instanceUID = InstanceUID(high: 7, low: 7)
            $0.command = .restart
        }
        #expect(
            words(client) == [
                "note a message of the server is for another agent, 00000000-0000-0007-0000-000000000007"
            ])
    }

    @Test func `an agent asks for an id until it gets one, and has it from then on`() throws {
        let new = InstanceUID(high: 7, low: 7)
        let client = TestClient(requestsUID: true)
        client.session.start(now: client.now)
        client.session.opened(now: client.now)
        #expect(try client.sent().map(\.flags) == [.requestInstanceUID])
        try client.answer { $0.newInstanceUID = new }
        let actions = client.actions()
        #expect(actions.map(\.word).contains("uid \(new)"))
        let next = try #require(try actions.compactMap { try $0.message }.first)
        #expect(next.instanceUID == new && next.flags.isEmpty)
        #expect(next.parts.contains(.description))
    }

    @Test func `a message that is refused is not sent again`() throws {
        let client = TestClient()
        try client.begin()
        client.session.update(now: client.now) { $0.health?.healthy = false }
        _ = client.actions()
        try client.answer { $0.errorResponse = ServerErrorResponse(.badRequest, "health is odd") }
        #expect(
            client.actions().map(\.word) == ["note the server refused a message (badRequest): health is odd"])
        #expect(client.session.isConnected)
    }

    @Test func `a server that has too much to do gets its pause and then the message again`() throws {
        let client = TestClient()
        try client.begin()
        client.session.update(now: client.now) { $0.health?.healthy = false }
        let lost = try client.sent()
        try client.answer {
            $0.errorResponse = ServerErrorResponse(.unavailable, "busy", retryAfter: 40_000_000_000)
        }
        #expect(client.actions().map(\.word).contains("disconnect 1000"))
        let pause = try #require(client.session.deadline) - client.now
        #expect((Duration.seconds(32)...Duration.seconds(48)).contains(pause))
        try client.advanceToDeadline()
        client.session.opened(now: client.now)
        #expect(try client.sent() == lost)
    }

    @Test func `what cannot be read is told and does not end the connection`() throws {
        let client = TestClient()
        try client.begin()
        client.session.received(Bytes([0x08]), now: client.now)
        #expect(words(client).first?.hasPrefix("note a message of the server cannot be read") == true)
        #expect(client.session.isConnected)
    }

    @Test func `a message that is too large ends the connection with code 1009`() throws {
        let client = TestClient { $0.limits.messageBytes = 100 }
        try client.begin()
        try client.answer {
            $0.customMessage = CustomMessage(
                capability: "c", type: "t", data: [UInt8](repeating: 1, count: 100))
        }
        #expect(words(client).contains("disconnect 1009"))
    }

    // MARK: Custom messages

    private func custom(_ type: String, _ capability: String = "io.apus.flow/v1") -> CustomMessage {
        CustomMessage(capability: capability, type: type, data: [])
    }

    @Test func `custom messages wait until the server says that it knows them`() throws {
        let client = TestClient()
        client.session.send(custom("a"), now: client.now)
        client.session.send(custom("b"), now: client.now)
        client.session.send(custom("c", "other/v1"), now: client.now)
        client.session.start(now: client.now)
        client.session.opened(now: client.now)
        #expect(try client.sent().map(\.customMessage) == [nil])
        // An acknowledgement alone says nothing about the server.
        try client.answer()
        #expect(try client.sent().isEmpty)
        try client.answer {
            $0.capabilities = .acceptsStatus
            $0.customCapabilities = CustomCapabilities(["io.apus.flow/v1"])
        }
        #expect(try client.sent().map(\.customMessage?.type) == ["a"])
        try client.answer()
        #expect(try client.sent().map(\.customMessage?.type) == ["b"])
        try client.answer()
        #expect(
            words(client) == [
                "note a custom message of other/v1 was not sent: the server does not know it, "
                    + "or too many wait"
            ])
    }

    @Test func `an attached message goes with the next heartbeat`() throws {
        let client = TestClient()
        try client.begin(custom: ["io.apus.flow/v1"])
        client.session.attach(custom("old"))
        client.session.attach(custom("new"))
        #expect(try client.sent().isEmpty)
        client.advance(.seconds(30))
        #expect(try client.sent().map(\.customMessage?.type) == ["new"])
        try client.answer()
        client.advance(.seconds(30))
        #expect(try client.sent().map(\.customMessage) == [nil])
    }

    @Test func `more custom messages than may wait push out the oldest`() throws {
        let client = TestClient()
        for number in 0...ClientSession.customLimit {
            client.session.send(custom("\(number)"), now: client.now)
        }
        try client.begin(custom: ["io.apus.flow/v1"])
        client.advance(.seconds(2))
        #expect(try client.sent().map(\.customMessage?.type) == ["2"])
    }

    @Test func `a request for a certificate waits for a server that takes it`() throws {
        let client = TestClient()
        client.session.request(ConnectionSettingsRequest(certificateSigningRequest: [1]), now: client.now)
        client.session.start(now: client.now)
        client.session.opened(now: client.now)
        #expect(try client.sent().map(\.connectionSettingsRequest) == [nil])
        try client.answer { $0.capabilities = .acceptsConnectionSettingsRequest }
        #expect(try client.sent().map { $0.connectionSettingsRequest != nil } == [true])
    }
}
