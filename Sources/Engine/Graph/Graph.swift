internal import Delivery
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// Everything that exists because of one configuration: the pipelines on every lane, queues and components.
///
/// Two graphs that follow one another share whatever did not change between their configurations.
final class Graph: Sendable {
    /// Names the way to an exporter for a signal.
    struct EndKey: Hashable, Sendable {
        let exporter: ComponentID
        let signal: Signal
    }

    /// Names a processor in a pipeline.
    struct StepKey: Hashable, Sendable {
        let pipeline: PipelineID
        let processor: ComponentID
    }

    let lanes: [Lane]
    /// Sources first.
    let pipelines: [PipelineConfiguration]
    let components: GraphComponents
    /// The outlets of the connectors.
    let joints: ConnectorJoints
    private let parts: [NIOLoopBoundBox<LanePart?>]

    init(_ components: GraphComponents, pipelines: [PipelineConfiguration], lanes: [Lane]) {
        self.lanes = lanes
        self.pipelines = pipelines
        self.components = components
        joints = ConnectorJoints(pipelines: pipelines, connectors: components.connectors.keys, lanes: lanes)
        parts = lanes.map { NIOLoopBoundBox.makeEmptyBox(valueType: LanePart.self, eventLoop: $0.eventLoop) }
    }

    /// Puts the part of a lane in its place; must run on the lane's event loop.
    func install(_ part: LanePart, on lane: Int) {
        parts[lane].value = part
    }

    /// The part of a lane; must be called on the lane's event loop.
    func part(on lane: Int) -> LanePart { parts[lane].value ?? LanePart() }

    /// The pipelines of a signal that name a receiver.
    func targets(of receiver: ComponentID, _ signal: Signal) -> [PipelineID] {
        pipelines.filter { $0.receivers.contains(receiver) && $0.id.signal == signal }.map { $0.id }
    }

    /// Whether the graph has a pipeline of this id.
    func hasPipeline(_ id: PipelineID) -> Bool { pipelines.contains { $0.id == id } }

    /// Leads `outlet` into those of `targets` that the graph has, on one lane; must run on its event loop.
    func connect(
        _ outlet: Outlet, to targets: [PipelineID], _ acknowledgement: Acknowledgement?, on lane: Int
    ) {
        let own = part(on: lane).heads
        let heads = targets.compactMap { own[$0] }
        guard !heads.isEmpty else { return }
        outlet.connect(FanOut.to(heads), acknowledgement: acknowledgement, on: lane)
    }

    /// When senders get their answer whose data goes into `targets`, unless the receiver says something else:
    /// `nil` when some destination asks for more than its queue, as each destination asks then.
    func acknowledgement(into targets: [PipelineID]) -> Acknowledgement? {
        var reached = Set(targets)
        var open = targets
        var queues: [DeliveryQueue] = []
        while let id = open.popLast() {
            guard let pipeline = pipelines.first(where: { $0.id == id }) else { continue }
            for exporter in pipeline.exporters {
                if let queue = components.ends[EndKey(exporter: exporter, signal: id.signal)]?.queue {
                    queues.append(queue)
                    // What is behind the queue of a connector asks nothing of those before it.
                    continue
                }
                guard components.connectors[exporter] != nil else { continue }
                let behind = pipelines.filter { $0.receivers.contains(exporter) }.map { $0.id }
                open += behind.filter { reached.insert($0).inserted }
            }
        }
        return queues.contains { $0.waitsForResult || $0.keepsEverythingOnDisk } ? nil : .queued
    }
}

/// The part of a graph that belongs to one lane and is touched on its event loop only.
struct LanePart {
    /// Names a connector that takes one signal.
    struct ConnectorKey: Hashable {
        let connector: ComponentID
        let signal: Signal
    }

    /// Where each pipeline begins.
    var heads: [PipelineID: PipelineEntry] = [:]
    /// The processors of each pipeline.
    var steps: [Graph.StepKey: any StepSink] = [:]
    /// What stands before the queues of a pipeline and joins batches.
    var batchers: [PipelineID: [any DrainableSink]] = [:]
    var connectors: [ConnectorKey: any ConnectorSink] = [:]
    /// What may keep telemetry, sources first, in the order data meets it.
    var drains: [any DrainableSink] = []
    /// How many of `drains` come before what is behind a pipeline.
    var reach: [PipelineID: Int] = [:]
    /// Connectors that will be put behind their queues.
    var queued: [(end: ConnectorEnd, connector: any ConnectorSink)] = []
    /// Processors of the graph before this one that will be led to another next sink.
    var detours: [(step: any StepSink, next: any Sink)] = []
}

/// The components of a graph that exist once, whatever the number of lanes.
struct GraphComponents: Sendable {
    var receivers: [ComponentID: Built<any Receiver>] = [:]
    /// In the order in which they start.
    var extensions: [Built<any Extension>] = []
    var exporters: [ComponentID: Built<any Exporter>] = [:]
    /// Processors and connectors are built on each lane; this is who they are.
    var processors: [ComponentID: ComponentRecord] = [:]
    var connectors: [ComponentID: ComponentRecord] = [:]
    var ends: [Graph.EndKey: ExporterEnd] = [:]
    /// The ends that join batches in front of their queues.
    var batchings: [Graph.EndKey: QueueBatching] = [:]
    var ledgers: [PipelineID: PipelineLedger] = [:]
    /// The ledgers of processors that their pipelines did not have before.
    var newSteps: [Graph.StepKey: StepLedger] = [:]
    var tails: [PipelineID: PipelineTail] = [:]
}
