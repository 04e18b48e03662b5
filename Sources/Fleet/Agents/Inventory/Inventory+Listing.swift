public import FleetModel
public import OpAMP
internal import Synchronization

extension Inventory {
    /// Agents that are looked at before others may have the inventory.
    private static let slice = 8192

    /// Agents one after the other, in the order of their ids, without keeping others waiting for long.
    ///
    /// What changes meanwhile is seen or not; nobody is seen twice, and nobody is missed who is there all the
    /// time.
    private func scan(
        after uid: InstanceUID? = nil, _ body: (InventorySlice, UInt32, HotAgent) -> Bool
    ) {
        var last = uid
        while true {
            let next: InstanceUID? = state.withLock { state in
                let start = last.map { state.orderIndex(after: $0) } ?? 0
                let (order, hot) = (state.order, state.hot)
                let slice = InventorySlice(tables: state.tables, agents: state.agents)
                let end = min(start + Self.slice, order.count)
                guard start < end else { return nil }
                for index in start..<end {
                    guard let row = hot[Int(order[index])] else { continue }
                    if !body(slice, order[index], row) { return nil }
                    if index + 1 == end, end < order.count { return row.uid }
                }
                return nil
            }
            guard let next else { return }
            last = next
        }
    }

    private func filter(_ query: AgentQuery) -> AgentFilter {
        state.withLock { AgentFilter(query, in: $0.tables) }
    }

    /// The agents that a selector chooses, in the order of their ids; those that wait to be let in are left
    /// out.
    public func resolve(_ selector: Selector) -> [InstanceUID] {
        var filter = filter(AgentQuery(selectors: [selector]))
        var found: [InstanceUID] = []
        scan { slice, place, row in
            if filter.matches(row, place, in: slice) { found.append(row.uid) }
            return true
        }
        return found
    }

    /// How many agents a selector chooses, and how many of them are connected.
    public func count(_ selector: Selector) -> (known: Int, connected: Int) {
        guard !selector.requirements.isEmpty else { return counts }
        let summary = summary([selector])
        return (summary.agents, summary.connected)
    }

    /// What rollouts want to know of the agents that a selector chooses, labels included.
    public func candidates(_ selector: Selector) -> [AgentFacts] {
        var filter = filter(AgentQuery(selectors: [selector]))
        var chosen: [InstanceUID] = []
        scan { slice, place, row in
            if filter.matches(row, place, in: slice) { chosen.append(row.uid) }
            return true
        }
        var found: [AgentFacts] = []
        for start in stride(from: 0, to: chosen.count, by: 512) {
            state.withLock { state in
                for uid in chosen[start..<min(start + 512, chosen.count)] {
                    guard let place = state.place(of: uid) else { continue }
                    if let facts = state.facts(place, withLabels: true) { found.append(facts) }
                }
            }
        }
        return found
    }

    /// One page of the agents that a query is about.
    ///
    /// Pages go on after the last agent of the page before, so agents that come or go meanwhile make none
    /// appear twice or be left out.
    public func list(_ query: AgentQuery) throws(InventoryError) -> AgentPage {
        let size = min(max(query.pageSize, 1), AgentQuery.largestPage)
        var selection = try PageSelection(query, size: size + 1)
        var filter = filter(query)
        let isInOrder = query.order == .uid && !query.isDescending
        scan(after: isInOrder ? selection.lastUID : nil) { slice, place, row in
            guard filter.matches(row, place, in: slice) else { return true }
            selection.offer(row, name: slice.agents[Int(place)]?.name ?? "", place: place)
            return !(isInOrder && selection.isFull)
        }
        let chosen = selection.sorted
        let agents = state.withLock { state in
            chosen.prefix(size).compactMap { key in
                state.place(of: key.uid).flatMap { state.overview($0) }
            }
        }
        return AgentPage(agents: agents, next: chosen.count > size ? chosen[size - 1].token(query) : nil)
    }

    /// The fleet in numbers, or the part of it that all of some selectors choose.
    public func summary(_ selectors: [Selector] = []) -> FleetSummary {
        var query = AgentQuery(selectors: selectors)
        query.includesWaiting = true
        var filter = filter(query)
        var counting = SummaryCounting()
        scan { slice, place, row in
            if filter.matches(row, place, in: slice) { counting.add(row) }
            return true
        }
        return state.withLock { counting.summary($0.tables) }
    }

    /// What is really running: agents that run the same are one variant, the one with the most comes first.
    ///
    /// - Parameters:
    ///   - selectors: All of them have to choose the agents.
    ///   - limit: How many variants at most.
    /// - Returns: The variants; agents that have not said what they run are in none.
    public func variants(_ selectors: [Selector] = [], limit: Int = 1000) -> [EffectiveVariant] {
        struct Group {
            var agents = 0
            var revisions: Set<UInt32> = []
            var examples: [InstanceUID] = []
        }
        var filter = filter(AgentQuery(selectors: selectors))
        var groups: [UInt32: Group] = [:]
        scan { slice, place, row in
            guard row.effective != .absent, filter.matches(row, place, in: slice) else { return true }
            var group = groups.removeValue(forKey: row.effective) ?? Group()
            group.agents += 1
            if row.terms != .absent, group.revisions.count < 20 { group.revisions.insert(row.terms) }
            if group.examples.count < 10 { group.examples.append(row.uid) }
            groups[row.effective] = group
            return true
        }
        return state.withLock { state in
            groups.compactMap { number, group -> EffectiveVariant? in
                guard let hash = state.tables.effective[number] else { return nil }
                let revisions = Set(group.revisions.compactMap { state.tables.terms[$0]?.revision })
                return EffectiveVariant(
                    hash: hash, agents: group.agents,
                    revisions: revisions.sorted {
                        ($0.configuration, $0.number) < ($1.configuration, $1.number)
                    }, examples: group.examples)
            }
            .sorted { ($1.agents, $0.hash.description) < ($0.agents, $1.hash.description) }
            .prefix(max(limit, 0)).map { $0 }
        }
    }
}
