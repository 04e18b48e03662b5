internal import Delivery
internal import Logging
internal import NIOCore
internal import Pipeline
internal import Telemetry
internal import Transport

/// Builds a graph from a configuration beside the one that runs; nothing is opened and nothing runs yet.
struct GraphBuilder {
    let configuration: CollectorConfiguration
    let surroundings: EngineSurroundings
    /// The graph that runs, whose parts are used again where nothing has changed.
    let former: Graph?
    let continuity: Continuity
    /// Whether what is built will run; a mere check must leave no trace.
    private let isForReal: Bool

    init(
        _ configuration: CollectorConfiguration, _ surroundings: EngineSurroundings,
        after former: Graph? = nil,
        isForReal: Bool = true
    ) {
        self.configuration = configuration
        self.surroundings = isForReal ? surroundings : surroundings.withoutTrace
        self.isForReal = isForReal
        self.former = former
        continuity = Continuity(configuration, from: former)
    }

    /// Why a graph could not be built: the component and its error.
    struct Failure: Error, CustomStringConvertible {
        let kind: ComponentKind
        let id: ComponentID
        let error: ComponentError

        var description: String { "\(kind.rawValue) '\(id)': \(error)" }
    }

    /// Builds every component that is new once and throws the first error; used to check without starting.
    func probe() throws(Failure) {
        _ = try components()
    }

    /// Builds the graph on all lanes.
    func build() async throws(Failure) -> Graph {
        let graph = Graph(try components(), pipelines: orderedPipelines, lanes: surroundings.lanes)
        do throws(Failure) {
            try await buildLanes(of: graph)
        } catch {
            withdraw(graph.components)
            throw error
        }
        return graph
    }

