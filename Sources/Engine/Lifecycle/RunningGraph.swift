internal import Delivery
internal import Logging
internal import Pipeline
internal import Telemetry

/// A graph that has been started: its receivers and extensions run, its exporters are open.
final class RunningGraph: Sendable {
    let graph: Graph
    private let surroundings: EngineSurroundings
    private let receivers: [RunningComponent]
    private let extensions: [RunningComponent]
    private let ledgerWatch: Task<Void, Never>

    private init(
        _ graph: Graph, _ surroundings: EngineSurroundings, receivers: [RunningComponent],
        extensions: [RunningComponent]
    ) {
        self.graph = graph
        self.surroundings = surroundings
        self.receivers = receivers
        self.extensions = extensions
        let watch = LedgerWatch(graph.ledgers, surroundings)
        ledgerWatch = Task { await watch.run() }
    }

    /// Starts extensions, exporters and then receivers; when one fails, stops what was started and throws.
    static func start(
        _ graph: Graph, _ surroundings: EngineSurroundings, health: @escaping @Sendable () -> CollectorHealth
    ) async throws(GraphBuilder.Failure) -> RunningGraph {
        for (id, _) in graph.exporters { surroundings.statuses.set(.starting, .exporter, id) }
        var extensions: [RunningComponent] = []
        var receivers: [RunningComponent] = []
        do throws(GraphBuilder.Failure) {
            for (id, item) in graph.extensions {
                let lifeline = Lifeline()
                let session = ExtensionSession(lifeline: lifeline, health: health)
                let running = RunningComponent(.extension, id, surroundings, lifeline: lifeline) {
                    () throws(ComponentError) in try await item.run(session)
                }
                extensions.append(running)
                try await running.waitForStart(surroundings.statuses)
            }
            try await open(graph.exporters, surroundings)
            try await open(graph.ends)
            for (id, receiver) in graph.receivers {
                let running = launch(receiver, id, graph, surroundings)
                receivers.append(running)
                try await running.waitForStart(surroundings.statuses)
            }
        } catch {
            let partial = RunningGraph(graph, surroundings, receivers: receivers, extensions: extensions)
            _ = await partial.stop(within: .seconds(5))
            throw error
        }
        return RunningGraph(graph, surroundings, receivers: receivers, extensions: extensions)
    }

    private static func open(
        _ exporters: [(id: ComponentID, exporter: any Exporter)], _ surroundings: EngineSurroundings
    ) async throws(GraphBuilder.Failure) {
        for (id, exporter) in exporters {
            do throws(ComponentError) {
                try await exporter.open()
            } catch {
                throw GraphBuilder.Failure(kind: .exporter, id: id, error: error)
            }
            surroundings.statuses.report(.ok, .exporter, id)
        }
    }

    private static func open(
        _ ends: [Graph.EndKey: ExporterEnd]
    ) async throws(GraphBuilder.Failure) {
        for (key, end) in ends {
            do throws(ComponentError) {
                try await end.queue?.open()
            } catch {
                throw GraphBuilder.Failure(kind: .exporter, id: key.exporter, error: error)
            }
        }
    }

    private static func launch(
        _ receiver: any Receiver, _ id: ComponentID, _ graph: Graph, _ surroundings: EngineSurroundings
    ) -> RunningComponent {
        let lifeline = Lifeline()
        let session = ReceiverSession(lifeline: lifeline) { signal, transport in
            let targets = graph.pipelines.filter { $0.receivers.contains(id) && $0.id.signal == signal }
            guard !targets.isEmpty else { return nil }
            let ids = targets.map { $0.id }
            let acknowledgement =
                receiver.settings.acknowledgement ?? graph.acknowledgement(into: ids)
            let labels: Metrics.Labels = [("receiver", id.description), ("transport", transport)]
            let items = signal.itemName
            let traffic = Traffic(
                accepted: surroundings.metrics.counter(
                    "otelcol_receiver_accepted_\(items)", "Items accepted by the pipelines.", labels: labels),
                refused: surroundings.metrics.counter(
                    "otelcol_receiver_refused_\(items)", "Items the pipelines refused.", labels: labels))
            let outlet = Outlet(
                signal: signal, lanes: graph.lanes, traffic: traffic, acknowledgement: acknowledgement)
            graph.connect(outlet, to: ids)
            return outlet
        }
        return RunningComponent(.receiver, id, surroundings, lifeline: lifeline) {
            () throws(ComponentError) in try await receiver.run(session)
        }
    }

    /// Whether every receiver runs.
    var isReady: Bool { receivers.allSatisfy { $0.lifeline.isRunning } }

    /// Stops from the front to the back, so that nothing accepted stays behind, within `budget`.
    func stop(within budget: Duration) async -> ShutdownReceipt {
        ledgerWatch.cancel()
        let begin = surroundings.clock.now
        let deadline = begin + budget
        await stopAll(receivers, grace: budget / 4)
        // Processors can only let go of what they keep when queues have room.
        for end in graph.ends.values { end.queue?.tryAgainNow() }
        while await !graph.drainSteps(), surroundings.clock.now < deadline {
            _ = try? await surroundings.clock.sleep(for: .milliseconds(10))
        }
        await withTaskGroup { group in
            for end in graph.ends.values {
                guard let queue = end.queue else { continue }
                group.addTask { await queue.drain(until: deadline) }
            }
        }
        let leftInSteps = await graph.abandonSteps()
        for (id, exporter) in graph.exporters {
            surroundings.statuses.report(.stopping, .exporter, id)
            await exporter.close()
            surroundings.statuses.report(.stopped, .exporter, id)
        }
        await stopAll(extensions, grace: .seconds(1))
        let recovered = graph.ends.compactMap { key, end in end.queue.map { (key.exporter, $0.recovered) } }
        return ShutdownReceipt(
            graph.ledgers, recovered: recovered, lostInSteps: leftInSteps,
            took: surroundings.clock.now - begin)
    }

    private func stopAll(_ components: [RunningComponent], grace: Duration) async {
        await withTaskGroup { group in
            for component in components {
                group.addTask { [surroundings] in await component.stop(grace: grace, surroundings) }
            }
        }
    }
}
