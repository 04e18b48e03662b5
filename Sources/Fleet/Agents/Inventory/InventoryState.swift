internal import FleetModel
internal import OpAMP
internal import Wire

/// All agents; whoever has it has it alone.
///
/// `@unchecked Sendable` is sound because the only reference is inside of the `Mutex` of the inventory, and
/// nothing that is done under it hands the state or one of its agents out.
final class InventoryState: @unchecked Sendable {
    var tables = InventoryTables()
    private(set) var hot: [HotAgent?] = []
    private(set) var agents: [Agent?] = []
    /// The ids of the agents by their places; those of places that are free are not to be looked at.
    private(set) var uids: [InstanceUID] = []
    private(set) var states = StateIndex()
    var labelIndex = LabelIndex()
    private var places: [InstanceUID: UInt32] = [:]
    private var free: [UInt32] = []
    /// Places in the order of the ids.
    private(set) var order: [UInt32] = []

    /// Agents that are let in.
    private(set) var known = 0
    private(set) var connected = 0
    private(set) var waiting = 0
    var keptShapes = KeptShapes()
    /// Managers that agents are or were connected to.
    var lives: Set<String> = []
    /// Places of agents that have to be written.
    var dirty: [UInt32] = []
    /// The custom messages that go with offers, made once.
    var offerMessages: [AssignmentTerms: Bytes] = [:]
    /// Contents that have to be written, by hash, and their bytes together.
    var contents: [ContentHash: [UInt8]] = [:]
    var contentBytes = 0
    /// Agents with packages by the number of their `DriftState`.
    var packageCounts = [Int](repeating: 0, count: DriftState.allCases.count)
    /// Grows with every change that a list could show.
    var version: UInt64 = 0

    var count: Int { places.count }

    func place(of uid: InstanceUID) -> UInt32? { places[uid] }

    func agent(_ place: UInt32) -> Agent? { agents[Int(place)] }

    /// The agent with its place, where there is one.
    func found(_ uid: InstanceUID) -> (place: UInt32, agent: Agent)? {
        guard let place = places[uid], let agent = agents[Int(place)] else { return nil }
        return (place, agent)
    }

    /// Puts in an agent that is not there.
    func insert(_ agent: Agent, isWaiting: Bool) -> UInt32 {
        let place: UInt32
        var row = HotAgent()
        if isWaiting { row.flags.insert(.isWaiting) }
        if let reused = free.popLast() {
            place = reused
            agents[Int(place)] = agent
            hot[Int(place)] = row
            uids[Int(place)] = agent.uid
        } else {
            place = UInt32(agents.count)
            agents.append(agent)
            hot.append(row)
            uids.append(agent.uid)
        }
        states.move(place, from: nil, to: row)
        places[agent.uid] = place
        order.insert(place, at: orderIndex(after: agent.uid))
        if isWaiting { waiting += 1 } else { known += 1 }
        version += 1
        return place
    }

    /// Puts in an agent that is let in; one of the same id makes room for it where it is, since finding a new
    /// place costs more the larger the fleet is.
    func put(_ agent: Agent) -> UInt32 {
        guard let (place, before) = found(agent.uid), let row = hot[Int(place)] else {
            return insert(agent, isWaiting: false)
        }
        clear(place, before, row)
        let fresh = HotAgent()
        agents[Int(place)] = agent
        hot[Int(place)] = fresh
        states.move(place, from: nil, to: fresh)
        known += 1
        return place
    }

    /// Takes an agent out and gives back what it shared.
    func remove(_ uid: InstanceUID) -> Agent? {
        guard let (place, agent) = found(uid), let row = hot[Int(place)] else { return nil }
        clear(place, agent, row)
        let index = orderIndex(after: uid) - 1
        if order.indices.contains(index), order[index] == place { order.remove(at: index) }
        places[uid] = nil
        agents[Int(place)] = nil
        hot[Int(place)] = nil
        free.append(place)
        return agent
    }

    /// Gives back what an agent shares with others, and counts it no more.
    private func clear(_ place: UInt32, _ agent: Agent, _ row: HotAgent) {
        update(place) { $0.flags.remove(.isConnected) }
        states.move(place, from: hot[Int(place)], to: nil)
        undescribe(place, agent, row)
        label(place, [:])
        tables.builds.release(row.build)
        tables.effective.release(row.effective)
        tables.terms.release(row.terms)
        tables.revisions.release(row.revision)
        tables.effective.release(agent.baseline)
        releaseShape(agent.shape)
        tables.customs.release(agent.customs)
        tables.components.release(agent.components)
        if let offer = agent.offer { tables.terms.release(offer.terms) }
        releasePackages(agent)
        if row.flags.contains(.isWaiting) { waiting -= 1 } else { known -= 1 }
        version += 1
    }

    /// Changes the part that lists look at, and the numbers that follow from it.
    func update(_ place: UInt32, _ change: (inout HotAgent) -> Void) {
        guard var row = hot[Int(place)] else { return }
        let old = row
        change(&row)
        hot[Int(place)] = row
        states.move(place, from: old, to: row)
        let before = old.flags
        guard before != row.flags else { return }
        version += 1
        func count(_ flag: HotAgent.Flags) -> Int {
            (row.flags.contains(flag) ? 1 : 0) - (before.contains(flag) ? 1 : 0)
        }
        waiting += count(.isWaiting)
        known -= count(.isWaiting)
        let wasCounted = before.contains(.isConnected) && !before.contains(.isWaiting)
        let isCounted = row.flags.contains(.isConnected) && !row.flags.contains(.isWaiting)
        connected += (isCounted ? 1 : 0) - (wasCounted ? 1 : 0)
    }

    /// Has an agent written with the next batch.
    func soil(_ place: UInt32) {
        version += 1
        guard let agent = agents[Int(place)], !agent.isDirty else { return }
        agent.isDirty = true
        dirty.append(place)
    }

    /// The index in `order` of the first agent whose id is larger.
    func orderIndex(after uid: InstanceUID) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if uids[Int(order[middle])] <= uid { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
