import FleetStore
import Logging
import PipelineTesting
import Settings
import Synchronization
import Testing
import Transport

@testable import Fleet

@Suite struct WebhookTests {
    /// Answers with the next of some statuses, and then with 200.
    private final class FakeSender: WebhookSender {
        struct Sent {
            let url: String
            let fields: [String: String]
            let body: String
        }

        let state: Mutex<(statuses: [Int], sent: [Sent])>
        let arrived: AsyncStream<Void>
        private let tell: AsyncStream<Void>.Continuation

        init(_ statuses: [Int] = []) {
            state = Mutex((statuses, []))
            (arrived, tell) = AsyncStream.makeStream(of: Void.self)
        }

        var sent: [Sent] { state.withLock { $0.sent } }

        func post(
            _ url: String, fields: [(name: String, value: String)], body: [UInt8]
        ) async throws(TransportError) -> Int {
            let status = state.withLock { state in
                let fields = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
                state.sent.append(Sent(url: url, fields: fields, body: String(decoding: body, as: UTF8.self)))
                return state.statuses.isEmpty ? 200 : state.statuses.removeFirst()
            }
            tell.yield()
            if status == 0 { throw TransportError(.connectFailed, "nobody is there") }
            return status
        }
    }

    private let clock = ManualClock()
    private let ada = RolloutActor(name: "ada", owner: "ada")

    private func webhooks(
        _ sender: FakeSender, _ events: FleetEvents
    ) async throws -> (Webhooks, FleetMetrics) {
        let metrics = FleetMetrics()
        let store = try await FleetStore.open(.memory, replica: "one", logger: Logger(label: "test"))
        let webhooks = try await Webhooks.open(
            store, events: events, sender: sender, metrics: metrics, clock: clock,
            logger: Logger(label: "test"))
        return (webhooks, metrics)
    }

    private func webhook(_ yaml: String) throws -> Webhook { try Webhook.decode(yaml: yaml) }

    @Test func `what is sent is signed, and the secret is shown once`() async throws {
        let (sender, events) = (FakeSender(), FleetEvents(clock: clock))
        let (webhooks, _) = try await webhooks(sender, events)
        let made = try await webhooks.put(
            "ops", try webhook("{url: 'https://ops.example/x', kinds: [rollout.*]}"), over: 0, by: ada)
        #expect(made.isSecretNew)
        let secret = made.webhook.webhook.secret
        #expect(secret.reveal().count == 64)
        let again = try await webhooks.put(
            "ops", try webhook("{url: 'https://ops.example/y', kinds: [rollout.*]}"), over: nil, by: ada)
        #expect(!again.isSecretNew)
        #expect(again.webhook.webhook.secret == secret)
        let run = Task { await webhooks.run() }
        var arrivals = sender.arrived.makeAsyncIterator()
        events.note(.planChanged, "p", "not wanted")
        events.note(.rolloutState, "r1", "paused")
        await arrivals.next()
        let sent = try #require(sender.sent.first)
        #expect(sent.url == "https://ops.example/y")
        #expect(sent.body.contains("\"kind\":\"rollout.state\""))
        let timestamp = try #require(sent.fields[WebhookSignature.timestampField])
        #expect(
            sent.fields[WebhookSignature.signatureField]
                == WebhookSignature.sign(
                    timestamp: timestamp, body: Array(sent.body.utf8), secret: secret.reveal()))
        run.cancel()
        await run.value
    }

    @Test func `the signature is the HMAC that everybody computes`() {
        #expect(
            WebhookSignature.sign(timestamp: "1", body: Array("{}".utf8), secret: "Jefe")
                == "v1=" + Self.expected)
    }

    /// What openssl makes of it.
    private static let expected = "dc7943cccf20f64327d263db5e2aca27c2b8175e8e6e7ea04f482091bf456b0f"

    @Test(arguments: [
        ("https://user:pw@h.example/", false), ("http://h.example/", false), ("ftp://h.example/", false),
        ("https://h.example/#x", false), ("https://", false), ("https://h.example/hook?a=b", true),
        ("http://localhost:9000/", true), ("http://127.0.0.1:9000/", true),
    ])
    func `only URLs that can be kept safe are taken`(url: String, isTaken: Bool) {
        #expect((WebhookAddress.problem(in: url) == nil) == isTaken)
    }

    @Test(arguments: [
        ("169.254.169.254", false), ("fe80::1%eth0", false), ("::ffff:169.254.169.254", false),
        ("0.0.0.0", false), ("::", false), ("224.0.0.1", false), ("fd00:ec2::254", false),
        ("127.0.0.1", false), ("::1", false), ("10.0.0.5", true), ("2001:db8::1", true),
        ("93.184.216.34", true),
    ])
    func `nothing is sent to where only this machine or its link can reach`(address: String, isTaken: Bool) {
        #expect(WebhookAddress.admits(address, allowsLoopback: false) == isTaken)
    }

    @Test func `this machine can be reached when that is allowed`() {
        #expect(WebhookAddress.admits("127.0.0.1", allowsLoopback: true))
        #expect(!WebhookAddress.admits("169.254.1.1", allowsLoopback: true))
    }

    @Test func `kinds that do not exist are a mistake`() {
        #expect(throws: InvalidSettings.self) {
            try webhook("{url: 'https://h.example', kinds: [rolout.state]}")
        }
        #expect(throws: InvalidSettings.self) { try webhook("{url: 'https://h.example', secret: short}") }
    }

    @Test func `what is not taken is sent again, and what is refused is not`() async throws {
        let (sender, events) = (FakeSender([503, 0, 429, 200, 404]), FleetEvents(clock: clock))
        let (webhooks, metrics) = try await webhooks(sender, events)
        _ = try await webhooks.put(
            "ops", try webhook("{url: 'https://h.example', kinds: [plan.changed]}"), over: 0, by: ada)
        let run = Task { await webhooks.run() }
        events.note(.planChanged, "p", "")
        for _ in 0..<3 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(200))
        }
        while await webhooks.deliveries("ops").isEmpty { await Task.yield() }
        let first = await webhooks.deliveries("ops")[0]
        #expect(first.outcome == .delivered)
        #expect(first.attempts == 4)
        events.note(.planChanged, "p", "")
        while await webhooks.deliveries("ops").count < 2 { await Task.yield() }
        let second = await webhooks.deliveries("ops")[1]
        #expect(second.outcome == .failed)
        #expect(second.status == 404)
        #expect(second.attempts == 1)
        #expect(metrics.text.contains("apus_fleet_webhook_events_total{outcome=\"failed\"} 1"))
        run.cancel()
        await run.value
    }
}
