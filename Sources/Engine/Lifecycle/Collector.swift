internal import Delivery
internal import Logging
internal import NIOCore
internal import NIOPosix
public import Pipeline
internal import Settings
internal import Synchronization
internal import Transport

/// The collector of a process: runs one configuration at a time and replaces it on request.
public actor Collector {
    /// Changes are prepared beside telemetry, not among it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { BackgroundThread.shared.executor }

    let surroundings: EngineSurroundings
    private let group: MultiThreadedEventLoopGroup
    private let startedAt: UInt64
    private let startInstant: Instant
    let published = PublishedGraph()
    private let management = Management()
    private let pulse: CollectorPulse
    private let logger: Logger
    private var configuration: CollectorConfiguration?
    private var ownMetrics = OwnMetrics()
    private let version: String
    private let instance = InstanceID.random()
    private var memoryWatch: Task<Void, Never>?
    private var ledgerWatch: Task<Void, Never>?
    /// Changes happen one after the other.
    private var isChanging = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// What leaves after a change and has not ended yet.
    private var departures: [Int: (departure: Departure, task: Task<ShutdownReceipt, Never>)] = [:]
    private var nextDeparture = 0

    /// How many changes may have something that still drains; the next one waits for the oldest.
    private static let departureLimit = 8

    /// Makes a collector with one lane for each of `threads`.
    public init(log: LogOutput, threads: Int, version: String) {
        AllocatorPolicy.apply(limit: nil)
        self.version = version
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(threads, 1))
        var lanes: [Lane] = []
        for loop in group.makeIterator() { lanes.append(Lane(index: lanes.count, eventLoop: loop)) }
        logger = log.logger()
        surroundings = EngineSurroundings(lanes: lanes, log: log, version: version, instanceID: instance)
        pulse = CollectorPulse(surroundings)
        let clock = surroundings.clock
        startedAt = clock.unixNanoseconds
        startInstant = clock.now
        ProcessFacts.publish(in: surroundings.metrics, clock: clock)
        MemoryFacts.publish(surroundings.memory, in: surroundings.metrics)
    }

    /// Builds every component of `configuration` that does not run already, without starting anything; throws
    /// what does not work.
    public func probe(_ configuration: CollectorConfiguration) throws(StartFailure) {
        do throws(GraphBuilder.Failure) {
            try GraphBuilder(
                configuration, surroundings, after: published.graph?.graph, isForReal: false
            ).probe()
        } catch {
            throw StartFailure(error)
        }
    }

    /// What `configuration` would change; throws what does not work about it.
    public func plan(_ configuration: CollectorConfiguration) throws(StartFailure) -> ReconfigurationPlan {
        try probe(configuration)
        return ReconfigurationPlanner(from: self.configuration, published.graph?.graph, to: configuration)
            .plan
    }

    /// Starts the first configuration.
    public func start(_ configuration: CollectorConfiguration) async throws(StartFailure) {
        _ = try await replace(with: configuration)
    }

    /// Replaces the running configuration without a pause.
    ///
    /// What the new one has anew is built and started beside what runs; then everything that comes in is led
    /// to it, lane by lane in one job each; then what is not needed any more drains in the background. What
    /// did not change goes on as the same object. When anything about the new configuration fails, the old
    /// one has not been touched.
    public func replace(
        with configuration: CollectorConfiguration
    ) async throws(StartFailure) -> Reconfiguration {
        await takeTurn()
        defer { endTurn() }
        return try await exchange(configuration)
    }

    private func takeTurn() async {
        guard isChanging else { return isChanging = true }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func endTurn() {
        guard !waiting.isEmpty else { return isChanging = false }
        waiting.removeFirst().resume()
    }

    private func exchange(
        _ configuration: CollectorConfiguration
    ) async throws(StartFailure) -> Reconfiguration {
        pulse.start { [published] in published.graph }
        let begin = surroundings.clock.now
        let former = published.graph
        let builder = GraphBuilder(configuration, surroundings, after: former?.graph)
        let plan = ReconfigurationPlanner(from: self.configuration, former?.graph, to: configuration).plan
        await waitForDirectories(of: configuration)
        let running: RunningGraph
        do throws(GraphBuilder.Failure) {
            let graph = try await builder.build()
            running = try await change(to: graph, from: former)
        } catch {
            throw StartFailure(error)
        }
        let swapped = surroundings.clock.now - begin
        let previous = self.configuration
        self.configuration = configuration
        publishQueues(of: running.graph)
        watch()
        await publishOwnMetrics(configuration.telemetry, before: previous?.telemetry)
        if let former { leave(former, for: running, within: previous?.shutdownTimeout ?? .seconds(25)) }
        return Reconfiguration(plan: plan, swapped: swapped)
    }

    /// Starts `graph` beside `former` and leads everything to it.
    private func change(
        to graph: Graph, from former: RunningGraph?
    ) async throws(GraphBuilder.Failure) -> RunningGraph {
        surroundings.listeners.beginHandover(from: former.map { leavingListeners($0.graph, graph) } ?? [])
        defer { surroundings.listeners.endHandover() }
        let leaving = departures.values.map { $0.departure.leaving }
        // Elsewhere: what components start must not inherit how little this thread matters.
        let start = Task.detached { [surroundings, health, managed = management.collector] in
            let result: Result<RunningGraph, GraphBuilder.Failure>
            do throws(GraphBuilder.Failure) {
                let running = try await RunningGraph.start(
                    graph, after: former, surroundings, managed: managed, health: health)
                await running.takeOver(from: former, leaving)
                result = .success(running)
            } catch {
                result = .failure(error)
            }
            return result
        }
        let running = try await start.value.get()
        published.graph = running
        return running
    }

    private func leavingListeners(_ former: Graph, _ next: Graph) -> [ListenerShare] {
        former.components.allRecords.filter { !next.has($0) }.map { $0.listeners }
    }

    /// How the collector is doing at the moment of the call.
    public nonisolated var health: @Sendable () -> CollectorHealth {
        { [published, surroundings, startedAt, startInstant] in
            HealthMaker(published.graph, surroundings.statuses)
                .health(startedAt: startedAt, uptime: surroundings.clock.now - startInstant)
        }
    }

    /// Gives extensions that start from now on a way to be managed from far away.
    public nonisolated func manage(with collector: any ManagedCollector) { management.collector = collector }

    /// Who the process is, whatever its configuration says about that.
    public nonisolated var identity: CollectorIdentity {
        CollectorIdentity(
            serviceVersion: version, serviceInstance: instance, hostName: HostFacts.name,
            osDescription: HostFacts.system, architecture: ProcessFacts.architecture, startedAt: startedAt)
    }

    /// Whether a configuration is in force.
    public nonisolated var hasConfiguration: Bool { published.graph != nil }

    /// Notices event loops that hang; watches from the first start on.
    public nonisolated var watchdog: LoopWatchdog { pulse.watchdog }

    /// What passes each edge of the graph per second; sampled from the first start on.
    public nonisolated var rates: RateWindows { pulse.rates }

    /// The collector at this moment.
    public nonisolated func snapshot() -> CollectorSnapshot {
        SnapshotMaker(published.graph, surroundings, uptime: surroundings.clock.now - startInstant).snapshot
    }

    /// The graph that runs now.
    nonisolated var runningGraph: Graph? { published.graph?.graph }

    /// What components of the graph share.
    nonisolated var shared: EngineSurroundings { surroundings }

    /// What has happened to the collector, and a stream of what happens next.
    public nonisolated var events: EventLog { surroundings.events }

    /// Everything that the collector publishes about itself.
    public nonisolated var metrics: Metrics { surroundings.metrics }

    /// Why telemetry did not get where it was meant to go.
    public nonisolated var drops: DropLog { surroundings.drops }

    /// Returns when a component has reported that the process cannot go on.
    public nonisolated func fatalError() async { await surroundings.statuses.fatalError() }
}

