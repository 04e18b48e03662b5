import OpAMP
import Testing
import Wire

@Suite struct ClientConnectionTests {
    /// How long a client waits after a failure.
    private func pause(_ client: TestClient) throws -> Duration {
        try #require(client.session.deadline) - client.now
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `waits are random and double at most up to a minute`(seed: UInt64) throws {
        let client = TestClient(seed: seed)
        client.session.start(now: client.now)
        for attempt in 0..<10 {
            client.session.failed(.network("no way"), now: client.now)
            let limit: Duration = .seconds(min(1 << attempt, 60))
            #expect(try pause(client) <= limit)
            try client.advanceToDeadline()
            #expect(client.actions().last?.word == "connect server(0)")
        }
    }

    @Test func `waits of different agents differ`() throws {
        var pauses: Set<Duration> = []
        for seed in 1...50 as ClosedRange<UInt64> {
            let client = TestClient(seed: seed)
            try client.begin()
            client.session.failed(.closed(code: 1012), now: client.now)
            pauses.insert(try pause(client))
        }
        #expect(pauses.count == 50)
        #expect(pauses.allSatisfy { $0 < .seconds(5) })
        // All of the five seconds are used.
        let early = pauses.filter { $0 < .seconds(2.5) }.count
        #expect((10...40).contains(early))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a pause that the server asks for is kept within a fifth`(seed: UInt64) throws {
        let client = TestClient(seed: seed)
        client.session.start(now: client.now)
        client.session.failed(.status(503, retryAfter: .seconds(100)), now: client.now)
        #expect(try (Duration.seconds(80)...Duration.seconds(120)).contains(pause(client)))
    }

    @Test(arguments: [ClientFailure.status(401), .status(403), .closed(code: 1008)])
    func `a server that does not know the agent is left alone for a minute at least`(
        failure: ClientFailure
    ) throws {
        let client = TestClient()
        try client.begin()
        client.session.failed(failure, now: client.now)
        #expect(try pause(client) >= .seconds(60))
    }

    @Test func `a connection that works makes the waits short again`() throws {
        let client = TestClient()
        client.session.start(now: client.now)
        for _ in 0..<8 {
            client.session.failed(.network("no way"), now: client.now)
            try client.advanceToDeadline()
        }
        client.session.opened(now: client.now)
        try client.answer()
        client.session.failed(.network("broken"), now: client.now)
        #expect(try pause(client) <= .seconds(5))
        try client.advanceToDeadline()
        client.session.failed(.network("no way"), now: client.now)
        #expect(try pause(client) <= .seconds(1))
    }

    @Test func `a connection over which nothing ever came does not count`() throws {
        let client = TestClient(seed: 3)
        client.session.start(now: client.now)
        var longest: Duration = .zero
        for _ in 0..<12 {
            client.session.opened(now: client.now)
            client.session.failed(.closed(code: 1000), now: client.now)
            longest = max(longest, try pause(client))
            try client.advanceToDeadline()
        }
        #expect(longest > .seconds(10))
    }

    @Test func `after a connection is back only what changed is sent`() throws {
        let client = TestClient()
        try client.begin()
        client.session.failed(.network("broken"), now: client.now)
        client.session.update(now: client.now) { $0.health?.healthy = false }
        try client.advanceToDeadline()
        client.session.opened(now: client.now)
        let message = try #require(try client.sent().first)
        #expect(message.sequenceNumber == 2 && message.parts == .health)
    }

    @Test func `a message without an answer is sent again with its number`() throws {
        let client = TestClient()
        try client.begin()
        client.session.update(now: client.now) { $0.health?.healthy = false }
        let lost = try client.sent()
        client.session.update(now: client.now) { $0.health?.healthy = true }
        client.session.failed(.network("broken"), now: client.now)
        try client.advanceToDeadline()
        client.session.opened(now: client.now)
        #expect(try client.sent() == lost)
        try client.answer()
        let next = try client.sent()
        #expect(next.map(\.sequenceNumber) == [3])
        #expect(next.map(\.health?.healthy) == [true])
    }

    @Test func `servers are tried in their order, and the first again after a loss`() throws {
        let client = TestClient([.webSocket, .webSocket, .http])
        client.session.start(now: client.now)
        var words = client.actions().map(\.word)
        for _ in 0..<2 {
            client.session.failed(.network("no way"), now: client.now)
            try client.advanceToDeadline()
            words += client.actions().map(\.word).filter { !$0.hasPrefix("note") }
        }
        #expect(words == ["connect server(0)", "connect server(1)", "post server(2)"])
        try client.answer()
        #expect(client.actions().map(\.word).contains("established server(2)"))
        client.session.failed(.network("broken"), now: client.now)
        try client.advanceToDeadline()
        #expect(client.actions().last?.word == "connect server(0)")
    }

    @Test func `a server that asked for a pause gets it while others are tried`() throws {
        let client = TestClient([.webSocket, .webSocket])
        client.session.start(now: client.now)
        client.session.failed(.status(503, retryAfter: .seconds(100)), now: client.now)
        #expect(try pause(client) <= .seconds(1))
        try client.advanceToDeadline()
        client.session.failed(.network("no way"), now: client.now)
        #expect(client.session.route == .server(0))
        #expect(try pause(client) >= .seconds(78))
    }

    @Test func `a quiet connection is pinged and then given up`() throws {
        let client = TestClient()
        try client.begin()
        client.advance(.seconds(30))
        #expect(client.actions().map(\.word) == ["send"])
        client.advance(.seconds(15))
        #expect(client.actions().map(\.word) == ["ping"])
        client.session.heard(now: client.now)
        client.advance(.seconds(45))
        #expect(client.actions().map(\.word) == ["ping", "send"])
        client.advance(.seconds(30))
        #expect(client.actions().map(\.word).first == "disconnect 1000")
        #expect(client.session.isConnected == false)
    }

    @Test func `an attempt that leads nowhere is given up`() throws {
        let client = TestClient()
        client.session.start(now: client.now)
        _ = client.actions()
        try client.advanceToDeadline()
        #expect(client.actions().first?.word == "disconnect 1000")
    }

    @Test func `an agent that stops says so and closes`() throws {
        let client = TestClient()
        try client.begin()
        client.session.stop(now: client.now)
        let actions = client.actions()
        #expect(actions.map(\.word) == ["send", "disconnect 1000"])
        #expect(try actions.first?.message?.isDisconnect == true)
        #expect(client.session.deadline == nil)
        client.session.failed(.closed(code: 1000), now: client.now)
        #expect(client.actions().isEmpty)
    }

    @Test func `plain HTTP polls, and sends one request at a time`() throws {
        let client = TestClient([.http])
        client.session.start(now: client.now)
        #expect(client.actions().map(\.word) == ["post server(0)"])
        client.session.update(now: client.now) { $0.health?.healthy = false }
        client.advance(.seconds(20))
        #expect(client.actions().isEmpty)
        try client.answer()
        #expect(client.actions().map(\.word).last == "post server(0)")
        try client.answer()
        _ = client.actions()
        try client.advanceToDeadline()
        #expect(try client.sent().map(\.isHeartbeat) == [true])
    }

    @Test func `plain HTTP polls even without heartbeats`() throws {
        let client = TestClient([.http]) { $0.heartbeat = nil }
        try client.begin()
        #expect(client.session.deadline == client.now + .seconds(30))
    }

    @Test(arguments: [400, 413])
    func `a request that the server will not take is not sent again`(status: Int) throws {
        let client = TestClient([.http])
        try client.begin()
        client.session.update(now: client.now) { $0.health?.healthy = false }
        _ = client.actions()
        client.session.failed(.status(status), now: client.now)
        #expect(try client.sent().isEmpty)
        try client.advanceToDeadline()
        #expect(try client.sent().map(\.isHeartbeat) == [true])
    }

    @Test func `a request that failed is sent again`() throws {
        let client = TestClient([.http])
        try client.begin()
        client.session.update(now: client.now) { $0.health?.healthy = false }
        let lost = try client.sent()
        client.session.failed(.status(500), now: client.now)
        try client.advanceToDeadline()
        #expect(try client.sent() == lost)
    }
}
