internal import Delivery
internal import NIOCore
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The end of whatever a graph has and its successor does not: from the front to the back, so that nothing
/// accepted stays behind.
struct Departure: Sendable {
    let leaving: RunningGraph
    /// Ready when nothing more comes out of the receivers and processors that leave.
    let stepsAreEmpty = Lifeline()
    /// Requested when there is no more time.
    private let end = Cutoff()
    let staying: RunningGraph?
    let surroundings: EngineSurroundings

    /// `staying` is the graph that keeps what they share; without one everything ends.
    init(of leaving: RunningGraph, before staying: RunningGraph?, _ surroundings: EngineSurroundings) {
        self.leaving = leaving
        self.staying = staying
        self.surroundings = surroundings
    }

    /// Whether there is nothing to do.
    var isEmpty: Bool {
        records.isEmpty && queues.isEmpty && pipelines.isEmpty
            && leaving.graph.pipelines == staying?.graph.pipelines
    }

    /// Ends whose queues on disk are free for others only when this is over.
    var occupied: Set<Graph.EndKey> {
        Set(queues.filter { $0.queue.occupiesDisk }.map { $0.key })
    }

    /// Stops it all within `budget` and says what became of the items of pipelines that are gone.
    ///
    /// What left before in `earlier` may still hand something to what leaves now, so that comes first, in
    /// half of the time at most: where it takes longer, the time is needed here.
    func run(within budget: Duration, after earlier: [Departure] = []) async -> ShutdownReceipt {
        let begin = surroundings.clock.now
        let deadline = begin + budget
        for departure in earlier { await departure.waitForSteps(until: begin + budget / 2) }
        await stopAll(receivers.map { $0.running }, grace: budget / 4)
        // Processors can only let go of what they keep when queues have room.
        for queue in queues.map({ $0.queue }) { queue.tryAgainNow() }
        await drainFront(until: deadline, leaving: budget / 4)
        stepsAreEmpty.ready()
        await withTaskGroup { group in
            for queue in queues.filter({ !$0.isOfConnector }).map({ $0.queue }) {
                group.addTask { await drain(queue, until: deadline) }
            }
        }
        let lost = await abandonSteps()
        for exporter in exportersLeaving {
            surroundings.report(.stopping, exporter.record)
            await exporter.component.close()
            surroundings.report(.stopped, exporter.record)
        }
        await stopAll(extensions, grace: .seconds(1))
        let recovered = queues.map { ($0.key.exporter, $0.queue.recovered) }
        for record in records { surroundings.forget(record) }
        let staying = staying?.graph.components.tails ?? [:]
        for (id, tail) in leaving.graph.components.tails where staying[id] !== tail { tail.close() }
        return ShutdownReceipt(
            pipelines.compactMap { leaving.graph.components.ledgers[$0] }, recovered: recovered,
            lostInSteps: lost, took: surroundings.clock.now - begin)
    }

    /// Ends the time that there is, whatever it was: what has not gone by now is given up.
    func cutShort() {
        end.set()
        for queue in queues.map({ $0.queue }) { queue.cutShort() }
    }

    /// Whether something may still be waited for until `limit`.
    func hasTime(until limit: Instant) -> Bool { !end.isSet && surroundings.clock.now < limit }

    // MARK: - What leaves

    private var receivers: [RunningReceiver] {
        leaving.receivers.values.filter { staying?.graph.has($0.record) != true }
    }

    private var extensions: [RunningComponent] {
        leaving.extensions.values.filter { staying?.graph.has($0.record) != true }
    }

    private var exportersLeaving: [Built<any Exporter>] {
        leaving.graph.components.exporters.values.filter { staying?.graph.has($0.record) != true }
    }

    private var queues: [(key: Graph.EndKey, queue: DeliveryQueue, isOfConnector: Bool)] {
        leaving.graph.components.ends.compactMap { key, end in
            guard let queue = end.queue, staying?.graph.components.ends[key]?.queue !== queue else {
                return nil
            }
            return (key, queue, end.connector != nil)
        }
    }

    /// The queues in front of connectors, each with the last pipeline that feeds it, in the order of these.
    ///
    /// A pipeline stands behind all that feed it, so whatever gets into a queue has come from before its last
    /// feeder.
    var connectorQueues: [(queue: DeliveryQueue, feeder: PipelineID)] {
        let order = leaving.graph.pipelines
        let found = queues.filter { $0.isOfConnector }.compactMap { item -> (place: Int, DeliveryQueue)? in
            order.lastIndex {
                $0.id.signal == item.key.signal && $0.exporters.contains(item.key.exporter)
            }.map { ($0, item.queue) }
        }
        return found.sorted { $0.place < $1.place }.map { ($0.1, order[$0.place].id) }
    }

    /// Pipelines that are gone.
    var pipelines: [PipelineID] {
        let kept = Set(staying?.graph.pipelines.map { $0.id } ?? [])
        return leaving.graph.pipelines.map { $0.id }.filter { !kept.contains($0) }
    }

    /// Components that are gone, whether or not others of the same id have come.
    var records: [ComponentRecord] {
        leaving.graph.components.allRecords.filter { staying?.graph.has($0) != true }
    }

    private func stopAll(_ components: [RunningComponent], grace: Duration) async {
        await withTaskGroup { group in
            for component in components {
                group.addTask { [surroundings] in await component.stop(grace: grace, surroundings) }
            }
        }
    }
}

/// Set once, by whoever has no more time.
private final class Cutoff: Sendable {
    private let state = Atomic<Bool>(false)

    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
}

extension GraphComponents {
    /// Who all the components are.
    var allRecords: [ComponentRecord] {
        extensions.map { $0.record } + receivers.values.map { $0.record } + Array(processors.values)
            + exporters.values.map { $0.record } + Array(connectors.values)
    }
}