// MARK: - What leaves

extension Collector {
    /// Ends in the background what `former` has and `running` does not.
    private func leave(_ former: RunningGraph, for running: RunningGraph, within budget: Duration) {
        let departure = Departure(of: former, before: running, surroundings)
        guard !departure.isEmpty else { return }
        let number = nextDeparture
        nextDeparture += 1
        let earlier = departures.values.map { $0.departure }
        let task = Task { await departure.run(within: budget, after: earlier) }
        departures[number] = (departure, task)
        Task {
            let receipt = await task.value
            departures[number] = nil
            // Not in the middle of a change, which may bring back what is gone.
            await takeTurn()
            closeBooks(departure, receipt)
            endTurn()
        }
    }

    /// Says what became of what is gone, and forgets what nothing of the same name has replaced.
    private func closeBooks(_ departure: Departure, _ receipt: ShutdownReceipt) {
        logger.info(
            "the parts that the new configuration does not have are drained and gone",
            metadata: ["receipt": "\(receipt)"])
        guard let current = published.graph?.graph else { return }
        for pipeline in departure.pipelines
        where current.components.ledgers[pipeline] == nil {
            surroundings.ledgers.remove(pipeline)
        }
        for ledger in current.components.ledgers.values {
            ledger.settle()
            let pipeline = current.pipelines.first { $0.id == ledger.id }
            if departures.isEmpty { ledger.closeSteps(except: pipeline?.processors ?? []) }
        }
        for record in departure.records where !current.names(record) {
            surroundings.metrics.remove(whereLabel: record.kind.rawValue, is: record.id.description)
        }
    }

