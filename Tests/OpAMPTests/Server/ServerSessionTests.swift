import OpAMP
import Testing

/// A session that expectations can change.
private final class TestSession {
    private(set) var session: ServerSession

    init(_ session: ServerSession = ServerSession()) { self.session = session }

    @discardableResult
    func receive(_ message: AgentToServer) -> Reception { session.receive(message) }
    func flags(mayAsk: Bool = true) -> ServerToAgentFlags { session.takeFlags(mayAsk: mayAsk) }
    func introduces() -> Bool { session.takeIntroduction() }
    func reconnect() { session.reconnected() }
    var asks: Bool { session.wantsFullState }
    func allows(_ offer: ServerOffer) -> Bool { session.allows(offer) }
}

@Suite struct ServerSessionTests {
    private static let uid = InstanceUID(high: 1, low: 2)

    private func message(
        _ number: UInt64, _ change: (inout AgentToServer) -> Void = { _ in }
    ) -> AgentToServer {
        var message = AgentToServer(instanceUID: Self.uid)
        message.sequenceNumber = number
        message.capabilities = [.reportsStatus, .reportsHealth]
        change(&message)
        return message
    }

    private func full(_ number: UInt64, name: String = "a") -> AgentToServer {
        message(number) {
            $0.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("service.name", name)])
            $0.health = ComponentHealth(healthy: true)
            $0.customCapabilities = CustomCapabilities(["io.apus.flow/v1"])
        }
    }

    private func session(after messages: AgentToServer...) -> TestSession {
        let session = TestSession()
        for message in messages { session.receive(message) }
        return session
    }

    @Test func `messages with numbers one after the other lack nothing`() {
        let session = session(after: full(1))
        #expect(session.receive(message(2)).order == .next)
        #expect(session.receive(message(3)).order == .next)
        #expect(session.flags().isEmpty)
    }

    @Test func `a first message without a description makes the server ask for everything`() {
        let session = TestSession()
        let reception = session.receive(message(5))
        #expect(reception.order == .first && reception.changesCapabilities)
        #expect(session.flags() == .reportFullState)
    }

    @Test func `a missing number makes the server ask, once it may`() {
        let session = session(after: full(1))
        #expect(session.receive(message(4)).order == .gap(2))
        #expect(session.flags(mayAsk: false).isEmpty)
        #expect(session.flags() == .reportFullState)
        #expect(session.flags().isEmpty)
        session.receive(full(5))
        #expect(!session.session.lacksState)
    }

    @Test func `a missing number does not matter when everything is there again`() {
        let session = session(after: full(1))
        #expect(session.receive(full(9)).order == .gap(7))
        #expect(!session.asks)
    }

    @Test func `a description alone does not make up for a lost message`() {
        let session = session(after: full(1))
        session.receive(
            message(3) { $0.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("a", "b")]) }
        )
        #expect(session.asks)
    }

    @Test func `an agent that never sends everything is asked less and less`() {
        let session = TestSession()
        var asked: [UInt64] = []
        for number in 1...64 as ClosedRange<UInt64> {
            session.receive(message(number))
            if session.flags().contains(.reportFullState) { asked.append(number) }
        }
        #expect(asked == [1, 3, 7, 15, 31, 63])
    }

    @Test func `after a loss an agent need not have more than it had before`() {
        let few = { (number: UInt64) in
            message(number) {
                $0.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("a", "b")])
            }
        }
        let session = session(after: few(1))
        session.receive(message(5))
        #expect(session.flags() == .reportFullState)
        session.receive(few(6))
        #expect(!session.session.lacksState)
    }

    @Test func `an agent that has less than it says is believed when it was asked twice`() {
        let session = TestSession()
        let less = { (number: UInt64) in
            message(number) {
                $0.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("a", "b")])
            }
        }
        session.receive(less(7))
        #expect(session.flags() == .reportFullState)
        session.receive(less(8))
        #expect(session.session.lacksState && session.flags().isEmpty)
        session.receive(less(9))
        #expect(session.flags() == .reportFullState)
        session.receive(less(10))
        #expect(!session.session.lacksState)
    }

    @Test func `the same message twice is processed once`() {
        let session = session(after: full(1))
        #expect(!session.receive(full(1)).isNew)
        let reception = session.receive(message(2) { $0.health = ComponentHealth(healthy: false) })
        #expect(reception.order == .next)
        #expect(reception.parts == .health)
    }

    @Test func `an agent that begins anew with the number it had is not taken for a repetition`() {
        let session = session(after: full(1))
        let reception = session.receive(full(1, name: "b"))
        #expect(reception.order == .restarted && reception.isNew)
        #expect(!session.session.lacksState)
    }

    @Test func `a number that goes back shows that the agent began anew`() {
        let session = session(after: full(1), message(2), message(3))
        #expect(session.receive(message(1)).order == .restarted)
        #expect(session.asks)
    }

    @Test func `a poll with nothing but the id is no loss`() {
        let session = session(after: full(1))
        var poll = AgentToServer(instanceUID: Self.uid)
        poll.capabilities = []
        #expect(session.receive(poll).order == .poll)
        #expect(session.receive(poll).order == .poll)
        #expect(session.receive(message(2)).order == .next)
        #expect(session.session.capabilities == [.reportsStatus, .reportsHealth])
    }

    @Test func `a session that was kept goes on where it was`() {
        let before = session(after: full(1), message(2)).session
        let kept = ServerSession(
            sequenceNumber: before.sequenceNumber, capabilities: before.capabilities, known: before.known)
        let after = TestSession(kept)
        #expect(after.receive(message(3)).order == .next)
        #expect(!after.asks)
        let late = TestSession(kept)
        #expect(late.receive(message(5)).order == .gap(2))
        #expect(late.asks)
    }

    @Test func `an agent may change what it can do, and says nothing of it with no bit at all`() {
        let session = session(after: full(1))
        #expect(!session.allows(.remoteConfig))
        #expect(
            session.receive(message(2) { $0.capabilities.insert(.acceptsRemoteConfig) }).changesCapabilities)
        #expect(session.allows(.remoteConfig))
        #expect(!session.receive(message(3) { $0.capabilities = [] }).changesCapabilities)
        #expect(session.allows(.remoteConfig))
        session.receive(message(4))
        #expect(!session.allows(.remoteConfig))
    }

    @Test func `the hash of components is told when it comes alone`() {
        let session = session(after: full(1))
        let alone = session.receive(message(2) { $0.availableComponents = AvailableComponents(hash: [1]) })
        #expect(alone.componentsHash == [1])
        let all = session.receive(
            message(3) {
                $0.availableComponents = AvailableComponents(
                    components: ["receivers": ComponentDetails(metadata: [])], hash: [1])
            })
        #expect(all.componentsHash == nil)
    }

    @Test func `a server says what it can do once on every connection`() {
        let session = TestSession()
        #expect(session.introduces())
        #expect(!session.introduces())
        session.reconnect()
        #expect(session.introduces())
    }
}
