internal import Delivery
internal import Pipeline
internal import Telemetry

/// Takes the picture of a collector that runs.
struct SnapshotMaker {
    private let running: RunningGraph?
    private let surroundings: EngineSurroundings
    private let uptime: Duration

    init(_ running: RunningGraph?, _ surroundings: EngineSurroundings, uptime: Duration) {
        self.running = running
        self.surroundings = surroundings
        self.uptime = uptime
    }

    var snapshot: CollectorSnapshot {
        CollectorSnapshot(
            time: surroundings.clock.unixNanoseconds, uptime: uptime, isReady: running?.isReady ?? false,
            components: components, pipelines: pipelines,
            receivers: (running?.receivers.values.flatMap { $0.traffic } ?? []).sorted {
                $0.sorting < $1.sorting
            },
            queues: queues)
    }

    private var components: [ComponentSnapshot] {
        guard let graph = running?.graph else { return [] }
        let types = Dictionary(
            graph.components.allRecords.map { (StatusBoard.Key(kind: $0.kind, id: $0.id), $0.identity.type) }
        ) { first, _ in first }
        return surroundings.statuses.all.compactMap { health in
            guard let type = types[StatusBoard.Key(kind: health.kind, id: health.id)] else { return nil }
            return ComponentSnapshot(
                kind: health.kind, id: health.id, type: type, instance: health.instance,
                status: health.status, since: health.since,
                history: surroundings.statuses.history(health.kind, health.id),
                pipelines: graph.pipelines(of: health.kind, health.id))
        }
    }

    private var pipelines: [PipelineSnapshot] {
        guard let graph = running?.graph else { return [] }
        return graph.pipelines.sorted { $0.id.description < $1.id.description }.compactMap { pipeline in
            guard let ledger = graph.components.ledgers[pipeline.id] else { return nil }
            return PipelineSnapshot(
                id: pipeline.id, receivers: pipeline.receivers,
                steps: pipeline.processors.compactMap { id in ledger.step(id).map { step(id, $0) } },
                destinations: pipeline.exporters.map { destination($0, ledger) },
                accepted: ledger.accepted.value, acceptedBytes: ledger.bytes.value,
                refused: ledger.refused.value, held: ledger.held)
        }
    }

    private func step(_ id: ComponentID, _ ledger: StepLedger) -> StepSnapshot {
        StepSnapshot(
            id: id, incoming: ledger.incoming.value, outgoing: ledger.outgoing.value,
            removed: ledger.removedByReason, rejected: ledger.rejected.value, lost: ledger.lost.value)
    }

    private func destination(_ id: ComponentID, _ ledger: PipelineLedger) -> DestinationSnapshot {
        let items = DeliveryAccount.Place.allCases.map { ($0, ledger.items(in: $0, of: id)) }
        return DestinationSnapshot(
            id: id, items: Dictionary(uniqueKeysWithValues: items), unplaced: ledger.unplaced(at: id))
    }

    private var queues: [QueueSnapshot] {
        guard let graph = running?.graph else { return [] }
        return graph.components.ends.compactMap { key, end in
            guard let queue = end.queue else { return nil }
            let meters = DeliveryMeters(
                exporter: key.exporter, signal: key.signal, metrics: surroundings.metrics)
            return QueueSnapshot(
                exporter: key.exporter, signal: key.signal, size: queue.size, capacity: queue.capacity,
                unit: queue.unit, inFlight: queue.requestsInFlight, sent: meters.sent.value,
                sendFailed: meters.sendFailed.value, bytesOnDisk: queue.sizeOnDisk,
                deadLetters: queue.deadLetters?.count ?? 0)
        }.sorted {
            ($0.exporter.description, $0.signal.rawValue) < ($1.exporter.description, $1.signal.rawValue)
        }
    }
}

extension Graph {
    /// The pipelines that a component is part of.
    func pipelines(of kind: ComponentKind, _ id: ComponentID) -> [PipelineID] {
        let named = pipelines.filter { pipeline in
            switch kind {
            case .receiver: pipeline.receivers.contains(id)
            case .processor: pipeline.processors.contains(id)
            case .exporter: pipeline.exporters.contains(id)
            case .connector: pipeline.receivers.contains(id) || pipeline.exporters.contains(id)
            case .extension: false
            }
        }
        return named.map { $0.id }.sorted { $0.description < $1.description }
    }
}

extension ReceiverSnapshot {
    fileprivate var sorting: (String, String, String) { (id.description, signal.rawValue, transport) }
}
