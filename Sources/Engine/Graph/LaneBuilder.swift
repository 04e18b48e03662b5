internal import Delivery
internal import Pipeline
internal import Telemetry

/// Builds the sinks of one lane, on its event loop, and touches none of those that run.
struct LaneBuilder: Sendable {
    let lane: Lane
    let graph: Graph
    let former: Graph?
    let continuity: Continuity
    let configuration: CollectorConfiguration
    let surroundings: EngineSurroundings

    func build() throws(GraphBuilder.Failure) -> LanePart {
        let old = former?.part(on: lane.index) ?? LanePart()
        var part = LanePart()
        for pipeline in graph.pipelines {
            if continuity.pipelines.contains(pipeline.id), let head = old.heads[pipeline.id] {
                part.heads[pipeline.id] = head
                for id in pipeline.processors {
                    let key = Graph.StepKey(pipeline: pipeline.id, processor: id)
                    part.steps[key] = old.steps[key]
                    if let step = old.steps[key] { part.drains.append(step) }
                }
                part.batchers[pipeline.id] = old.batchers[pipeline.id]
                part.drains += old.batchers[pipeline.id] ?? []
                for id in pipeline.exporters {
                    let key = LanePart.ConnectorKey(connector: id, signal: pipeline.id.signal)
                    if let connector = old.connectors[key] { part.connectors[key] = connector }
                }
            } else {
                try build(pipeline, old, &part)
            }
            part.reach[pipeline.id] = part.drains.count
            part.drains += connectorsFed(upTo: pipeline, part)
        }
        return part
    }

    /// The connectors that no pipeline after this one feeds: they let go when all before them have.
    private func connectorsFed(upTo pipeline: PipelineConfiguration, _ part: LanePart) -> [any DrainableSink]
    {
        pipeline.exporters.compactMap { id in
            let last = graph.pipelines.last {
                $0.id.signal == pipeline.id.signal && $0.exporters.contains(id)
            }
            guard last?.id == pipeline.id else { return nil }
            return part.connectors[LanePart.ConnectorKey(connector: id, signal: pipeline.id.signal)]
        }
    }

    private func build(
        _ pipeline: PipelineConfiguration, _ old: LanePart, _ part: inout LanePart
    ) throws(GraphBuilder.Failure) {
        guard let ledger = graph.components.ledgers[pipeline.id],
            let tail = graph.components.tails[pipeline.id]
        else { return }
        var batchers: [any DrainableSink] = []
        let ends = try ends(of: pipeline, tail, old, &part, &batchers)
        var next: any Sink = TailSink(next: FanOut.to(ends, tail: tail), tail: tail)
        var steps: [any StepSink] = []
        for id in pipeline.processors.reversed() {
            let key = Graph.StepKey(pipeline: pipeline.id, processor: id)
            let step: any StepSink
            if continuity.processors.contains(id), let running = old.steps[key] {
                part.detours.append((running, next))
                step = running
            } else {
                guard let stepLedger = graph.components.newSteps[key] ?? ledger.step(id) else { continue }
                step = try self.step(
                    id,
                    .init(
                        next: next, lane: lane, ledger: stepLedger, pipeline: pipeline.id,
                        drops: surroundings.drops))
            }
            part.steps[key] = step
            steps.insert(step, at: 0)
            next = step
        }
        part.heads[pipeline.id] = PipelineEntry(next: next, ledger: ledger)
        part.batchers[pipeline.id] = batchers
        part.drains += steps
        part.drains += batchers
    }

    private func step(
        _ id: ComponentID, _ place: ConfiguredStep.Place
    ) throws(GraphBuilder.Failure) -> any StepSink {
        guard let configured = configuration.steps[id], let record = graph.components.processors[id] else {
            throw .init(kind: .processor, id: id, error: ComponentError("not configured"))
        }
        do throws(ComponentError) {
            return try configured.make(surroundings.context(record), place)
        } catch {
            throw .init(kind: .processor, id: id, error: error)
        }
    }

    private func ends(
        of pipeline: PipelineConfiguration, _ tail: PipelineTail, _ old: LanePart, _ part: inout LanePart,
        _ batchers: inout [any DrainableSink]
    ) throws(GraphBuilder.Failure) -> [any Sink] {
        var ends: [any Sink] = []
        for (id, account) in tail.destinations {
            let key = Graph.EndKey(exporter: id, signal: pipeline.id.signal)
            if let end = graph.components.ends[key] {
                if let behind = end.connector {
                    part.queued.append((behind, try connector(id, pipeline.id.signal, old, &part)))
                }
                let sink = end.sink(account: account, lane: lane.index)
                if let batcher = graph.components.batchings[key]?.batcher() {
                    let batching = batchingSink(batcher, before: sink, id, account)
                    batchers.append(batching)
                    ends.append(batching)
                } else {
                    ends.append(sink)
                }
            } else {
                ends.append(AccountedSink(try connector(id, pipeline.id.signal, old, &part), account))
            }
        }
        return ends
    }

    private func batchingSink(
        _ batcher: QueueBatcher, before queue: any Sink, _ exporter: ComponentID, _ account: DeliveryAccount
    ) -> BatchingSink {
        let logger = surroundings.log.logger(.exporter, exporter)
        let place = BatchingSink.Place(lane: lane, clock: surroundings.clock, logger: logger)
        return BatchingSink(batcher, before: queue, account: account, place: place)
    }

    private func connector(
        _ id: ComponentID, _ signal: Signal, _ old: LanePart, _ part: inout LanePart
    ) throws(GraphBuilder.Failure) -> any ConnectorSink {
        let key = LanePart.ConnectorKey(connector: id, signal: signal)
        if let existing = part.connectors[key] { return existing }
        let sink: any ConnectorSink
        if continuity.connectors.contains(id), let running = old.connectors[key] {
            sink = running
        } else {
            sink = try newConnector(id)
        }
        part.connectors[key] = sink
        return sink
    }

    private func newConnector(_ id: ComponentID) throws(GraphBuilder.Failure) -> any ConnectorSink {
        guard let configured = configuration.connectors[id], let record = graph.components.connectors[id]
        else {
            throw .init(kind: .connector, id: id, error: ComponentError("not configured"))
        }
        do throws(ComponentError) {
            return try configured.make(
                surroundings.context(record),
                .init(
                    outlets: graph.joints.outlets(of: id, on: lane.index), lane: lane,
                    drops: surroundings.drops))
        } catch {
            throw .init(kind: .connector, id: id, error: error)
        }
    }
}
