internal import Delivery
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// A graph that has been started: its receivers and extensions run, its exporters are open.
///
/// What it shares with the graph before it was started by that one and goes on.
final class RunningGraph: Sendable {
    let graph: Graph
    let receivers: [ComponentID: RunningReceiver]
    let extensions: [ComponentID: RunningComponent]
    private let surroundings: EngineSurroundings

    init(
        _ graph: Graph, receivers: [ComponentID: RunningReceiver] = [:],
        extensions: [ComponentID: RunningComponent] = [:], _ surroundings: EngineSurroundings
    ) {
        self.graph = graph
        self.receivers = receivers
        self.extensions = extensions
        self.surroundings = surroundings
    }

    /// Starts what is new in `graph`: extensions, exporters, queues and then receivers, not fed yet.
    ///
    /// When one fails, stops what was started and throws; `former` has not been touched then.
    static func start(
        _ graph: Graph, after former: RunningGraph?, _ surroundings: EngineSurroundings,
        managed: (any ManagedCollector)?, health: @escaping @Sendable () -> CollectorHealth
    ) async throws(GraphBuilder.Failure) -> RunningGraph {
        var extensions: [ComponentID: RunningComponent] = [:]
        var receivers: [ComponentID: RunningReceiver] = [:]
        do throws(GraphBuilder.Failure) {
            for item in graph.components.extensions {
                let known = former?.extensions[item.id]
                if let known, former?.graph.has(item.record) == true {
                    extensions[item.id] = known
                    continue
                }
                let lifeline = Lifeline()
                let session = ExtensionSession(lifeline: lifeline, managed: managed, health: health)
                let running = RunningComponent(item.record, surroundings, lifeline: lifeline) {
                    () throws(ComponentError) in try await item.component.run(session)
                }
                extensions[item.id] = running
                try await running.waitForStart(surroundings)
            }
            try await openExporters(of: graph, after: former, surroundings)
            try await openQueues(of: graph, after: former)
            for (id, receiver) in graph.components.receivers.sorted(by: { "\($0.key)" < "\($1.key)" }) {
                if let known = former?.receivers[id], former?.graph.has(receiver.record) == true {
                    receivers[id] = known
                    continue
                }
                let running = RunningReceiver(receiver, surroundings)
                receivers[id] = running
                if former == nil { _ = running.outlets.lead(to: graph) }
                try await running.running.waitForStart(surroundings)
            }
        } catch {
            let partial = RunningGraph(graph, receivers: receivers, extensions: extensions, surroundings)
            _ = await Departure(of: partial, before: former, surroundings).run(within: .seconds(5))
            throw error
        }
        let perLane = Array(graph.components.processors.values) + graph.components.connectors.values
        for record in perLane where former?.graph.has(record) != true { surroundings.report(.ok, record) }
        return RunningGraph(graph, receivers: receivers, extensions: extensions, surroundings)
    }

    private static func openExporters(
        of graph: Graph, after former: RunningGraph?, _ surroundings: EngineSurroundings
    ) async throws(GraphBuilder.Failure) {
        for (id, exporter) in graph.components.exporters where former?.graph.has(exporter.record) != true {
            do throws(ComponentError) {
                try await exporter.component.open()
            } catch {
                throw GraphBuilder.Failure(kind: .exporter, id: id, error: error)
            }
            surroundings.report(.ok, exporter.record)
        }
    }

    private static func openQueues(
        of graph: Graph, after former: RunningGraph?
    ) async throws(GraphBuilder.Failure) {
        for (key, end) in graph.components.ends {
            let known = former?.graph.components.ends[key]?.queue
            guard let queue = end.queue, queue !== known else { continue }
            do throws(ComponentError) {
                try await queue.open(after: known)
            } catch {
                let kind: ComponentKind = end.connector == nil ? .exporter : .connector
                throw GraphBuilder.Failure(kind: kind, id: key.exporter, error: error)
            }
        }
    }

    /// Leads everything that comes in into this graph, in the place of `former`; cannot fail.
    ///
    /// On each lane it is one job of its event loop, so no batch ever meets half of a change. `leaving` is
    /// what earlier changes have left over and what still serves its last connections.
    func takeOver(from former: RunningGraph?, _ leaving: [RunningGraph]) async {
        for record in graph.components.allRecords { record.lookup.seal() }
        surroundings.ledgers.open(graph)
        adoptQueues(of: former?.graph)
        let others = leaving + [former].compactMap { $0 }
        let books = (others + [self]).flatMap { $0.receivers.values }.map { receiver in
            (receiver.outlets, receiver.outlets.lead(to: graph))
        }
        let joints = (others + [self]).flatMap { $0.graph.joints.all }
        for lane in graph.lanes {
            let change: EventLoopFuture<Void> = lane.eventLoop.submit { [graph, taps = surroundings.taps] in
                let old = former?.graph.part(on: lane.index).connectors ?? [:]
                var part = graph.part(on: lane.index)
                for detour in part.detours { detour.step.lead(to: detour.next) }
                let queued = part.queued
                (part.detours, part.queued) = ([], [])
                graph.install(part, on: lane.index)
                for step in part.steps.values { step.begin() }
                for point in taps.points { part.tappable(point)?.taps = taps.feeds(at: point) }
                for (key, connector) in old where part.connectors[key] !== connector {
                    connector.retire(for: part.connectors[key])
                }
                for (key, connector) in part.connectors {
                    connector.lead(to: graph.joints.outlets(of: key.connector, on: lane.index))
                }
                for joint in joints {
                    graph.connect(joint.outlet, to: joint.targets, .queued, on: lane.index)
                }
                for (end, connector) in queued { end.lead(to: connector, on: lane.index) }
                for (book, lines) in books {
                    for line in lines { book.connect(line.outlet, to: graph, on: lane.index) }
                }
            }
            try? await change.get()
        }
        // What was found on disk, or taken over, has been refused until now.
        for (key, end) in graph.components.ends where end.connector != nil {
            if let queue = end.queue, former?.graph.components.ends[key]?.queue !== queue {
                queue.tryAgainNow()
            }
        }
    }

    private func adoptQueues(of former: Graph?) {
        guard let former else { return }
        for (key, end) in graph.components.ends {
            guard let queue = end.queue, let old = former.components.ends[key]?.queue, old !== queue else {
                continue
            }
            queue.adopt(old)
        }
    }

    /// Whether every receiver runs.
    var isReady: Bool { receivers.values.allSatisfy { $0.running.lifeline.isRunning } }
}

extension Graph {
    /// Whether this very instance of a component belongs to the graph.
    func has(_ record: ComponentRecord) -> Bool {
        switch record.kind {
        case .receiver: components.receivers[record.id]?.record.isSame(as: record) ?? false
        case .processor: components.processors[record.id]?.isSame(as: record) ?? false
        case .exporter: components.exporters[record.id]?.record.isSame(as: record) ?? false
        case .connector: components.connectors[record.id]?.isSame(as: record) ?? false
        case .extension: components.extensions.contains { $0.record.isSame(as: record) }
        }
    }
}

extension Graph {
    /// Whether a component of the same kind and id belongs to the graph.
    func names(_ record: ComponentRecord) -> Bool {
        components.allRecords.contains { $0.kind == record.kind && $0.id == record.id }
    }
}

extension ComponentRecord {
    /// Whether both speak of the same instance.
    func isSame(as other: ComponentRecord) -> Bool { lookup === other.lookup }
}
