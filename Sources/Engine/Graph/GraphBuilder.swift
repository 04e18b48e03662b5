internal import Delivery
internal import Logging
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// Builds a graph from a configuration; nothing is opened and nothing runs yet.
struct GraphBuilder {
    let configuration: CollectorConfiguration
    let surroundings: EngineSurroundings

    /// Why a graph could not be built: the component and its error.
    struct Failure: Error, CustomStringConvertible {
        let kind: ComponentKind
        let id: ComponentID
        let error: ComponentError

        var description: String { "\(kind.rawValue) '\(id)': \(error)" }
    }

    /// Builds every component once and throws the first error; used to validate without starting.
    func probe() throws(Failure) {
        for (id, step) in ordered(configuration.steps) {
            try attempt(.processor, id) { (context) throws(ComponentError) in try step.probe(context) }
        }
        for (id, connector) in ordered(configuration.connectors) {
            try attempt(.connector, id) { (context) throws(ComponentError) in try connector.probe(context) }
        }
        _ = try components(ordered: configuration.pipelines)
    }

    /// Builds the graph on all lanes.
    func build() async throws(Failure) -> Graph {
        try probe()
        let pipelines = (try? PipelineOrder(configuration.pipelines).result.get()) ?? configuration.pipelines
        let components = try components(ordered: pipelines)
        let graph = Graph(components, pipelines: pipelines, lanes: surroundings.lanes)
        let joints = ConnectorJoints(graph: graph, configuration: configuration)
        for lane in surroundings.lanes {
            let builder = LaneBuilder(
                lane: lane, graph: graph, configuration: configuration, surroundings: surroundings,
                joints: joints)
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
        joints.connect()
        // Only now: a configuration that cannot be built must not touch what the running one publishes.
        for ledger in graph.ledgers { ledger.publish(in: surroundings.metrics) }
        for batching in graph.batchings.values { batching.publish(in: surroundings.metrics) }
        for (key, end) in graph.ends {
            if let queue = end.queue { publish(queue, key) }
        }
        return graph
    }

    private func onLoop(of lane: Lane, _ work: @escaping @Sendable () -> Failure?) async -> Failure? {
        await withCheckedContinuation { continuation in
            lane.eventLoop.execute { continuation.resume(returning: work()) }
        }
    }

    // MARK: - Components that exist once

    private func components(ordered pipelines: [PipelineConfiguration]) throws(Failure) -> GraphComponents {
        var result = GraphComponents()
        for (id, configured) in ordered(configuration.receivers)
        where pipelines.contains(where: { $0.receivers.contains(id) }) {
            let receiver = try attempt(.receiver, id, configured.make)
            result.receivers.append((id, receiver))
        }
        for id in configuration.enabledExtensions {
            guard let configured = configuration.extensions[id] else { continue }
            result.extensions.append((id, try attempt(.extension, id, configured.make)))
        }
        for (id, configured) in ordered(configuration.exporters)
        where pipelines.contains(where: { $0.exporters.contains(id) }) {
            let exporter = try attempt(.exporter, id, configured.make)
            result.exporters.append((id, exporter))
            for pipeline in pipelines where pipeline.exporters.contains(id) {
                let key = Graph.EndKey(exporter: id, signal: pipeline.id.signal)
                if result.ends[key] == nil { result.ends[key] = try end(key, exporter, result.extensions) }
                result.batchings[key] = batching(key, exporter)
            }
        }
        result.ledgers = pipelines.map { ledger(of: $0) }
        return result
    }

    private func end(
        _ key: Graph.EndKey, _ exporter: any Exporter,
        _ extensions: [(id: ComponentID, extension: any Extension)]
    ) throws(Failure) -> ExporterEnd {
        let meters = DeliveryMeters(exporter: key.exporter, signal: key.signal, metrics: surroundings.metrics)
        if let direct = exporter as? any DirectExporter { return .direct(direct, meters) }
        let lookup = StorageLookup(exporter: key.exporter, extensions: extensions)
        let context = surroundings.context(.exporter, key.exporter)
        return .queued(
            DeliveryQueue(
                exporter: exporter, settings: exporter.delivery,
                surroundings: .init(
                    id: key.exporter, lanes: surroundings.lanes, clock: surroundings.clock,
                    logger: context.logger, meters: meters, memory: surroundings.memory,
                    status: context.status,
                    storage: try lookup.queue(exporter.delivery, key.signal),
                    deadLetters: try lookup.deadLetters(exporter.delivery, key.signal))))
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

    private func publish(_ queue: DeliveryQueue, _ key: Graph.EndKey) {
        let labels: Metrics.Labels = [
            ("data_type", key.signal.rawValue), ("exporter", key.exporter.description),
        ]
        surroundings.metrics.observe(
            "otelcol_exporter_queue_size", "What the sending queue holds, in the unit of its sizer.",
            labels: labels
        ) { [weak queue] in Double(queue?.size ?? 0) }
        surroundings.metrics.observe(
            "otelcol_exporter_queue_capacity", "What fits into the sending queue.", labels: labels
        ) { [weak queue] in Double(queue?.capacity ?? 0) }
        surroundings.metrics.observe(
            "otelcol_exporter_in_flight_requests", "Batches being sent.", labels: labels
        ) { [weak queue] in Double(queue?.requestsInFlight ?? 0) }
        if queue.concurrencyLimit != nil {
            surroundings.metrics.observe(
                "apus_exporter_concurrency_limit", "Batches that may be sent at the same time.",
                labels: labels
            ) { [weak queue] in Double(queue?.concurrencyLimit ?? 0) }
        }
        if queue.hasStore { publishStorage(queue, labels) }
        if queue.keepsDeadLetters { publishDeadLetters(queue, labels) }
    }

    /// What a queue keeps on disk, and what became of the items that were found there.
    private func publishStorage(_ queue: DeliveryQueue, _ labels: Metrics.Labels) {
        surroundings.metrics.observe(
            "apus_exporter_queue_disk_bytes", "Bytes of the sending queue on disk.", labels: labels
        ) { [weak queue] in Double(queue?.sizeOnDisk ?? 0) }
        surroundings.metrics.observe(
            "apus_exporter_queue_disk_write_failures", "Attempts to write the queue to disk that failed.",
            kind: .counter, labels: labels
        ) { [weak queue] in Double(queue?.failedWrites ?? 0) }
        for place in DeliveryAccount.Place.allCases {
            surroundings.metrics.observe(
                "apus_recovered_items", "Items of an earlier process found on disk, by where they are.",
                labels: labels + [("place", place.rawValue)]
            ) { [weak queue] in Double(queue?.recovered.items(in: place) ?? 0) }
        }
    }

    private func publishDeadLetters(_ queue: DeliveryQueue, _ labels: Metrics.Labels) {
        let metrics = surroundings.metrics
        metrics.observe("apus_dead_letters", "Refused batches that are kept.", labels: labels) {
            [weak queue] in
            Double(queue?.deadLetters?.count ?? 0)
        }
        metrics.observe("apus_dead_letter_bytes", "Bytes on disk of refused batches.", labels: labels) {
            [weak queue] in
            Double(queue?.deadLetters?.sizeOnDisk ?? 0)
        }
        metrics.observe(
            "apus_dead_letters_removed", "Refused batches that had to go for want of room or for their age.",
            kind: .counter, labels: labels
        ) { [weak queue] in
            Double((queue?.deadLetters).map { $0.displaced.letters + $0.expired.letters } ?? 0)
        }
    }

    private func ledger(of pipeline: PipelineConfiguration) -> PipelineLedger {
        PipelineLedger(
            id: pipeline.id,
            steps: pipeline.processors.map {
                StepLedger(processor: $0, signal: pipeline.id.signal, metrics: surroundings.metrics)
            },
            destinations: pipeline.exporters.map { ($0, DeliveryAccount(pipeline: pipeline.id)) })
    }

    private func attempt<Result>(
        _ kind: ComponentKind, _ id: ComponentID, _ make: (Context) throws(ComponentError) -> Result
    ) throws(Failure) -> Result {
        do throws(ComponentError) {
            return try make(surroundings.context(kind, id))
        } catch {
            throw Failure(kind: kind, id: id, error: error)
        }
    }

    private func ordered<Value>(_ items: [ComponentID: Value]) -> [(key: ComponentID, value: Value)] {
        items.sorted { $0.key.description < $1.key.description }
    }
}