    /// Waits for queues on disk that are leaving and come back with this configuration.
    ///
    /// Those that the graph has that runs now are handed over and need no waiting.
    private func waitForDirectories(of configuration: CollectorConfiguration) async {
        let running = published.graph?.graph.components.ends ?? [:]
        let coming = configuration.ends.filter { running[$0] == nil }
        for departure in Array(departures.values) where !departure.departure.occupied.isDisjoint(with: coming)
        {
            _ = await departure.task.value
        }
        while departures.count >= Self.departureLimit, let oldest = departures.keys.min() {
            _ = await departures[oldest]?.task.value
            departures[oldest] = nil
        }
    }

    /// Stops everything within the configured time and says what became of the data.
    public func stop() async -> ShutdownReceipt {
        await takeTurn()
        let budget = configuration?.shutdownTimeout ?? .seconds(1)
        var receipt = ShutdownReceipt([], recovered: [], lostInSteps: 0, took: .zero)
        if let running = published.graph {
            let earlier = departures.values.map { $0.departure }
            receipt = await Departure(of: running, before: nil, surroundings)
                .run(within: budget, after: earlier)
        }
        for departure in Array(departures.values) {
            departure.departure.cutShort()
            _ = await departure.task.value
        }
        endTurn()
        memoryWatch?.cancel()
        ledgerWatch?.cancel()
        await pulse.stop()
        await ownMetrics.stop()
        try? await group.shutdownGracefully()
        return receipt
    }
}

// MARK: - What watches and tells

extension Collector {
    /// Starts the readers that are configured, in place of those that run, unless they are the same.
    private func publishOwnMetrics(_ telemetry: TelemetrySettings, before: TelemetrySettings?) async {
        if let before, before.tree(.revealed) == telemetry.tree(.revealed) { return }
        await ownMetrics.stop()
        ownMetrics = await OwnMetrics(
            telemetry.metrics, resource: telemetry.resourceAttributes(version: version, instance: instance),
            startedAt: startedAt, surroundings)
    }

    /// Looks at the size of the process for as long as a configuration limits it, and at the ledgers.
    private func watch() {
        memoryWatch?.cancel()
        memoryWatch = nil
        if surroundings.memory.limits != nil {
            // A limit that the process is above already counts for the first request, too.
            surroundings.memory.check()
            memoryWatch = Task { [surroundings] in await surroundings.memory.keepWatch(surroundings.clock) }
        }
        guard ledgerWatch == nil else { return }
        let watch = LedgerWatch(surroundings.ledgers, surroundings)
        ledgerWatch = Task { await watch.run() }
    }

    private func publishQueues(of graph: Graph) {
        for (key, end) in graph.components.ends {
            if let queue = end.queue { QueueMetrics(queue, key).publish(in: surroundings.metrics) }
        }
        for batching in graph.components.batchings.values { batching.publish(in: surroundings.metrics) }
    }
}

/// Why a configuration could not be built or started.
public struct StartFailure: Error, Sendable, CustomStringConvertible {
    /// The component that failed.
    public let kind: ComponentKind
    public let id: ComponentID
    /// What it said.
    public let error: ComponentError

    init(_ failure: GraphBuilder.Failure) {
        kind = failure.kind
        id = failure.id
        error = failure.error
    }

    public var description: String {
        "\(kind.rawValue) '\(id)': \(error.key.map { "\($0): " } ?? "")\(error)"
    }
}

/// The graph that runs now, for readers on other threads.
final class PublishedGraph: Sendable {
    private let state = Mutex<RunningGraph?>(nil)

    var graph: RunningGraph? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Who manages the collector; set once, before the first start.
private final class Management: Sendable {
    private let state = Mutex<(any ManagedCollector)?>(nil)

    var collector: (any ManagedCollector)? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
