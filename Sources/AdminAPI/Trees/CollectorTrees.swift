internal import Delivery
internal import Engine
internal import Pipeline
internal import Settings
internal import Telemetry

/// The collector as documents.
struct CollectorTrees {
    let snapshot: CollectorSnapshot
    let rates: @Sendable (EdgeRates.Edge) -> EdgeRates?

    init(_ context: AdminContext) {
        snapshot = context.snapshot()
        rates = context.rates
    }

    /// A component in a list, and with its history when it is looked at alone.
    func tree(of component: ComponentSnapshot, withHistory: Bool = false) -> Tree {
        var entries: [Tree.Entry] = [
            .init("kind", .text(component.kind.rawValue)), .init("id", .text(component.id.description)),
            .init("type", .text(component.type)), .init("instance", .number(component.instance)),
            .init("status", status(component.status, at: component.since)),
            .init("pipelines", .list(component.pipelines.map { .text($0.description) })),
            .init("counters", counters(of: component)),
        ]
        if withHistory {
            entries.append(
                .init("history", .list(component.history.map { status($0.status, at: $0.time) })))
        }
        return Tree(.table(entries))
    }

    /// A pipeline with its parts in order, and what went and goes through each of them.
    func tree(of pipeline: PipelineSnapshot) -> Tree {
        .table([
            "id": .text(pipeline.id.description), "signal": .text(pipeline.id.signal.rawValue),
            "receivers": .list(pipeline.receivers.map { .text($0.description) }),
            "processors": .list(pipeline.steps.map { step($0, of: pipeline.id) }),
            "exporters": .list(pipeline.destinations.map { destination($0, of: pipeline.id) }),
            "accepted": .number(pipeline.accepted), "accepted_bytes": .number(pipeline.acceptedBytes),
            "refused": .number(pipeline.refused), "held": .number(pipeline.held),
            "rates": windows(of: .pipeline(pipeline.id)),
        ])
    }

    /// Items, bytes and errors per second over each window; empty while nothing is known.
    private func windows(of edge: EdgeRates.Edge) -> Tree {
        guard let rates = rates(edge) else { return .empty }
        return .table([
            "1s": tree(of: rates.second), "1m": tree(of: rates.minute), "10m": tree(of: rates.tenMinutes),
        ])
    }

    private func tree(of rate: EdgeRates.Rate) -> Tree {
        .table(["items": .number(rate.items), "bytes": .number(rate.bytes), "errors": .number(rate.errors)])
    }

    func tree(of queue: QueueSnapshot) -> Tree {
        .table([
            "exporter": .text(queue.exporter.description), "signal": .text(queue.signal.rawValue),
            "size": .number(queue.size), "capacity": .number(queue.capacity), "unit": .text(queue.unit),
            "in_flight": .number(queue.inFlight), "sent": .number(queue.sent),
            "send_failed": .number(queue.sendFailed), "bytes_on_disk": .number(queue.bytesOnDisk),
            "dead_letters": .number(queue.deadLetters),
        ])
    }

    private func status(_ status: ComponentStatus, at time: UInt64) -> Tree {
        var entries: [Tree.Entry] = [
            .init("state", .text(status.name)), .init("since", ConfigurationTrees.time(time)),
        ]
        if let error = status.error { entries.append(.init("error", .text(error))) }
        return Tree(.table(entries))
    }

    /// What the ledger knows of a component; the figures of all pipelines and signals together.
    private func counters(of component: ComponentSnapshot) -> Tree {
        switch component.kind {
        case .receiver:
            let all = snapshot.receivers.filter { $0.id == component.id }
            return .table([
                "accepted": .number(all.reduce(0) { $0 + $1.accepted }),
                "refused": .number(all.reduce(0) { $0 + $1.refused }),
            ])
        case .processor:
            let all = snapshot.pipelines.flatMap(\.steps).filter { $0.id == component.id }
            return .table([
                "incoming": .number(all.reduce(0) { $0 + $1.incoming }),
                "outgoing": .number(all.reduce(0) { $0 + $1.outgoing }),
                "rejected": .number(all.reduce(0) { $0 + $1.rejected }),
                "lost": .number(all.reduce(0) { $0 + $1.lost }),
            ])
        case .exporter, .connector:
            let queues = snapshot.queues.filter { $0.exporter == component.id }
            guard queues.isEmpty else {
                return .table([
                    "sent": .number(queues.reduce(0) { $0 + $1.sent }),
                    "send_failed": .number(queues.reduce(0) { $0 + $1.sendFailed }),
                    "queued": .number(queues.reduce(0) { $0 + $1.size }),
                ])
            }
            let all = snapshot.pipelines.flatMap(\.destinations).filter { $0.id == component.id }
            return .table(["sent": .number(all.reduce(0) { $0 + ($1.items[.delivered] ?? 0) })])
        case .extension: return .empty
        }
    }

    private func step(_ step: StepSnapshot, of pipeline: PipelineID) -> Tree {
        let removed = Removal.allCases.map { removal in
            Tree.Entry(removal.rawValue, .number(step.removed[removal] ?? 0))
        }
        return .table([
            "id": .text(step.id.description), "incoming": .number(step.incoming),
            "outgoing": .number(step.outgoing), "removed": Tree(.table(removed)),
            "rejected": .number(step.rejected), "lost": .number(step.lost),
            "rates": windows(of: .step(pipeline, step.id)),
        ])
    }

    private func destination(_ destination: DestinationSnapshot, of pipeline: PipelineID) -> Tree {
        let items = DeliveryAccount.Place.allCases.map { place in
            Tree.Entry(place.rawValue, .number(destination.items[place] ?? 0))
        }
        return .table([
            "id": .text(destination.id.description), "items": Tree(.table(items)),
            "unplaced": .number(destination.unplaced),
            "rates": windows(of: .destination(pipeline, destination.id)),
        ])
    }
}

/// An event as a document.
enum EventTrees {
    static func tree(of event: Event) -> Tree {
        .table([
            "id": .number(event.id), "time": ConfigurationTrees.time(event.time),
            "kind": .text(event.kind.rawValue), "subject": .text(event.subject),
            "message": .text(event.message),
            "details": Tree(
                .table(event.details.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) })),
        ])
    }
}
