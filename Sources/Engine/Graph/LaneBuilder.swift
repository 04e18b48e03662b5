internal import Delivery
internal import Pipeline
internal import Telemetry

/// Builds the sinks of one lane, on its event loop.
struct LaneBuilder: Sendable {
    let lane: Lane
    let graph: Graph
    let configuration: CollectorConfiguration
    let surroundings: EngineSurroundings
    let joints: ConnectorJoints

    func build() throws(GraphBuilder.Failure) -> Graph.LanePart {
        var part = Graph.LanePart()
        var joined: [ConnectorJoints.Key: any Sink] = [:]
        for pipeline in graph.pipelines {
            guard let ledger = graph.ledgers.first(where: { $0.id == pipeline.id }) else { continue }
            var batchers: [any DrainableSink] = []
            var next = FanOut.to(try ends(of: pipeline, ledger, &joined, &batchers))
            var steps: [any DrainableSink] = []
            for (id, stepLedger) in zip(pipeline.processors, ledger.steps).reversed() {
                let step = try step(id, .init(next: next, lane: lane, ledger: stepLedger))
                steps.insert(step, at: 0)
                next = step
            }
            part.heads[pipeline.id] = PipelineEntry(next: next, ledger: ledger)
            part.steps += steps + batchers
        }
        return part
    }

    private func step(
        _ id: ComponentID, _ place: ConfiguredStep.Place
    ) throws(GraphBuilder.Failure) -> any DrainableSink {
        guard let configured = configuration.steps[id] else {
            throw .init(kind: .processor, id: id, error: ComponentError("not configured"))
        }
        do throws(ComponentError) {
            return try configured.make(surroundings.context(.processor, id), place)
        } catch {
            throw .init(kind: .processor, id: id, error: error)
        }
    }

    private func ends(
        of pipeline: PipelineConfiguration, _ ledger: PipelineLedger,
        _ joined: inout [ConnectorJoints.Key: any Sink], _ batchers: inout [any DrainableSink]
    ) throws(GraphBuilder.Failure) -> [any Sink] {
        var ends: [any Sink] = []
        for (id, account) in ledger.destinations {
            let key = Graph.EndKey(exporter: id, signal: pipeline.id.signal)
            if let end = graph.ends[key] {
                let sink = end.sink(account: account, lane: lane.index)
                if let batcher = graph.batchings[key]?.batcher() {
                    let batching = batchingSink(batcher, before: sink, id, account)
                    batchers.append(batching)
                    ends.append(batching)
                } else {
                    ends.append(sink)
                }
            } else if let configured = configuration.connectors[id] {
                let key = ConnectorJoints.Key(connector: id, signal: pipeline.id.signal)
                let sink: any Sink
                if let existing = joined[key] { sink = existing } else { sink = try joint(configured, id) }
                joined[key] = sink
                ends.append(AccountedSink(sink, account))
            }
        }
        return ends
    }

    private func batchingSink(
        _ batcher: QueueBatcher, before queue: any Sink, _ exporter: ComponentID, _ account: DeliveryAccount
    ) -> BatchingSink {
        let place = BatchingSink.Place(
            lane: lane, clock: surroundings.clock, logger: surroundings.context(.exporter, exporter).logger)
        return BatchingSink(batcher, before: queue, account: account, place: place)
    }

    private func joint(
        _ configured: ConfiguredConnector, _ id: ComponentID
    ) throws(GraphBuilder.Failure) -> any Sink {
        do throws(ComponentError) {
            return try configured.make(
                surroundings.context(.connector, id), joints.outlets(of: id, on: lane.index))
        } catch {
            throw .init(kind: .connector, id: id, error: error)
        }
    }
}
