internal import Delivery
internal import Engine
internal import Pipeline
internal import Settings
internal import Telemetry

/// The collector as documents.
struct CollectorTrees {
    let snapshot: CollectorSnapshot

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

    func tree(of pipeline: PipelineSnapshot, rates: Tree? = nil) -> Tree {
        var entries: [Tree.Entry] = [
            .init("id", .text(pipeline.id.description)), .init("signal", .text(pipeline.id.signal.rawValue)),
            .init("receivers", .list(pipeline.receivers.map { .text($0.description) })),
            .init("processors", .list(pipeline.steps.map(step))),
            .init("exporters", .list(pipeline.destinations.map(destination))),
            .init("accepted", .number(pipeline.accepted)),
            .init("accepted_bytes", .number(pipeline.acceptedBytes)),
            .init("refused", .number(pipeline.refused)), .init("held", .number(pipeline.held)),
        ]
        if let rates { entries.append(.init("rates", rates)) }
        return Tree(.table(entries))
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

    private func step(_ step: StepSnapshot) -> Tree {
        let removed = Removal.allCases.map { removal in
            Tree.Entry(removal.rawValue, .number(step.removed[removal] ?? 0))
        }
        return .table([
            "id": .text(step.id.description), "incoming": .number(step.incoming),
            "outgoing": .number(step.outgoing), "removed": Tree(.table(removed)),
            "rejected": .number(step.rejected), "lost": .number(step.lost),
        ])
    }

    private func destination(_ destination: DestinationSnapshot) -> Tree {
        let items = DeliveryAccount.Place.allCases.map { place in
            Tree.Entry(place.rawValue, .number(destination.items[place] ?? 0))
        }
        return .table([
            "id": .text(destination.id.description), "items": Tree(.table(items)),
            "unplaced": .number(destination.unplaced),
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