    private func buildLanes(of graph: Graph) async throws(Failure) {
        for lane in surroundings.lanes {
            let builder = LaneBuilder(
                lane: lane, graph: graph, former: former, continuity: continuity,
                configuration: configuration, surroundings: surroundings)
            let failure = await onLoop(of: lane) { () -> Failure? in
                do throws(Failure) {
                    graph.install(try builder.build(), on: lane.index)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
    }

    /// Forgets components that were to run and will not.
    private func withdraw(_ components: GraphComponents) {
        for record in components.allRecords where former?.has(record) != true { surroundings.forget(record) }
    }

    private var orderedPipelines: [PipelineConfiguration] {
        let order = PipelineOrder(
            configuration.pipelines, connectors: Set(configuration.connectors.keys))
        return (try? order.result.get()) ?? configuration.pipelines
    }

    private func onLoop(of lane: Lane, _ work: @escaping @Sendable () -> Failure?) async -> Failure? {
        await withCheckedContinuation { continuation in
            lane.eventLoop.execute { continuation.resume(returning: work()) }
        }
    }

    // MARK: - Components that exist once

    private func components() throws(Failure) -> GraphComponents {
        var result = GraphComponents()
        do throws(Failure) {
            try addAll(to: &result)
        } catch {
            withdraw(result)
            throw error
        }
        return result
    }

    private func addAll(to result: inout GraphComponents) throws(Failure) {
        for id in configuration.enabledExtensions {
            guard let configured = configuration.extensions[id] else { continue }
            let known = former?.components.extensions.first { $0.id == id }
            result.extensions.append(
                try built(.extension, id, known, extensions: result.extensions, configured.make))
        }
        for (id, configured) in ordered(configuration.receivers) where isUsed(.receiver, id) {
            result.receivers[id] = try built(
                .receiver, id, former?.components.receivers[id], extensions: result.extensions,
                configured.make)
        }
        for (id, step) in ordered(configuration.steps) where isUsed(.processor, id) {
            result.processors[id] = try probed(
                .processor, id, former?.components.processors[id], result.extensions, step.probe)
        }
        for (id, connector) in ordered(configuration.connectors) where isUsed(.connector, id) {
            result.connectors[id] = try probed(
                .connector, id, former?.components.connectors[id], result.extensions, connector.probe)
        }
        for (id, configured) in ordered(configuration.exporters) where isUsed(.exporter, id) {
            let exporter = try built(
                .exporter, id, former?.components.exporters[id], extensions: result.extensions,
                configured.make)
            result.exporters[id] = exporter
            for pipeline in configuration.pipelines where pipeline.exporters.contains(id) {
                let key = Graph.EndKey(exporter: id, signal: pipeline.id.signal)
                try addEnd(key, exporter.record, exporter.component, &result)
            }
        }
        try addConnectorQueues(&result)
        for pipeline in configuration.pipelines { addLedgers(pipeline, &result) }
    }

    private func isUsed(_ kind: ComponentKind, _ id: ComponentID) -> Bool {
        configuration.identity(of: kind, id) != nil
    }

    /// The component that runs already, or a new one.
    private func built<Instance: Sendable>(
        _ kind: ComponentKind, _ id: ComponentID, _ known: Built<Instance>?,
        extensions: [Built<any Extension>], _ make: (Context) throws(ComponentError) -> Instance
    ) throws(Failure) -> Built<Instance> {
        if let known, continuity.keeps(kind, id) { return known }
        let record = record(kind, id, extensions)
        return Built(record: record, component: try attempt(record, make))
    }

    /// Who a processor or connector is; builds it once to find out whether its settings can work.
    private func probed(
        _ kind: ComponentKind, _ id: ComponentID, _ known: ComponentRecord?,
        _ extensions: [Built<any Extension>], _ probe: (Context) throws(ComponentError) -> Void
    ) throws(Failure) -> ComponentRecord {
        if let known, continuity.keeps(kind, id) { return known }
        let record = record(kind, id, extensions)
        try attempt(record, probe)
        return record
    }

    private func record(
        _ kind: ComponentKind, _ id: ComponentID, _ extensions: [Built<any Extension>]
    ) -> ComponentRecord {
        let found = extensions.map { ($0.id, $0.component) }
        return ComponentRecord(
            kind: kind, id: id,
            identity: configuration.identity(of: kind, id) ?? ComponentIdentity(type: id.type, settings: nil),
            instance: isForReal ? surroundings.statuses.register(kind, id) : 0,
            lookup: ExtensionLookup(Dictionary(found) { first, _ in first }),
            listeners: surroundings.listeners.share())
    }

    private func attempt<Result>(
        _ record: ComponentRecord, _ make: (Context) throws(ComponentError) -> Result
    ) throws(Failure) -> Result {
        do throws(ComponentError) {
            return try make(surroundings.context(record))
        } catch {
            surroundings.forget(record)
            throw Failure(kind: record.kind, id: record.id, error: error)
        }
    }

    private func ordered<Value>(_ items: [ComponentID: Value]) -> [(key: ComponentID, value: Value)] {
        items.sorted { $0.key.description < $1.key.description }
    }

    // MARK: - Queues

    /// The queues of connectors that have one; where an exporter has the same id, it is the exporter that
    /// pipelines name.
    private func addConnectorQueues(_ result: inout GraphComponents) throws(Failure) {
        for (id, record) in result.connectors where result.exporters[id] == nil {
            guard let delivery = configuration.connectors[id]?.delivery else { continue }
            for pipeline in configuration.pipelines where pipeline.exporters.contains(id) {
                let key = Graph.EndKey(exporter: id, signal: pipeline.id.signal)
                try addEnd(key, record, ConnectorEnd(delivery, lanes: surroundings.lanes), &result)
            }
        }
    }

    private func addEnd(
        _ key: Graph.EndKey, _ record: ComponentRecord, _ exporter: any Exporter,
        _ result: inout GraphComponents
    ) throws(Failure) {
        guard result.ends[key] == nil else { return }
        if continuity.keeps(record.kind, key.exporter), let known = former?.components.ends[key] {
            result.ends[key] = known
            result.batchings[key] = former?.components.batchings[key]
            return
        }
        result.ends[key] = try end(key, record, exporter, result.extensions)
        result.batchings[key] = batching(key, exporter)
    }

    private func end(
        _ key: Graph.EndKey, _ record: ComponentRecord, _ exporter: any Exporter,
        _ extensions: [Built<any Extension>]
    ) throws(Failure) -> ExporterEnd {
        let meters = DeliveryMeters(exporter: key.exporter, signal: key.signal, metrics: surroundings.metrics)
        if let direct = exporter as? any DirectExporter { return .direct(direct, meters) }
        let delivery = exporter.delivery
        let lookup = StorageLookup(exporter: record, extensions: extensions)
        let context = surroundings.context(record)
        let connector = exporter as? ConnectorEnd
        // A connector says itself how it is doing.
        let isSilent = connector != nil
        let queue = DeliveryQueue(
            exporter: exporter, settings: delivery,
            surroundings: .init(
                id: key.exporter, lanes: surroundings.lanes, clock: surroundings.clock,
                logger: context.logger, meters: meters, memory: surroundings.memory,
                status: { if !isSilent { context.status($0) } },
                storage: try lookup.queue(delivery, key.signal),
                deadLetters: try lookup.deadLetters(delivery, key.signal),
                dropped: { [drops = surroundings.drops] in drops.note($0, record.kind, key.exporter) }))
        return .queued(queue, connector: connector)
    }

    private func batching(_ key: Graph.EndKey, _ exporter: any Exporter) -> QueueBatching? {
        // Profiles cannot be joined, so there is nothing they could wait for.
        guard key.signal != .profiles, !(exporter is any DirectExporter),
            let settings = exporter.delivery.sendingQueue.batching
        else { return nil }
        return QueueBatching(
            settings, exporter: key.exporter, signal: key.signal, metrics: surroundings.metrics,
            clock: surroundings.clock)
    }

    // MARK: - Ledgers

    private func addLedgers(_ pipeline: PipelineConfiguration, _ result: inout GraphComponents) {
        let known = surroundings.ledgers.known(pipeline.id)
        result.ledgers[pipeline.id] = known ?? PipelineLedger(id: pipeline.id)
        for id in pipeline.processors where known?.step(id) == nil {
            result.newSteps[Graph.StepKey(pipeline: pipeline.id, processor: id)] = StepLedger(
                processor: id, signal: pipeline.id.signal, metrics: surroundings.metrics)
        }
        if continuity.pipelines.contains(pipeline.id), let tail = former?.components.tails[pipeline.id] {
            result.tails[pipeline.id] = tail
            return
        }
        result.tails[pipeline.id] = PipelineTail(
            pipeline.exporters.map { ($0, DeliveryAccount(pipeline: pipeline.id)) })
    }
}
