import OpAMP
import Testing
import Wire

@Suite struct ClientReportingTests {
    @Test func `the first message has everything, and the hash of the components`() throws {
        let client = TestClient()
        client.session.start(now: client.now)
        #expect(client.actions().map(\.word) == ["connect server(0)"])
        client.session.opened(now: client.now)
        let message = try #require(try client.sent().first)
        #expect(message.sequenceNumber == 1)
        #expect(message.capabilities == TestClient.everything)
        #expect(
            message.parts == [
                .description, .health, .effectiveConfig, .customCapabilities, .availableComponents,
            ])
        #expect(message.availableComponents == AvailableComponents(hash: [7]))
    }

    @Test func `what has not changed is not sent again`() throws {
        let client = TestClient()
        try client.begin()
        client.session.update(now: client.now) { $0.effectiveConfig = TestClient.report.effectiveConfig }
        #expect(try client.sent().isEmpty)
        client.session.update(now: client.now) { $0.health?.healthy = false }
        let messages = try client.sent()
        #expect(messages.map(\.parts) == [.health])
        #expect(messages.map(\.sequenceNumber) == [2])
    }

    @Test func `a heartbeat has the id, the number and the capabilities`() throws {
        let client = TestClient()
        try client.begin()
        #expect(client.session.deadline == client.now + .seconds(30))
        try client.advanceToDeadline()
        let message = try #require(try client.sent().first)
        #expect(message.isHeartbeat && message.sequenceNumber == 2)
        #expect(message.capabilities == TestClient.everything)
    }

    @Test func `a heartbeat comes after the last message, whatever it was`() throws {
        let client = TestClient()
        try client.begin()
        client.now += .seconds(20)
        client.session.update(now: client.now) { $0.health?.healthy = false }
        try client.answer()
        _ = client.actions()
        #expect(client.session.deadline == client.now + .seconds(30))
    }

    @Test func `no heartbeats is no messages at all`() throws {
        let client = TestClient { $0.heartbeat = nil }
        try client.begin()
        client.advance(.seconds(40))
        #expect(try client.sent().isEmpty)
    }

    @Test func `changes that are not urgent wait for the heartbeat`() throws {
        let client = TestClient()
        try client.begin()
        client.session.update(urgent: false, now: client.now) { $0.health?.statusTime = 9 }
        #expect(try client.sent().isEmpty)
        client.advance(.seconds(30))
        #expect(try client.sent().map(\.parts) == [.health])
    }

    @Test func `changes while a message has no answer go into one message`() throws {
        let client = TestClient()
        try client.begin()
        for number in 2...9 as ClosedRange<UInt64> {
            client.session.update(now: client.now) { $0.health?.statusTime = number }
        }
        client.session.update(now: client.now) {
            $0.remoteConfigStatus = RemoteConfigStatus(lastHash: [1], status: .applied)
        }
        #expect(try client.sent().map(\.health?.statusTime) == [2])
        try client.answer()
        let next = try client.sent()
        #expect(next.map(\.parts) == [[.health, .remoteConfigStatus]])
        #expect(next.map(\.health?.statusTime) == [9])
    }

    @Test func `a server that does not answer holds messages back once, for two seconds`() throws {
        let client = TestClient()
        try client.begin()
        client.session.update(now: client.now) { $0.health?.statusTime = 1 }
        client.session.update(now: client.now) { $0.health?.statusTime = 2 }
        #expect(try client.sent().count == 1)
        #expect(client.session.deadline == client.now + .seconds(2))
        try client.advanceToDeadline()
        #expect(try client.sent().map(\.health?.statusTime) == [2])
        client.session.update(now: client.now) { $0.health?.statusTime = 3 }
        #expect(try client.sent().map(\.health?.statusTime) == [3])
    }

    @Test func `everything is reported again when the server asks, but not as fast as it asks`() throws {
        let client = TestClient()
        try client.begin()
        try client.answer { $0.flags = .reportFullState }
        let report = try #require(try client.sent().first)
        #expect(
            report.parts == [
                .description, .health, .effectiveConfig, .customCapabilities, .availableComponents,
            ])
        try client.answer { $0.flags = .reportFullState }
        #expect(try client.sent().isEmpty)
        client.advance(.seconds(30))
        #expect(try client.sent().map(\.parts.rawValue) == [report.parts.rawValue])
    }

    @Test func `all components are reported when the server asks for them`() throws {
        let client = TestClient()
        try client.begin()
        try client.answer { $0.flags = .reportAvailableComponents }
        #expect(try client.sent().map(\.availableComponents) == [TestClient.report.availableComponents])
    }

    @Test func `what the agent does not say it reports is not sent`() throws {
        let client = TestClient(capabilities: [.reportsStatus])
        client.session.start(now: client.now)
        client.session.opened(now: client.now)
        #expect(try client.sent().map(\.parts) == [[.description, .customCapabilities]])
        try client.answer()
        client.session.setCapabilities([.reportsHealth], now: client.now)
        let message = try #require(try client.sent().first)
        #expect(message.capabilities == [.reportsStatus, .reportsHealth])
        #expect(message.parts.contains(.health) && !message.parts.contains(.effectiveConfig))
    }

    /// All combinations of what the server may say of itself that decide on reports.
    @Test func `a server gets what it said it takes, and statuses in any case`() throws {
        for bits in 0..<8 {
            var server: ServerCapabilities = .acceptsStatus
            if bits & 1 != 0 { server.insert(.acceptsEffectiveConfig) }
            if bits & 2 != 0 { server.insert(.acceptsPackagesStatus) }
            if bits & 4 != 0 { server.insert(.offersConnectionSettings) }
            let client = TestClient()
            try client.begin(capabilities: server)
            client.session.update(now: client.now) {
                $0.effectiveConfig = EffectiveConfig()
                $0.packageStatuses = PackageStatuses()
                $0.connectionSettingsStatus = ConnectionSettingsStatus(lastHash: [1], status: .failed)
                $0.remoteConfigStatus = RemoteConfigStatus(lastHash: [1], status: .failed)
            }
            let message = try #require(try client.sent().first)
            #expect(message.parts.contains(.effectiveConfig) == (bits & 1 != 0))
            #expect(message.parts.contains(.packageStatuses) == (bits & 2 != 0))
            #expect(message.parts.contains(.connectionSettingsStatus) == (bits & 4 != 0))
            #expect(message.parts.contains(.remoteConfigStatus))
        }
    }

    @Test func `what a server could not take is sent when it can`() throws {
        let client = TestClient()
        try client.begin(capabilities: .acceptsStatus)
        client.session.update(now: client.now) { $0.effectiveConfig = EffectiveConfig() }
        #expect(try client.sent().map(\.parts) == [[]])
        try client.answer { $0.capabilities = [.acceptsStatus, .acceptsEffectiveConfig] }
        client.advance(.seconds(30))
        #expect(try client.sent().first?.effectiveConfig == EffectiveConfig())
    }

    @Test func `parts that make a message too large stay away, and that is told`() throws {
        let client = TestClient { $0.maximumMessageBytes = 400 }
        try client.begin()
        client.session.update(now: client.now) {
            $0.effectiveConfig = EffectiveConfig(
                AgentConfigMap(["": AgentConfigObject(body: [UInt8](repeating: 1, count: 1000))]))
            $0.health?.healthy = false
        }
        let actions = client.actions()
        #expect(try actions.compactMap { try $0.message }.map(\.parts) == [.health])
        #expect(
            actions.map(\.word).first
                == "note effective_config of 1015 bytes is larger than messages may be, and was not sent")
    }
}
