internal import Logging
internal import NIOCore
internal import OpAMP
internal import Pipeline
internal import Synchronization
internal import Transport
internal import Wire

/// Drives the session of one agent: gives it what happens and does what it wants, one after the other.
///
/// It works without its server for ever, and nothing of the collector waits for it.
actor AgentDriver {
    /// What it is made of.
    struct Parts: Sendable {
        let configuration: OpAMPAgent.Configuration
        /// The configured servers, in order of preference.
        let places: [AgentPlace]
        let context: Context
        let managed: (any ManagedCollector)?
        let health: @Sendable () -> CollectorHealth
        /// Where things are kept; `nil` when nothing can be.
        let folder: AgentFolder?
    }

    /// How often the status of components is looked at.
    static let healthInterval = Duration.seconds(1)
    /// Changes of words alone are sent this often.
    static let wordsInterval = Duration.seconds(5)
    /// How long the last words may take.
    static let goodbyeTime = Duration.seconds(2)

    let parts: Parts
    let reporter: AgentReporter
    nonisolated let events: AsyncStream<AgentEvent>
    nonisolated let post: @Sendable (AgentEvent) -> Void
    private let finishEvents: @Sendable () -> Void

    /// The servers of the session; the first one may be one that was given by a server.
    var places: [AgentPlace]
    var session: ClientSession?
    var settings: AgentSettings
    /// Counts connections and requests, so that late news of old ones can be told.
    var link = 0
    var attempt: Task<Void, Never>?
    var socket: WebSocket?
    var client: (place: AgentPlace, client: Client)?
    var connectedAt: Instant
    /// A remote configuration that came and was not passed on, because more about it may come.
    var offer: RemoteConfiguration?
    var lastHealth: Instant?
    var nextHealth: Instant
    var flow = FlowSchedule()
    var hasComplained = false
    private var alarm: (time: Duration, task: Task<Void, Never>)?
    /// Checks of documents that are under way.
    var validations = 0
    var isEnding = false

    init(_ parts: Parts) {
        self.parts = parts
        let configuration = parts.configuration
        reporter = AgentReporter(description: configuration.agentDescription, labels: configuration.labels)
        let (stream, continuation) = AsyncStream.makeStream(of: AgentEvent.self)
        events = stream
        post = { continuation.yield($0) }
        finishEvents = { continuation.finish() }
        settings = AgentSettings(parts)
        places = parts.places
        connectedAt = parts.context.clock.now
        nextHealth = parts.context.clock.now
    }

    var clock: any PipelineClock { parts.context.clock }
    var logger: Logger { parts.context.logger }
    /// The time of the session.
    var now: Duration { clock.now.offset }

    // MARK: - The life

    /// Works until it has said goodbye after `.stop`; never begins when the seat is not to be had.
    func run(_ seat: Task<CollectorSeat?, Never>) async {
        let taken = await seat.value
        guard taken != nil || parts.managed == nil else { return }
        defer { taken?.leave() }
        var news: Task<Void, Never>?
        if let managed = parts.managed {
            let stream = await managed.news()
            news = Task { [post] in for await item in stream { post(.news(item)) } }
        }
        defer { news?.cancel() }
        await begin()
        for await event in events {
            await take(event)
            if isEnding, socket == nil, attempt == nil { break }
            arm()
        }
        await end()
    }

    private func begin() async {
        let identity: AgentIdentity
        do throws(ComponentError) {
            identity = try AgentIdentity(
                configured: parts.configuration.instanceUID, requests: parts.configuration.requestInstanceUID,
                in: parts.folder, clock: clock)
        } catch {
            logger.error("the id of the agent cannot be kept", metadata: ["error": "\(error)"])
            return
        }
        restoreConnection()
        var report = AgentReport()
        await fill(&report, identity.uid)
        let seed = UInt64(clock.random() * Double(UInt32.max)) ^ identity.uid.low
        session = ClientSession(
            settings: clientSettings, uid: identity.uid, requestsUID: identity.isTemporary, report: report,
            seed: seed)
        logger.info(
            "managed over OpAMP", metadata: ["uid": "\(identity.uid)", "server": "\(places[0].url)"])
        for place in parts.places { place.warn(logger) }
        session?.start(now: now)
        await perform()
        arm()
    }

    private var clientSettings: ClientSettings {
        var client = ClientSettings(
            servers: places.map { $0.url.transport }, capabilities: settings.capabilities)
        client.heartbeat = settings.heartbeat
        return client
    }

    private func end() async {
        alarm?.task.cancel()
        attempt?.cancel()
        finishEvents()
        if let client { await client.client.close(grace: .zero) }
    }

    private func take(_ event: AgentEvent) async {
        switch event {
        case .opened(let number, let socket):
            guard number == link, !isEnding else { return socket.close() }
            self.socket = socket
            attempt = nil
            connectedAt = clock.now
            session?.opened(now: now)
        case .message(let number, let message, let source):
            defer { source?.done(message.count) }
            guard number == link else { return }
            if source == nil { attempt = nil }
            receive(message, isFramed: source != nil)
        case .heard(let number):
            guard number == link else { return }
            session?.heard(now: now)
        case .closed(let number, let code, let reason):
            guard number == link else { return }
            socket = nil
            session?.failed(.closed(code: code, reason: reason), now: now)
        case .failed(let number, let failure):
            guard number == link else { return }
            attempt = nil
            session?.failed(failure, now: now)
        case .news(let news): await take(news)
        case .validated(let message):
            validations -= 1
            session?.send(message, now: now)
        case .timer: await tick()
        case .stop(let grace): return await stop(within: grace)
        }
        await perform()
    }

    private func receive(_ message: Bytes, isFramed: Bool) {
        do throws(OpAMPError) {
            session?.received(isFramed ? try Framing.payload(of: message) : message, now: now)
        } catch {
            logger.warning("a message of the OpAMP server cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// Says goodbye; what is under way has until `grace` for that.
    private func stop(within grace: Duration) async {
        guard !isEnding else { return }
        isEnding = true
        session?.stop(now: now)
        await perform()
        guard socket != nil || attempt != nil else { return finishEvents() }
        let (limit, clock, finish) = (min(grace, Self.goodbyeTime), clock, finishEvents)
        Task {
            try? await clock.sleep(for: limit)
            finish()
        }
    }

    // MARK: - Time

    private func tick() async {
        alarm = nil
        guard !isEnding else { return }
        if clock.now >= nextHealth { lookAtHealth() }
        lookAtFlow()
        orderCertificate()
        session?.tick(now: now)
    }

    /// Wakes when the next thing is due.
    private func arm() {
        guard !isEnding, let session else { return }
        var due = nextHealth.offset
        if let deadline = session.deadline { due = min(due, deadline) }
        if let next = flow.next { due = min(due, next.offset) }
        if let alarm, alarm.time <= due { return }
        alarm?.task.cancel()
        let wait = max(due - now, .zero)
        let task = Task { [clock, post] in
            guard (try? await clock.sleep(for: wait)) != nil else { return }
            post(.timer)
        }
        alarm = (due, task)
    }
}
