internal import Delivery
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// Everything that runs because of one configuration: the pipelines on every lane, queues and components.
final class Graph: Sendable {
    /// Names the way to an exporter for a signal.
    struct EndKey: Hashable, Sendable {
        let exporter: ComponentID
        let signal: Signal
    }

    /// The part of the graph that belongs to one lane and is touched on its event loop only.
    struct LanePart {
        /// Where each pipeline begins.
        var heads: [PipelineID: any Sink] = [:]
        /// Processors of all pipelines and batchers of queues, sources first, in the order data meets them.
        var steps: [any DrainableSink] = []
    }

    let lanes: [Lane]
    /// Sources first.
    let pipelines: [PipelineConfiguration]
    let receivers: [(id: ComponentID, receiver: any Receiver)]
    let extensions: [(id: ComponentID, extension: any Extension)]
    let exporters: [(id: ComponentID, exporter: any Exporter)]
    let ends: [EndKey: ExporterEnd]
    /// The ends that join batches in front of their queues.
    let batchings: [EndKey: QueueBatching]
    let ledgers: [PipelineLedger]
    private let parts: [NIOLoopBoundBox<LanePart?>]

    /// When senders get their answer whose data goes into `targets`, unless the receiver says something else.
    ///
    /// The destination that asks for most decides.
    func acknowledgement(into targets: [PipelineID]) -> Acknowledgement {
        var reached = Set(targets)
        var open = targets
        var queues: [DeliveryQueue] = []
        while let id = open.popLast() {
            guard let pipeline = pipelines.first(where: { $0.id == id }) else { continue }
            for exporter in pipeline.exporters {
                if let queue = ends[EndKey(exporter: exporter, signal: id.signal)]?.queue {
                    queues.append(queue)
                }
                let behind = pipelines.filter { $0.receivers.contains(exporter) }.map { $0.id }
                open += behind.filter { reached.insert($0).inserted }
            }
        }
        if queues.contains(where: { $0.waitsForResult }) { return .delivered }
        return queues.contains { $0.keepsEverythingOnDisk } ? .durable : .queued
    }

    init(_ components: GraphComponents, pipelines: [PipelineConfiguration], lanes: [Lane]) {
        self.lanes = lanes
        self.pipelines = pipelines
        receivers = components.receivers
        extensions = components.extensions
        exporters = components.exporters
        ends = components.ends
        batchings = components.batchings
        ledgers = components.ledgers
        parts = lanes.map { NIOLoopBoundBox.makeEmptyBox(valueType: LanePart.self, eventLoop: $0.eventLoop) }
    }

    /// Puts the part of a lane in its place; must run on the lane's event loop.
    func install(_ part: LanePart, on lane: Int) {
        parts[lane].value = part
    }

    /// Leads `outlet` into all pipelines in `targets`.
    ///
    /// The ports are connected by jobs on the event loops, which run before anything that a caller schedules
    /// there afterwards.
    func connect(_ outlet: Outlet, to targets: [PipelineID]) {
        for lane in lanes {
            let part = parts[lane.index]
            lane.eventLoop.execute {
                let heads = targets.compactMap { part.value?.heads[$0] }
                outlet.connect(heads.isEmpty ? nil : FanOut.to(heads), on: lane.index)
            }
        }
    }

    /// Lets every processor go of what it keeps, on all lanes; `true` when nothing stayed behind.
    func drainSteps() async -> Bool {
        var isEmpty = true
        for part in parts {
            let drained = try? await part.eventLoop.submit {
                // Sources first, so that what one lets go is still let go by the next.
                (part.value?.steps ?? []).map { $0.drain() }.allSatisfy { $0 }
            }.get()
            isEmpty = isEmpty && drained ?? true
        }
        return isEmpty
    }

    /// Gives up what processors still keep and returns how many items that were.
    func abandonSteps() async -> Int {
        var items = 0
        for part in parts {
            items +=
                (try? await part.eventLoop.submit {
                    (part.value?.steps ?? []).reduce(0) { $0 + $1.abandon() }
                }.get()) ?? 0
        }
        return items
    }
}

/// The components of a graph that exist once, whatever the number of lanes.
struct GraphComponents: Sendable {
    var receivers: [(id: ComponentID, receiver: any Receiver)] = []
    var extensions: [(id: ComponentID, extension: any Extension)] = []
    var exporters: [(id: ComponentID, exporter: any Exporter)] = []
    var ends: [Graph.EndKey: ExporterEnd] = [:]
    var batchings: [Graph.EndKey: QueueBatching] = [:]
    var ledgers: [PipelineLedger] = []
}
