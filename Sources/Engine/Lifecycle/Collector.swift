internal import Logging
internal import NIOCore
internal import NIOPosix
public import Pipeline
internal import Synchronization

/// The collector of a process: runs one configuration at a time and replaces it on request.
public actor Collector {
    private let surroundings: EngineSurroundings
    private let group: MultiThreadedEventLoopGroup
    private let startedAt: UInt64
    private let startInstant: Instant
    private let published: PublishedGraph
    private let logger: Logger
    private var configuration: CollectorConfiguration?
    private var ownMetrics = OwnMetrics()
    private let version: String
    private let instance = InstanceID.random()
    private var memoryWatch: Task<Void, Never>?

    /// Makes a collector with one lane for each of `threads`.
    public init(log: LogOutput, threads: Int, version: String) {
        AllocatorPolicy.apply(limit: nil)
        self.version = version
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(threads, 1))
        var lanes: [Lane] = []
        for loop in group.makeIterator() { lanes.append(Lane(index: lanes.count, eventLoop: loop)) }
        logger = log.logger()
        surroundings = EngineSurroundings(lanes: lanes, log: log, version: version)
        let clock = surroundings.clock
        startedAt = clock.unixNanoseconds
        startInstant = clock.now
        published = PublishedGraph()
        ProcessFacts.publish(in: surroundings.metrics, clock: clock)
        MemoryFacts.publish(surroundings.memory, in: surroundings.metrics)
    }

    /// Builds every component of `configuration` without starting anything; throws what does not work.
    public func probe(_ configuration: CollectorConfiguration) throws(StartFailure) {
        do throws(GraphBuilder.Failure) {
            try GraphBuilder(configuration: configuration, surroundings: surroundings).probe()
        } catch {
            throw StartFailure(error)
        }
    }

    /// Starts the first configuration.
    public func start(_ configuration: CollectorConfiguration) async throws(StartFailure) {
        let graph = try await build(configuration)
        try await launch(graph, configuration)
        await publishOwnMetrics(configuration.telemetry)
    }

    /// Replaces the running configuration.
    ///
    /// The new graph is built before the old one is touched, so a configuration that cannot be built leaves
    /// everything as it was. When the new one cannot be started, the old one is started again.
    public func replace(with configuration: CollectorConfiguration) async throws(StartFailure) {
        guard let previous = self.configuration, let running = published.graph else {
            return try await start(configuration)
        }
        let graph = try await build(configuration)
        let receipt = await running.stop(within: previous.shutdownTimeout)
        logger.info("the previous configuration has been drained", metadata: ["receipt": "\(receipt)"])
        surroundings.statuses.removeAll()
        do throws(StartFailure) {
            try await launch(graph, configuration)
        } catch {
            logger.error(
                "the new configuration could not be started, going back", metadata: ["error": "\(error)"])
            let old = try await build(previous)
            try await launch(old, previous)
            throw error
        }
        await publishOwnMetrics(configuration.telemetry)
    }

    /// Starts the readers that are configured, in place of those that run.
    private func publishOwnMetrics(_ telemetry: TelemetrySettings) async {
        await ownMetrics.stop()
        ownMetrics = await OwnMetrics(
            telemetry.metrics, resource: telemetry.resourceAttributes(version: version, instance: instance),
            startedAt: startedAt, surroundings)
    }

    /// Stops everything within the configured time and says what became of the data.
    public func stop() async -> ShutdownReceipt {
        let budget = configuration?.shutdownTimeout ?? .seconds(1)
        let receipt =
            await published.graph?.stop(within: budget)
            ?? ShutdownReceipt([], recovered: [], lostInSteps: 0, took: .zero)
        memoryWatch?.cancel()
        await ownMetrics.stop()
        try? await group.shutdownGracefully()
        return receipt
    }

    /// Returns when a component has reported that the process cannot go on.
    public nonisolated func fatalError() async { await surroundings.statuses.fatalError() }

    private func build(_ configuration: CollectorConfiguration) async throws(StartFailure) -> Graph {
        do throws(GraphBuilder.Failure) {
            return try await GraphBuilder(configuration: configuration, surroundings: surroundings).build()
        } catch {
            throw StartFailure(error)
        }
    }

    private func launch(_ graph: Graph, _ configuration: CollectorConfiguration) async throws(StartFailure) {
        let health = { @Sendable [published, surroundings, startedAt, startInstant] in
            CollectorHealth(
                isReady: published.graph?.isReady ?? false, startedAt: startedAt,
                uptime: surroundings.clock.now - startInstant, components: surroundings.statuses.all)
        }
        watchMemory()
        do throws(GraphBuilder.Failure) {
            published.graph = try await RunningGraph.start(graph, surroundings, health: health)
        } catch {
            throw StartFailure(error)
        }
        self.configuration = configuration
    }

    /// Looks at the size of the process for as long as a configuration limits it.
    private func watchMemory() {
        memoryWatch?.cancel()
        memoryWatch = nil
        guard surroundings.memory.limits != nil else { return }
        // A limit that the process is above already counts for the first request, too.
        surroundings.memory.check()
        memoryWatch = Task { [surroundings] in await surroundings.memory.keepWatch(surroundings.clock) }
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

    public var description: String { "\(kind.rawValue) '\(id)': \(error)" }
}

/// The graph that runs now, for readers on other threads.
private final class PublishedGraph: Sendable {
    private let state = Mutex<RunningGraph?>(nil)

    var graph: RunningGraph? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
