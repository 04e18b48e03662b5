internal import Delivery
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// The end of whatever a graph has and its successor does not: from the front to the back, so that nothing
/// accepted stays behind.
struct Departure: Sendable {
    let leaving: RunningGraph
    /// Ready when nothing more comes out of the receivers and processors that leave.
    let stepsAreEmpty = Lifeline()
    private let staying: RunningGraph?
    private let surroundings: EngineSurroundings

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

    /// Exporters whose queues on disk are free for others only when this is over.
    var occupied: Set<ComponentID> {
        Set(queues.filter { $0.queue.occupiesDisk }.map { $0.key.exporter })
    }

    /// Stops it all within `budget` and says what became of the items of pipelines that are gone.
    ///
    /// What left before in `earlier` may still hand something to what leaves now, so that comes first.
    func run(within budget: Duration, after earlier: [Departure] = []) async -> ShutdownReceipt {
        for departure in earlier { _ = await departure.stepsAreEmpty.whenStarted() }
        let begin = surroundings.clock.now
        let deadline = begin + budget
        await stopAll(receivers.map { $0.running }, grace: budget / 4)
        // Processors can only let go of what they keep when queues have room.
        for queue in queues.map({ $0.queue }) { queue.tryAgainNow() }
        await drainSteps(until: deadline)
        // What waits in front of a connector goes to pipelines whose queues still have to be open.
        for queue in connectorQueues {
            await queue.drain(until: deadline)
            await drainSteps(until: deadline)
        }
        stepsAreEmpty.ready()
        await withTaskGroup { group in
            for queue in queues.filter({ !$0.isOfConnector }).map({ $0.queue }) {
                group.addTask { await queue.drain(until: deadline) }
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

    /// The queues in front of connectors, sources first.
    private var connectorQueues: [DeliveryQueue] {
        let own = queues.filter { $0.isOfConnector }
        return leaving.graph.pipelines.flatMap { pipeline in
            own.filter { $0.key.signal == pipeline.id.signal && pipeline.exporters.contains($0.key.exporter) }
        }.map { $0.queue }
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

    // MARK: - Steps

    /// Lets every step that leaves go of what it keeps, until nothing stays behind or the time is over.
    private func drainSteps(until deadline: Instant) async {
        while await !drainSteps(), surroundings.clock.now < deadline {
            _ = try? await surroundings.clock.sleep(for: .milliseconds(10))
        }
    }

    /// Lets every step that leaves go of what it keeps, on all lanes; `true` when nothing stayed behind.
    ///
    /// Steps that stay are woken: one that shares what it keeps with its predecessor may have got something
    /// of it, and nobody else would tell.
    private func drainSteps() async -> Bool {
        await onLanes { [staying] steps, lane in
            // Sources first, so that what one lets go is still let go by the next.
            let isEmpty = steps.map { $0.drain() }.allSatisfy { $0 }
            for step in (staying?.graph.part(on: lane).steps ?? [:]).values { step.begin() }
            return isEmpty ? 0 : 1
        } == 0
    }

    /// Gives up what they still keep and returns how many items that were.
    private func abandonSteps() async -> Int {
        await onLanes { steps, _ in steps.reduce(0) { $0 + $1.abandon() } }
    }

    private func onLanes(_ work: @escaping @Sendable ([any DrainableSink], _ lane: Int) -> Int) async -> Int {
        var sum = 0
        for lane in leaving.graph.lanes {
            let result = try? await lane.eventLoop.submit { [leaving, staying] in
                let kept = Set(
                    (staying?.graph.part(on: lane.index).drains ?? []).map { ObjectIdentifier($0) })
                let steps = leaving.graph.part(on: lane.index).drains
                return work(steps.filter { !kept.contains(ObjectIdentifier($0)) }, lane.index)
            }.get()
            sum += result ?? 0
        }
        return sum
    }

    private func stopAll(_ components: [RunningComponent], grace: Duration) async {
        await withTaskGroup { group in
            for component in components {
                group.addTask { [surroundings] in await component.stop(grace: grace, surroundings) }
            }
        }
    }
}

extension GraphComponents {
    /// Who all the components are.
    var allRecords: [ComponentRecord] {
        extensions.map { $0.record } + receivers.values.map { $0.record } + Array(processors.values)
            + exporters.values.map { $0.record } + Array(connectors.values)
    }
}
