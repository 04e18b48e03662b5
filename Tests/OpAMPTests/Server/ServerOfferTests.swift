import OpAMP
import Testing

@Suite struct ServerOfferTests {
    private static let uid = InstanceUID(high: 1, low: 2)

    /// A message with everything that an agent may or may not be able to take.
    private static let everything: ServerToAgent = {
        var message = ServerToAgent(instanceUID: uid)
        message.capabilities = [.acceptsStatus, .offersRemoteConfig]
        message.flags = .reportFullState
        message.remoteConfig = AgentRemoteConfig(AgentConfigMap(), hash: [1])
        message.packagesAvailable = PackagesAvailable()
        message.customMessage = CustomMessage(capability: "c", type: "t", data: [])
        var offers = ConnectionSettingsOffers()
        offers.opamp = OpAMPConnectionSettings()
        offers.ownMetrics = TelemetryConnectionSettings()
        offers.ownTraces = TelemetryConnectionSettings()
        offers.ownLogs = TelemetryConnectionSettings()
        offers.otherConnections = ["db": OtherConnectionSettings()]
        message.connectionSettings = offers
        return message
    }()

    private func isOffered(_ offer: ServerOffer, in message: ServerToAgent) -> Bool {
        switch offer {
        case .remoteConfig: message.remoteConfig != nil
        case .packages: message.packagesAvailable != nil
        case .opampConnection: message.connectionSettings?.opamp != nil
        case .ownMetrics: message.connectionSettings?.ownMetrics != nil
        case .ownTraces: message.connectionSettings?.ownTraces != nil
        case .ownLogs: message.connectionSettings?.ownLogs != nil
        case .otherConnections: message.connectionSettings?.otherConnections.isEmpty == false
        case .restart: message.command == .restart
        }
    }

    /// All combinations of the eight bits that decide on offers, among those that do not.
    @Test func `an agent of any capabilities gets what it takes and nothing else`() {
        for bits in 0..<256 {
            let offers = ServerOffer.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(
                \.element)
            let capabilities = offers.reduce(into: AgentCapabilities.reportsStatus) {
                $0.formUnion($1.capability)
            }
            let message = Self.everything.permitted(for: capabilities)
            for offer in ServerOffer.allCases where offer != .restart {
                #expect(isOffered(offer, in: message) == offers.contains(offer), "\(offer) of \(bits)")
            }
            #expect(message.flags == .reportFullState && message.customMessage != nil)
            // Settings of which nothing is left are not sent at all.
            let classes: Set<ServerOffer> = [
                .opampConnection, .ownMetrics, .ownTraces, .ownLogs, .otherConnections,
            ]
            #expect((message.connectionSettings != nil) == !classes.isDisjoint(with: offers))

            var command = Self.everything
            command.command = .restart
            #expect(
                isOffered(.restart, in: command.permitted(for: capabilities)) == offers.contains(.restart))
        }
    }

    @Test func `an error stands alone`() {
        var message = Self.everything
        message.errorResponse = ServerErrorResponse(.badRequest, "no")
        var expected = ServerToAgent(instanceUID: Self.uid)
        expected.errorResponse = message.errorResponse
        #expect(message.permitted(for: AgentCapabilities(rawValue: 0xFFFF)) == expected)
    }

    @Test func `a command stands with the id and the capabilities`() {
        var message = Self.everything
        message.command = .restart
        var expected = ServerToAgent(instanceUID: Self.uid)
        expected.command = .restart
        expected.capabilities = message.capabilities
        #expect(message.permitted(for: AgentCapabilities(rawValue: 0xFFFF)) == expected)
    }

    @Test func `the bits are those of the specification`() {
        #expect(
            ServerOffer.allCases.map(\.capability.rawValue) == [
                0x2, 0x8, 0x100, 0x40, 0x20, 0x80, 0x200, 0x400,
            ])
        #expect(AgentCapabilities.reportsHeartbeat.rawValue == 0x2000)
        #expect(AgentCapabilities.reportsConnectionSettingsStatus.rawValue == 0x8000)
        #expect(ServerCapabilities.acceptsConnectionSettingsRequest.rawValue == 0x40)
    }
}
