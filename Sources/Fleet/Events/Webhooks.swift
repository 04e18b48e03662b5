public import FleetStore
public import Logging
public import Pipeline
internal import Settings
internal import Transport

/// Sends events to the places that people have named, signed, again and again until they arrive.
///
/// Bounded: at most `limit` webhooks, `queueLimit` events wait for each, of which the oldest are left out,
/// and an event is tried `maximumAttempts` times over about five minutes. An event that has been delivered
/// may come a second time when its answer got lost; its id tells. What happens while the manager is away is
/// not sent later. Each manager of a fleet sends what happens at it.
public actor Webhooks {
    public static let limit = 100
    public static let queueLimit = 500
    public static let maximumAttempts = 8
    /// Deliveries that are remembered of each webhook.
    public static let remembered = 50
    static let longestDelay = Duration.seconds(120)

    /// A webhook as it is kept.
    public struct Named: Sendable {
        public let name: String
        /// With its secret, which is only for what made it.
        public let webhook: Webhook
        /// For `ETag`.
        public let version: Int64
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        public let updated: UInt64
    }

    struct Line {
        var waiting: [FleetEvent] = []
        var isSending = false
        /// The newest last; at most `remembered`.
        private(set) var deliveries: [WebhookDelivery] = []

        mutating func note(_ delivery: WebhookDelivery) {
            deliveries.append(delivery)
            if deliveries.count > Webhooks.remembered { deliveries.removeFirst() }
        }
    }

    private let store: FleetStore
    let events: FleetEvents
    private let sender: any WebhookSender
    let clock: any PipelineClock
    private let logger: Logger
    private let delivered: FleetMetrics.Counter
    private let failed: FleetMetrics.Counter
    private let dropped: FleetMetrics.Counter
    /// Both from the beginning, so that nothing is missed before `run`.
    private let stream: AsyncStream<FleetEvent>
    private let changes: AsyncStream<StoreChange>
    private(set) var webhooks: [String: Named] = [:]
    var lines: [String: Line] = [:]
    /// Webhooks to which a test is on its way.
    var tests: Set<String> = []
    /// One task for each webhook that has something to send.
    private var work: [String: Task<Void, Never>] = [:]

    private init(
        _ store: FleetStore, events: FleetEvents, sender: any WebhookSender, metrics: FleetMetrics,
        clock: any PipelineClock, logger: Logger
    ) {
        self.store = store
        self.events = events
        self.sender = sender
        self.clock = clock
        self.logger = logger
        stream = events.stream(after: nil) ?? AsyncStream { $0.finish() }
        changes = store.changes()
        let help = "Events for webhooks by what became of them"
        delivered = metrics.counter(
            "apus_fleet_webhook_events_total", help, labels: [("outcome", "delivered")])
        failed = metrics.counter("apus_fleet_webhook_events_total", help, labels: [("outcome", "failed")])
        dropped = metrics.counter("apus_fleet_webhook_events_total", help, labels: [("outcome", "dropped")])
    }

    /// Reads the webhooks of a store; `run` sends.
    public static func open(
        _ store: FleetStore, events: FleetEvents, sender: any WebhookSender, metrics: FleetMetrics,
        clock: any PipelineClock, logger: Logger
    ) async throws(StoreError) -> Webhooks {
        let webhooks = Webhooks(
            store, events: events, sender: sender, metrics: metrics, clock: clock, logger: logger)
        try await webhooks.load()
        return webhooks
    }

    /// Sends every event from now on, until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follow() }
            for await event in stream {
                if Task.isCancelled { break }
                self.take(event)
            }
            group.cancelAll()
        }
        for task in work.values { task.cancel() }
        for task in work.values { await task.value }
        work = [:]
    }

    /// All webhooks by name.
    public func list() -> [Named] { webhooks.values.sorted { $0.name < $1.name } }

    /// A webhook; `nil` when there is none of that name.
    public func webhook(_ name: String) -> Named? { webhooks[name] }

    /// What became of the last events for a webhook, the newest last.
    public func deliveries(_ name: String) -> [WebhookDelivery] { lines[name]?.deliveries ?? [] }

    /// Makes a webhook or replaces it.
    ///
    /// - Parameters:
    ///   - name: Letters, digits, `.`, `_` and `-`, at most 128.
    ///   - webhook: What it is to be; without a secret it keeps the one it has, or gets a new one.
    ///   - version: The version that is replaced; 0 for a new one, `nil` for whatever there is.
    ///   - actor: Who does it.
    /// - Returns: The webhook, and whether its secret is new and has to be shown this once.
    /// - Throws: `.invalid`, `.conflict`.
    public func put(
        _ name: String, _ webhook: Webhook, over version: Int64?, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> (webhook: Named, isSecretNew: Bool) {
        guard FleetName.isName(name) else { throw .invalid([FleetName.rule]) }
        guard webhooks[name] != nil || webhooks.count < Self.limit else {
            throw .conflict("there are \(Self.limit) webhooks; delete some")
        }
        var webhook = webhook
        let isSecretNew = webhook.secret.isEmpty && webhooks[name] == nil
        if webhook.secret.isEmpty {
            webhook.secret = webhooks[name]?.webhook.secret ?? Secret(WebhookSignature.newSecret())
        }
        do throws(StoreError) {
            let stored = try await store.write([
                .put(
                    .webhook, name, webhook.tree(.revealed) ?? .empty, expecting: .over(version))
            ])
            guard let named = stored.first.flatMap({ Self.named($0) }) else {
                throw StoreError.damaged("webhook '\(name)'")
            }
            webhooks[name] = named
            events.note(.webhookChanged, name, "the webhook '\(name)' has been changed", actor: actor.name)
            return (named, isSecretNew)
        } catch {
            throw RolloutServiceError(error)
        }
    }

    /// Deletes a webhook and what waits for it; throws `.notFound` when there is none.
    public func delete(
        _ name: String, version: Int64?, by actor: RolloutActor
    ) async throws(RolloutServiceError) {
        guard webhooks[name] != nil else { throw .notFound("there is no webhook '\(name)'") }
        do throws(StoreError) {
            _ = try await store.write([.delete(.webhook, name, expecting: .over(version))])
        } catch {
            throw RolloutServiceError(error)
        }
        webhooks[name] = nil
        lines[name] = nil
        work.removeValue(forKey: name)?.cancel()
        events.note(.webhookChanged, name, "the webhook '\(name)' has been deleted", actor: actor.name)
    }

    // MARK: - Sending

    private func take(_ event: FleetEvent) {
        if event.kind == .webhookTest { return }
        for (name, named) in webhooks where named.webhook.wants(event.kind) {
            // What tells of a webhook that cannot be reached is not sent to it, too.
            if event.kind == .webhookFailing, event.subject == name { continue }
            var line = lines[name] ?? Line()
            line.waiting.append(event)
            if line.waiting.count > Self.queueLimit {
                let lost = line.waiting.removeFirst()
                dropped.add()
                line.note(delivery(of: lost, nil, 0, .dropped, "too many events waited"))
            }
            let mustBegin = !line.isSending
            line.isSending = true
            lines[name] = line
            if mustBegin { work[name] = Task { await self.send(name) } }
        }
    }

    /// Sends what waits for a webhook, one after the other.
    private func send(_ name: String) async {
        while !Task.isCancelled, let event = lines[name]?.waiting.first {
            lines[name]?.waiting.removeFirst()
            await deliver(event, to: name)
        }
        guard !Task.isCancelled else { return }
        lines[name]?.isSending = false
        work[name] = nil
    }

    private func deliver(_ event: FleetEvent, to name: String) async {
        let body = Self.body(of: event)
        var (status, error): (Int?, String) = (nil, "")
        var attempt = 0
        while attempt < Self.maximumAttempts, !Task.isCancelled {
            guard let webhook = webhooks[name]?.webhook, webhook.isEnabled else { return }
            attempt += 1
            (status, error) = await post(event, body, webhook)
            if let status, (200..<300).contains(status) {
                delivered.add()
                lines[name]?.note(delivery(of: event, status, attempt, .delivered, ""))
                return
            }
            if let status, !Self.mayPass(status) { break }
            do { try await clock.sleep(for: delay(attempt)) } catch { break }
        }
        failed.add()
        lines[name]?.note(delivery(of: event, status, attempt, .failed, error))
        events.note(
            .webhookFailing, name,
            "event \(event.id) could not be delivered to the webhook '\(name)': \(error)")
    }

    static func body(of event: FleetEvent) -> [UInt8] {
        let time = CalendarTime(unixNanoseconds: event.time).rfc3339
        return Array(event.tree(time: .text(time)).json().utf8)
    }

    func post(_ event: FleetEvent, _ body: [UInt8], _ webhook: Webhook) async -> (Int?, String) {
        let timestamp = "\(clock.unixNanoseconds / 1_000_000_000)"
        let signature = WebhookSignature.sign(
            timestamp: timestamp, body: body, secret: webhook.secret.reveal())
        do throws(TransportError) {
            let status = try await sender.post(
                webhook.url,
                fields: [
                    (WebhookSignature.eventField, "\(event.id)"),
                    (WebhookSignature.timestampField, timestamp),
                    (WebhookSignature.signatureField, signature),
                ], body: body)
            return (status, "the answer had the status \(status)")
        } catch {
            return (nil, "\(error)")
        }
    }

    /// Whether an attempt later may have another answer.
    private static func mayPass(_ status: Int) -> Bool { status == 408 || status == 429 || status >= 500 }

    /// Twice as long each time, and not for all at the same moment.
    private func delay(_ attempt: Int) -> Duration {
        let full = min(Duration.seconds(1 << min(attempt, 10)), Self.longestDelay)
        return full * (0.5 + clock.random() / 2)
    }

    /// What has become of an event by now.
    func delivery(
        of event: FleetEvent, _ status: Int?, _ attempts: Int, _ outcome: WebhookDelivery.Outcome,
        _ error: String
    ) -> WebhookDelivery {
        WebhookDelivery(
            time: clock.unixNanoseconds, event: event.id, status: status, attempts: attempts,
            outcome: outcome, error: String(error.prefix(500)))
    }

    // MARK: - Keeping

    private func load() async throws(StoreError) {
        var found: [String: Named] = [:]
        for document in try await store.documents(.webhook, after: nil, limit: Self.limit) {
            found[document.id] = Self.named(document)
        }
        webhooks = found
    }

    private func follow() async {
        for await change in changes {
            do throws(StoreError) {
                switch change {
                case .everything: try await load()
                case .document(.webhook, let name):
                    let document = try await store.document(.webhook, name)
                    webhooks[name] = document.flatMap { Self.named($0) }
                default: break
                }
            } catch {
                logger.warning("cannot read the webhooks: \(error)")
            }
        }
    }

    private static func named(_ document: StoredDocument) -> Named? {
        Webhook.decode(document.body).value.map {
            Named(name: document.id, webhook: $0, version: document.version, updated: document.updated)
        }
    }
}
