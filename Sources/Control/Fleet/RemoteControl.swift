internal import Engine
public import Logging
public import Pipeline
internal import Settings

/// Lets a fleet change the configuration of this collector: the way from an extension to the service.
///
/// Remote documents lie over the sources of the command line and are judged like every remote change. One
/// that runs has to be confirmed: by the collector itself after it has looked at itself for a while, or by
/// the server, when that asked for it or when the change touches the way to it. What was not confirmed is
/// taken back, in this process or at the start of the next one. It makes way at once for what its server
/// offers next: that is judged by what was confirmed before both, and leads back to it.
public actor RemoteControl: ManagedCollector {
    /// What it is made of.
    public struct Parts: Sendable {
        public var engine: any ReconfigurableEngine
        public var catalog: ComponentCatalog
        public var identity: CollectorIdentity
        /// The state directory; `nil` when nothing can be kept.
        public var directory: String?
        public var clock: any PipelineClock
        public var logger: Logger
        /// Stops the process as it should be stopped, and begins it anew.
        public var restart: @Sendable () -> Void

        public init(
            engine: any ReconfigurableEngine, catalog: ComponentCatalog, identity: CollectorIdentity,
            directory: String?, clock: any PipelineClock, logger: Logger,
            restart: @escaping @Sendable () -> Void
        ) {
            self.engine = engine
            self.catalog = catalog
            self.identity = identity
            self.directory = directory
            self.clock = clock
            self.logger = logger
            self.restart = restart
        }
    }

    /// How long a change has to be confirmed when its server does not say.
    public static let usualConfirmation = Duration.seconds(120)
    /// News that are kept for a slow reader.
    static let newsLimit = 64

    let parts: Parts
    let service: ConfigurationService
    var record = RemoteRecord()
    /// What to apply next.
    var queued: RemoteConfiguration?
    var isWorking = false
    /// What ran unconfirmed when something newer came, while that is being applied in its place.
    var abandoned: RemoteRecord.Layer?
    /// When the candidate began to run.
    var appliedAt: Instant?
    var selfCheck: Task<Void, Never>?
    private let files: RemoteFiles
    private let meter = FlowMeter()
    private let inventory: ComponentInventory
    private let seats = SeatRow()
    private var readers: [Int: AsyncStream<CollectorNews>.Continuation] = [:]
    private var lastReader = 0
    private var steps: Task<Void, Never>?

    /// Makes it; `begin` has to be called when the service has started.
    public init(_ service: ConfigurationService, _ parts: Parts) {
        self.service = service
        self.parts = parts
        files = RemoteFiles(stateDirectory: parts.directory)
        inventory = ComponentInventory(parts.catalog, version: parts.identity.serviceVersion)
        do throws(StateFailure) {
            record = try files.read() ?? RemoteRecord()
        } catch {
            parts.logger.error(
                "what is kept of remote configurations cannot be read; beginning without",
                metadata: ["error": "\(error)"])
        }
    }

    deinit { steps?.cancel() }

    // MARK: - Facts

    public nonisolated var components: CollectorComponents { inventory.components }
    public nonisolated var flow: CollectorFlow { meter.read(parts.engine.snapshot()) }

    public func identity() async -> CollectorIdentity {
        var identity = parts.identity
        identity.resource = await service.resource(
            version: identity.serviceVersion, instance: identity.serviceInstance)
        return identity
    }

    public nonisolated func directory(for id: ComponentID) -> String? { files.directory(for: id) }

    public nonisolated func takeSeat(_ id: ComponentID) async throws -> CollectorSeat {
        try await seats.take(id)
    }

    public func effectiveConfiguration(_ form: ConfigurationForm) async -> String {
        let revision = await service.running.revision
        let view: ConfigurationView = form == .raw ? .raw : .effective
        do throws(ChangeFailure) {
            return try await service.document(of: revision, view).yaml()
        } catch {
            return ""
        }
    }

    // MARK: - News

    public func remoteState() async -> RemoteConfigurationState { record.state }

    public func news() async -> AsyncStream<CollectorNews> {
        lastReader += 1
        let number = lastReader
        let (stream, continuation) = AsyncStream.makeStream(
            of: CollectorNews.self, bufferingPolicy: .bufferingNewest(Self.newsLimit))
        readers[number] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.drop(number) } }
        return stream
    }

    private func drop(_ number: Int) { readers[number] = nil }

    func tell(_ news: CollectorNews) {
        for reader in readers.values { reader.yield(news) }
    }

    public func acknowledge(_ rollback: RemoteRollback) async { keep { $0.forget(rollback) } }

    /// Takes a step and writes it; when that fails, it counts for this process only.
    func keep(_ step: (inout RemoteRecord) -> Void) {
        let before = record.state
        do throws(StateFailure) {
            try write(step)
        } catch {
            parts.logger.warning(
                "what became of a remote configuration cannot be kept on disk",
                metadata: ["error": "\(error)"]
            )
        }
        if record.state != before { tell(.remote(record.state)) }
    }

    /// Takes a step and writes it.
    func write(_ step: (inout RemoteRecord) -> Void) throws(StateFailure) {
        step(&record)
        try files.write(record)
    }

    // MARK: - The beginning

    /// Compares what the last process left with what runs now; called once, when the service has started.
    public func begin() async {
        let (stream, continuation) = AsyncStream.makeStream(of: ConfigurationStep.self)
        await service.observe { continuation.yield($0) }
        await settle()
        await layConfirmed()
        steps = Task { [weak self] in
            for await step in stream { await self?.take(step) }
        }
        seats.open()
        tell(.configurationChanged)
    }

    private func settle() async {
        let running = await service.running
        keep { $0.forgetPostponed() }
        if let candidate = record.candidate {
            if candidate.revision == running.revision, running.timeLeft != nil {
                return await goOn(running.timeLeft ?? .zero)
            }
            if candidate.revision == running.revision {
                keep { $0.confirm() }
            } else {
                let reason = await fault(candidate.revision) ?? "the process ended before it was confirmed"
                keep { $0.fail(reason) }
            }
        }
        guard let confirmed = record.confirmed?.revision, confirmed != running.revision,
            let reason = await service.fault(of: confirmed)
        else { return }
        keep { $0.lose(to: running.revision, because: reason) }
    }

    private func fault(_ revision: RevisionID?) async -> String? {
        guard let revision else { return nil }
        return await service.fault(of: revision)
    }

    /// The candidate goes on waiting for its confirmation.
    private func goOn(_ timeLeft: Duration) async {
        appliedAt = parts.clock.now
        keep { record in
            let confirmation = record.candidate?.confirmation ?? .bySelf
            record.apply(confirmation)
        }
        watchCandidate(within: timeLeft)
    }

    /// Puts the confirmed documents over sources that run without them, because they are others than before.
    private func layConfirmed() async {
        await refreshOverlay()
        let running = await service.running
        guard record.candidate == nil, let layer = record.confirmed, !layer.files.isEmpty,
            layer.revision != running.revision, !running.isLayered
        else { return }
        queued =
            queued
            ?? RemoteConfiguration(
                hash: layer.hash, files: layer.files, carrier: layer.carrier,
                server: layer.server, occasion: "the sources are others than before")
        pump()
    }

    /// Lets the service put the confirmed documents over the sources whenever it reads these.
    func refreshOverlay() async {
        guard let layer = record.confirmed, !layer.files.isEmpty,
            let documents = try? await RemoteDocuments(layer.files)
        else { return await service.setOverlay(nil) }
        await service.setOverlay { documents.merged(over: $0) }
    }
}
