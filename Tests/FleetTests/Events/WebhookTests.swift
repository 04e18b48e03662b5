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
        private let gate = Mutex<(isHolding: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))
        let arrived: AsyncStream<Void>
        private let tell: AsyncStream<Void>.Continuation

        init(_ statuses: [Int] = []) {
            state = Mutex((statuses, []))
            (arrived, tell) = AsyncStream.makeStream(of: Void.self)
        }

        var sent: [Sent] { state.withLock { $0.sent } }

        /// Answers nobody until `release`.
        func hold() { gate.withLock { $0.isHolding = true } }

        func release() {
            let waiting = gate.withLock { gate in
                defer { gate = (false, []) }
                return gate.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        private func pass() async {
            await withCheckedContinuation { continuation in
                let isHolding = gate.withLock { gate in
                    if gate.isHolding { gate.waiting.append(continuation) }
                    return gate.isHolding
                }
                if !isHolding { continuation.resume() }
            }
        }

        func post(
            _ url: String, fields: [(name: String, value: String)], body: [UInt8]
        ) async throws(TransportError) -> Int {
            let status = state.withLock { state in
                let fields = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
                state.sent.append(Sent(url: url, fields: fields, body: String(decoding: body, as: UTF8.self)))
                return state.statuses.isEmpty ? 200 : state.statuses.removeFirst()
            }
            tell.yield()
            await pass()
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
        ("::127.0.0.1", false), ("64:ff9b::169.254.169.254", false), ("64:ff9b::7f00:1", false),
        ("64:ff9b::8.8.8.8", true), ("::8.8.8.8", true),
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
        await waitUntil("the event is delivered") { await !webhooks.deliveries("ops").isEmpty }
        let first = try #require(await webhooks.deliveries("ops").first)
        #expect(first.outcome == .delivered)
        #expect(first.attempts == 4)
        events.note(.planChanged, "p", "")
        await waitUntil("the second event is refused") { await webhooks.deliveries("ops").count == 2 }
        let second = try #require(await webhooks.deliveries("ops").last)
        #expect(second.outcome == .failed)
        #expect(second.status == 404)
        #expect(second.attempts == 1)
        #expect(metrics.text.contains("apus_fleet_webhook_events_total{outcome=\"failed\"} 1"))
        run.cancel()
        await run.value
    }

    @Test(
        arguments: [
            (204, .delivered, 204, ""), (503, .failed, 503, "the answer had the status 503"),
            (0, .failed, nil, "nobody is there"),
        ] as [(Int, WebhookDelivery.Outcome, Int?, String)])
    func `a test is sent once and says what the receiver answers`(
        status: Int, outcome: WebhookDelivery.Outcome, told: Int?, error: String
    ) async throws {
        let (sender, events) = (FakeSender([status]), FleetEvents(clock: clock))
        let (webhooks, _) = try await webhooks(sender, events)
        // Also one that is not enabled and wants other events.
        let made = try await webhooks.put(
            "ops", try webhook("{url: 'https://h.example/x', kinds: [plan.changed], enabled: false}"),
            over: 0, by: ada)
        let delivery = try await webhooks.test("ops", by: ada)
        #expect((delivery.outcome, delivery.status, delivery.attempts) == (outcome, told, 1))
        #expect(delivery.error.contains(error))
        let sent = try #require(sender.sent.first)
        #expect(sender.sent.count == 1)
        #expect(sent.body.contains("\"kind\":\"webhook.test\"") && sent.body.contains("\"actor\":\"ada\""))
        #expect(sent.fields[WebhookSignature.eventField] == "\(delivery.event)")
        let timestamp = try #require(sent.fields[WebhookSignature.timestampField])
        #expect(
            sent.fields[WebhookSignature.signatureField]
                == WebhookSignature.sign(
                    timestamp: timestamp, body: Array(sent.body.utf8),
                    secret: made.webhook.webhook.secret.reveal()))
        #expect(await webhooks.deliveries("ops") == [delivery])
        #expect(events.events.last?.kind == .webhookTest)
    }

    @Test func `a test goes to its webhook only, and there is one at a time`() async throws {
        let (sender, events) = (FakeSender(), FleetEvents(clock: clock))
        let (webhooks, _) = try await webhooks(sender, events)
        for name in ["ops", "all"] {
            _ = try await webhooks.put(
                name, try webhook("{url: 'https://\(name).example'}"), over: 0, by: ada)
        }
        let run = Task { await webhooks.run() }
        sender.hold()
        let first = Task { try await webhooks.test("ops", by: ada) }
        await waitUntil("the first test is on its way") {
            sender.sent.contains { $0.body.contains("webhook.test") }
        }
        await #expect(throws: RolloutServiceError.self) { try await webhooks.test("ops", by: ada) }
        await #expect(throws: RolloutServiceError.self) { try await webhooks.test("nobody", by: ada) }
        sender.release()
        #expect(try await first.value.outcome == .delivered)
        #expect(try await webhooks.test("ops", by: ada).outcome == .delivered)
        // What happens next goes to both, so the tests would have been there before it.
        events.note(.planChanged, "p", "")
        await waitUntil("the next event is at both") {
            sender.sent.count { $0.body.contains("plan.changed") } == 2
        }
        let tests = sender.sent.filter { $0.body.contains("webhook.test") }
        #expect(tests.map(\.url) == ["https://ops.example", "https://ops.example"])
        run.cancel()
        await run.value
    }
}
