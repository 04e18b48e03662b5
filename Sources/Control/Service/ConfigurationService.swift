public import Engine
public import Logging
public import Pipeline
public import Settings
public import Transport

/// Keeps the configuration of one collector: every change of it, from wherever it comes, goes through here.
///
/// A change is edited into the raw configuration, compared with the local policy, expanded, decoded and
/// planned before the engine sees it; it is on disk before it runs, and in the audit log before that. Changes
/// happen one after the other: those of this machine wait for their turn, remote ones are told to come again.
///
/// Where there is no state directory, remote changes are refused, because nothing could be kept of them;
/// reading the sources again works. When the audit log cannot be written, remote changes are refused; what
/// this machine's administrator does, and going back, is done with a warning.
public actor ConfigurationService: ConfigurationControl {
    /// Changes are prepared beside telemetry, not among it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { BackgroundThread.shared.executor }

    /// The bounds of the time within which a change has to be confirmed.
    public static let confirmationBounds = Duration.seconds(1)...Duration.seconds(86_400)
    /// How long a change that needs no confirmation is watched; what the gates find is only reported then.
    public static let selfCheck = Duration.seconds(30)

    /// What the service is made of.
    public struct Parts: Sendable {
        public var engine: any ReconfigurableEngine
        public var policy: Policy
        /// Addresses of the admin API and the probes, which no remote change may use.
        public var ownAddresses: [ListenAddress]
        /// Where writes are recorded; `nil` without a state directory.
        public var audit: AuditLog?
        public var clock: any PipelineClock
        public var logger: Logger
        /// Called with every configuration that begins to run.
        public var changed: @Sendable (CollectorConfiguration) -> Void

        public init(
            engine: any ReconfigurableEngine, policy: Policy = Policy(), ownAddresses: [ListenAddress] = [],
            audit: AuditLog? = nil, clock: any PipelineClock = SystemClock(), logger: Logger,
            changed: @escaping @Sendable (CollectorConfiguration) -> Void = { _ in }
        ) {
            self.engine = engine
            self.policy = policy
            self.ownAddresses = ownAddresses
            self.audit = audit
            self.clock = clock
            self.logger = logger
            self.changed = changed
        }
    }

    let parts: Parts
    let reader: ConfigurationReader
    var store: RevisionStore
    var boot: Boot
    var active: RunningConfiguration
    /// What runs again when the active one is not confirmed; `nil` when it has to be read from the disk.
    var fallback: RunningConfiguration?
    /// What the sources of the command line said when they were read last.
    var base: RevisionID?
    var baseline = HealthBaseline()
    var watched: Watched?
    var watch: Task<Void, Never>?
    /// When the active revision began to run.
    var runningSince: Instant
    /// Nothing is changed any more, because the process stops.
    var isStopped = false
    /// Puts over the sources what is kept beside them, whenever they are read again.
    var overlay: (@Sendable (Tree) -> Tree)?
    private var observers: [@Sendable (ConfigurationStep) -> Void] = []
    private var isChanging = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// A change that the gates look at.
    struct Watched: Sendable {
        let number: Int
        let since: Instant
        /// Time that had passed in earlier processes.
        let elapsedBefore: Duration
        /// `nil` when it is confirmed already, and only a report is wanted.
        let within: Duration?
        var gate: HealthGate
        var isReported = false
        var goBackFailed = false
    }

    /// Makes the service with the choice of what to start with; nothing runs before `start`.
    public init(_ parts: Parts, _ boot: Boot) {
        self.parts = parts
        self.boot = boot
        reader = boot.reader
        runningSince = parts.clock.now
        store = boot.store
        let idle = StoredRevision(
            number: 0, time: parts.clock.unixNanoseconds,
            origin: ChangeOrigin(.commandLine, actor: "built-in"), sources: boot.reader.commandLine,
            base: nil,
            isLayered: false, document: .empty)
        active = RunningConfiguration(idle, raw: .empty, expanded: .empty, .idle)
    }

    // MARK: - Turns

    /// Waits for the turn of a change; one over the API does not wait, since there may be many of them.
    func takeTurn(_ origin: ChangeOrigin) async throws(ChangeFailure) {
        guard !isStopped else { throw .busy("the process stops") }
        if isChanging {
            guard origin.channel != .api else { throw .busy("another change is under way; try again") }
            await withCheckedContinuation { waiting.append($0) }
            guard isStopped else { return }
            endTurn()
            throw .busy("the process stops")
        }
        isChanging = true
    }

    func endTurn() {
        guard !waiting.isEmpty else { return isChanging = false }
        waiting.removeFirst().resume()
    }

    // MARK: - Questions

    public func state() async -> ConfigurationState {
        let history = store.history
        func summary(_ number: Int?) -> Revision? {
            number.flatMap { store.revisions[$0] }.map { store.summary(of: $0) }
        }
        return ConfigurationState(
            active: activeSummary, confirmed: summary(history.confirmed),
            lastFailed: summary(history.lastFailed), confirmWithin: timeLeft)
    }

    var activeSummary: Revision {
        let summary = store.summary(of: active.revision)
        guard active.revision.number == 0 else { return summary }
        return Revision(
            id: summary.id, number: 0, time: summary.time, origin: summary.origin, status: .active,
            reason: "there was nothing else to start with")
    }

    /// Time left to confirm the active revision.
    var timeLeft: Duration? {
        guard let watched, let within = watched.within else { return nil }
        return max(within - elapsed(watched), .zero)
    }

    func elapsed(_ watched: Watched) -> Duration {
        watched.elapsedBefore + (parts.clock.now - watched.since)
    }

    public func revisions() async -> [Revision] {
        store.revisions.values.sorted { $0.number > $1.number }.map { store.summary(of: $0) }
    }

    public func document(
        of revision: RevisionID, _ view: ConfigurationView
    ) async throws(ChangeFailure) -> Tree {
        if revision == active.revision.id {
            return view == .effective ? active.effective : active.secrets.hiding(active.raw)
        }
        guard let stored = store.revision(revision) else {
            throw .unknown("there is no revision \(revision)")
        }
        let reading = await reader.read(stored.document)
        guard let expanded = reading.expanded, let configuration = reading.configuration else {
            throw .invalid(reading.diagnostics.filter { $0.severity == .error })
        }
        let found = RunningConfiguration(stored, raw: stored.document, expanded: expanded, configuration)
        return view == .effective ? found.effective : found.secrets.hiding(found.raw)
    }

    /// How many pipelines run, in words.
    public var pipelineCount: String {
        let count = active.configuration.pipelines.count
        return "\(count) \(count == 1 ? "pipeline runs" : "pipelines run")"
    }

    public func explanation() async -> [ExplainedValue] { active.explanation }

    // MARK: - Notes

    /// Tells `observer` of every step from now on, in order; it must not wait.
    func observe(_ observer: @escaping @Sendable (ConfigurationStep) -> Void) { observers.append(observer) }

    func announce(_ step: ConfigurationStep) {
        for observer in observers { observer(step) }
    }

    /// Adds to the audit log; throws when that fails and the origin is remote.
    func record(
        _ action: String, _ origin: ChangeOrigin, after: RevisionID? = nil, _ result: AuditEntry.Result,
        _ message: String? = nil
    ) throws(ChangeFailure) {
        guard let audit = parts.audit else { return }
        let entry = AuditEntry(
            action, by: origin, before: active.revision.id, after: after, result: result, message: message)
        do throws(StateFailure) {
            try audit.append(entry)
        } catch {
            parts.logger.warning(
                "the audit log cannot be written; remote changes are refused", metadata: ["error": "\(error)"]
            )
            if origin.isRemote { throw .storage("the audit log cannot be written: \(error)") }
        }
    }

    /// Takes a step of the history; one that cannot be written is remembered until the process ends.
    func keep(_ step: (inout RevisionHistory) -> Void) {
        do throws(StateFailure) {
            try store.update(step)
            try store.prune()
        } catch {
            parts.logger.warning(
                "what became of the configuration cannot be kept on disk", metadata: ["error": "\(error)"])
            store.remember(step)
        }
    }
}
