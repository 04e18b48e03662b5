internal import Delivery
internal import NIOCore
internal import Pipeline

/// How what leaves lets go of what it keeps before the queues of exporters.
extension Departure {
    /// Returns when nothing more comes out of the receivers and processors that leave, or at `limit`.
    func waitForSteps(until limit: Instant) async {
        while !stepsAreEmpty.isRunning, surroundings.clock.now < limit {
            await pause()
        }
    }

    /// Lets everything go that is before the queues of exporters, from the front to the back.
    ///
    /// A queue in front of a connector is drained when all that feeds it has let go, while what is behind it
    /// is open: until `rest` before the deadline, since what it lets go of has to be sent after that.
    func drainFront(until deadline: Instant, leaving rest: Duration) async {
        let front = deadline + (.zero - rest)
        for (queue, feeder) in connectorQueues {
            await drainSteps(upTo: feeder, until: front)
            await drainConnector(queue, until: front)
        }
        // What a connector has offered may be refused late, and then it is offered to other pipelines.
        while await !(drainSteps() && openAnswers == 0), hasTime(until: front) { await pause() }
        await drainSteps(until: deadline)
    }

    private func pause() async { _ = try? await surroundings.clock.sleep(for: .milliseconds(10)) }

    func drain(_ queue: DeliveryQueue, until deadline: Instant) async {
        await queue.drain(until: hasTime(until: deadline) ? deadline : surroundings.clock.now)
    }

    private func drainConnector(_ queue: DeliveryQueue, until deadline: Instant) async {
        await withTaskGroup { group in
            group.addTask { await drain(queue, until: deadline) }
            group.addTask { await letGo(behind: queue) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Lets the steps go of what they keep when a queue stands still, until it is cancelled: what is sent
    /// from there may be done only when it has got through them.
    private func letGo(behind queue: DeliveryQueue) async {
        var size = queue.size
        while (try? await surroundings.clock.sleep(for: .milliseconds(100))) != nil {
            if queue.size == size { _ = await drainSteps() }
            size = queue.size
        }
    }

    /// Items of which a connector without a queue, in a pipeline that leaves, does not know yet whether they
    /// were taken.
    private var openAnswers: Int {
        let components = leaving.graph.components
        let kept = staying?.graph.components.tails ?? [:]
        var items = 0
        for (pipeline, tail) in components.tails where kept[pipeline] !== tail {
            for destination in tail.destinations
            where components.ends[Graph.EndKey(exporter: destination.id, signal: pipeline.signal)] == nil {
                items += tail.itemsAwaitingAnswer(of: destination.account)
            }
        }
        return items
    }

    /// Lets every step that leaves go of what it keeps, those behind the pipeline `last` excepted, until
    /// nothing stays behind or the time is over.
    private func drainSteps(upTo last: PipelineID? = nil, until deadline: Instant) async {
        var round = 0
        while await !drainSteps(upTo: last), hasTime(until: deadline) {
            await pause()
            round += 1
            // What finds no room for so long may wait for something that a step further back keeps.
            if last != nil, round.isMultiple(of: 10) { _ = await drainSteps() }
        }
    }

    /// Lets them go of what they keep, on all lanes; `true` when nothing stayed behind.
    ///
    /// Steps and connectors that stay are woken: one that shares what it keeps with its predecessor may have
    /// got something of it, and nobody else would tell.
    private func drainSteps(upTo last: PipelineID? = nil) async -> Bool {
        await onLanes(upTo: last) { [staying] steps, lane in
            // Sources first, so that what one lets go is still let go by the next.
            let isEmpty = steps.map { $0.drain() }.allSatisfy { $0 }
            let part = staying?.graph.part(on: lane) ?? LanePart()
            for step in part.steps.values { step.begin() }
            for connector in part.connectors.values { connector.wake() }
            return isEmpty ? 0 : 1
        } == 0
    }

    /// Gives up what they still keep and returns how many items that were.
    func abandonSteps() async -> Int {
        await onLanes { steps, _ in steps.reduce(0) { $0 + $1.abandon() } }
    }

    private func onLanes(
        upTo last: PipelineID? = nil, _ work: @escaping @Sendable ([any DrainableSink], _ lane: Int) -> Int
    ) async -> Int {
        var sum = 0
        for lane in leaving.graph.lanes {
            let result = try? await lane.eventLoop.submit { [leaving, staying] in
                let kept = Set(
                    (staying?.graph.part(on: lane.index).drains ?? []).map { ObjectIdentifier($0) })
                let part = leaving.graph.part(on: lane.index)
                let steps = part.drains.prefix(last.flatMap { part.reach[$0] } ?? part.drains.count)
                return work(steps.filter { !kept.contains(ObjectIdentifier($0)) }, lane.index)
            }.get()
            sum += result ?? 0
        }
        return sum
    }
}
