import OpAMP
import Testing
import Wire

@Suite struct ClientSettingsTests {
    private static func offers(_ hash: [UInt8]) -> ConnectionSettingsOffers {
        var offers = ConnectionSettingsOffers()
        offers.hash = hash
        offers.opamp = OpAMPConnectionSettings()
        offers.ownMetrics = TelemetryConnectionSettings()
        return offers
    }

    /// A client that was offered settings and has said that it applies them.
    private func offered() throws -> TestClient {
        let client = TestClient()
        try client.begin()
        try client.answer { $0.connectionSettings = Self.offers([5]) }
        let actions = client.actions()
        #expect(actions.map(\.word).contains("connectionSettings [5]"))
        #expect(
            try actions.compactMap { try $0.message }.map(\.connectionSettingsStatus?.status) == [.applying])
        try client.answer()
        return client
    }

    @Test func `settings that need no new connection are applied in place`() throws {
        let client = try offered()
        client.session.applied([5], heartbeat: .seconds(10), now: client.now)
        #expect(
            try client.sent().map(\.connectionSettingsStatus)
                == [ConnectionSettingsStatus(lastHash: [5], status: .applied)])
        try client.answer()
        #expect(client.session.deadline == client.now + .seconds(10))
    }

    @Test func `an interval of zero ends heartbeats`() throws {
        let client = try offered()
        client.session.applied([5], heartbeat: .zero, now: client.now)
        #expect(client.session.settings.heartbeat == nil)
    }

    @Test func `settings that are refused are so with a reason`() throws {
        let client = try offered()
        client.session.refused([5], reason: "tls.insecure_skip_verify is not allowed", now: client.now)
        let status = try #require(try client.sent().first?.connectionSettingsStatus)
        #expect(status.status == .failed)
        #expect(status.errorMessage == "tls.insecure_skip_verify is not allowed")
    }

    @Test func `an offer that was answered is not taken again`() throws {
        let client = try offered()
        client.session.refused([5], reason: "no", now: client.now)
        _ = client.actions()
        try client.answer { $0.connectionSettings = Self.offers([5]) }
        #expect(client.actions().isEmpty)
        client.advance(.seconds(30))
        #expect(try client.sent().map(\.connectionSettingsStatus?.status) == [.failed])
    }

    @Test func `classes of settings that the agent does not take are left out`() throws {
        let client = TestClient(capabilities: [.reportsOwnMetrics])
        try client.begin()
        try client.answer { $0.connectionSettings = Self.offers([5]) }
        var expected = Self.offers([5])
        expected.opamp = nil
        let taken = client.actions().compactMap { action in
            if case .connectionSettings(let offers) = action { offers } else { nil }
        }
        #expect(taken == [expected])
    }

    @Test func `new settings are tried by connecting, and kept when a message comes back`() throws {
        let client = try offered()
        client.session.verify([5], transport: .webSocket, heartbeat: .seconds(7), now: client.now)
        let actions = client.actions()
        #expect(actions.map(\.word) == ["send", "disconnect 1000", "connect candidate"])
        #expect(try actions.first?.message?.isDisconnect == true)
        client.session.opened(now: client.now)
        #expect(client.actions().map(\.word) == ["send"])
        try client.answer()
        let after = client.actions()
        #expect(after.map(\.word) == ["verified [5]", "established server(0)", "send"])
        #expect(try after.last?.message?.connectionSettingsStatus?.status == .applied)
        #expect(client.session.settings.heartbeat == .seconds(7))
        #expect(client.session.settings.servers == [.webSocket])
    }

    @Test func `settings that do not work in time are given up for the old ones`() throws {
        let client = try offered()
        client.session.verify([5], transport: .http, now: client.now)
        #expect(client.actions().map(\.word) == ["send", "disconnect 1000", "post candidate"])
        for _ in 0..<100 where client.session.route == .candidate {
            client.session.failed(.network("no way"), now: client.now)
            try client.advanceToDeadline()
        }
        let words = client.actions().map(\.word)
        #expect(words.contains("failed [5]: no way"))
        #expect(words.last == "connect server(0)")
        client.session.opened(now: client.now)
        let status = try #require(try client.sent().first?.connectionSettingsStatus)
        #expect(status == ConnectionSettingsStatus(lastHash: [5], status: .failed, errorMessage: "no way"))
        #expect(client.session.settings.servers == [.webSocket])
    }

    @Test func `settings that the new server refuses are given up at once`() throws {
        let client = try offered()
        client.session.verify([5], transport: .webSocket, now: client.now)
        _ = client.actions()
        client.session.failed(.status(401), now: client.now)
        #expect(
            client.actions().map(\.word) == [
                "failed [5]: the server answered with status 401", "connect server(0)",
            ])
    }
}
