internal import NIOCore
internal import Pipeline
internal import Telemetry

extension Collector {
    /// Lets somebody look at the telemetry that passes `point`, until the reading of its batches ends.
    ///
    /// It follows the pipeline through changes of the configuration; when the pipeline is gone, nothing more
    /// comes.
    public func tap(_ point: TapPoint, _ limits: Tap.Limits) throws(TapFailure) -> Tap {
        guard let graph = published.graph?.graph, graph.has(point) else { throw .unknown }
        let (batches, continuation) = AsyncStream.makeStream(
            of: Batch.self, bufferingPolicy: .bufferingNewest(Tap.bufferedBatches))
        let feed = try surroundings.taps.open(point) {
            TapFeed(id: $0, limits, surroundings.clock, continuation)
        }
        continuation.onTermination = { [weak self] _ in
            Task { await self?.endTap(feed.id) }
        }
        connectTaps(at: point)
        return Tap(batches, feed)
    }

    private func endTap(_ id: Int) {
        if let point = surroundings.taps.close(id) { connectTaps(at: point) }
    }

    private func connectTaps(at point: TapPoint) {
        guard let graph = published.graph?.graph else { return }
        for lane in graph.lanes {
            lane.eventLoop.execute { [surroundings] in
                graph.part(on: lane.index).tappable(point)?.taps = surroundings.taps.feeds(at: point)
            }
        }
    }
}

extension Graph {
    /// Whether the graph has such a point.
    func has(_ point: TapPoint) -> Bool {
        guard let pipeline = pipelines.first(where: { $0.id == point.pipeline }) else { return false }
        guard case .after(_, let processor) = point else { return true }
        return pipeline.processors.contains(processor)
    }
}

extension LanePart {
    /// What stands at a point on this lane.
    func tappable(_ point: TapPoint) -> (any Tappable)? {
        switch point {
        case .entry(let pipeline): heads[pipeline]
        case .after(let pipeline, let processor):
            steps[Graph.StepKey(pipeline: pipeline, processor: processor)]
        }
    }
}
