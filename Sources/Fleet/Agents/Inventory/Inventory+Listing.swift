public import FleetModel
public import OpAMP
internal import Synchronization

extension Inventory {
    /// Agents or attributes that are looked at before others may have the inventory.
    private static let slice = 1024
    /// The same, where all labels of an agent are put together.
    private static let recordSlice = 8

    /// The agents that a selector chooses, in the order of their ids; those that wait to be let in are left
    /// out.
    ///
    /// All are chosen at the same moment.
    public func resolve(_ selector: Selector) -> [InstanceUID] {
        state.withLock { $0.chosen($0.chosen(AgentQuery(selectors: [selector]))) }.sorted
    }

    /// How many agents a selector chooses, and how many of them are connected.
    public func count(_ selector: Selector) -> (known: Int, connected: Int) {
        guard !selector.requirements.isEmpty else { return counts }
        let (chosen, connected) = state.withLock { state in
            (state.chosen(AgentQuery(selectors: [selector])), state.states.connected)
        }
        return (chosen.count, chosen.countCommon(connected))
    }

    /// What rollouts want to know of the agents that a selector chooses, labels included.
    public func candidates(_ selector: Selector) -> [AgentFacts] {
        let chosen = resolve(selector)
        var found: [AgentFacts] = []
        found.reserveCapacity(chosen.count)
        for start in stride(from: 0, to: chosen.count, by: Self.recordSlice) {
            state.withLock { state in
                for uid in chosen[start..<min(start + Self.recordSlice, chosen.count)] {
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
    /// appear twice or be left out. A page may be shorter than asked for although another follows, when
    /// agents have gone while it was put together.
    public func list(_ query: AgentQuery) throws(InventoryError) -> AgentPage {
        let size = min(max(query.pageSize, 1), AgentQuery.largestPage)
        var selection = try PageSelection(query, size: size + 1)
        let needle = TextNeedle(query.search)
        let said = needle.isEmpty ? nil : having(needle)
        let chosen = state.withLock { state in
            var places = state.chosen(query)
            if let said { places.formIntersection(said) }
            return state.chosen(places)
        }
        if query.order == .uid {
            let uids = chosen.next(size + 1, after: selection.lastUID, isDescending: query.isDescending)
            for uid in uids { selection.offer(uid, name: "", lastSeen: 0) }
        } else {
            offer(chosen, to: &selection)
        }
        let keys = selection.sorted
        let agents = keys.prefix(size).compactMap { key in
            state.withLock { state in
                state.place(of: key.uid).flatMap { place in
                    // Another agent may have come to the place of one that went.
                    needle.isEmpty || state.says(place, needle) ? state.overview(place) : nil
                }
            }
        }
        return AgentPage(agents: agents, next: keys.count > size ? keys[size - 1].token(query) : nil)
    }

    /// Lets a page choose by what is looked up in the agents themselves.
    private func offer(_ chosen: ChosenAgents, to selection: inout PageSelection) {
        forEach(chosen) { state, place in
            guard let row = state.hot[Int(place)], let agent = state.agent(place) else { return }
            selection.offer(agent.uid, name: agent.name, lastSeen: row.lastSeen)
        }
    }

    /// Agents with a text in what is known of them: different texts are searched, then their agents are put
    /// together.
    private func having(_ needle: TextNeedle) -> Bitmap {
        let (attributes, labels, places) = state.withLock { $0.texts }.finding(needle)
        var found = places
        add(attributes, to: &found) { $0.labelIndex.byAttribute.byPair }
        add(labels, to: &found) { $0.labelIndex.byLabel.byPair }
        return found
    }

    private func add(
        _ numbers: [UInt32], to found: inout Bitmap, _ sets: (InventoryState) -> PlaceSets
    ) {
        for start in stride(from: 0, to: numbers.count, by: Self.slice) {
            state.withLock { state in
                let sets = sets(state)
                for number in numbers[start..<min(start + Self.slice, numbers.count)] {
                    found.formUnion(sets[number])
                }
            }
        }
    }

    /// Looks at chosen agents that are still there, without keeping others waiting for long.
    private func forEach(_ chosen: ChosenAgents, _ body: (InventoryState, UInt32) -> Void) {
        let words = chosen.places.words.count
        for start in stride(from: 0, to: words, by: Self.slice / 64) {
            state.withLock { state in
                chosen.places.forEach(in: start..<min(start + Self.slice / 64, words)) { place in
                    if state.uids[Int(place)] == chosen.uids[Int(place)] { body(state, place) }
                }
            }
        }
    }

    /// The fleet in numbers, or the part of it that all of some selectors choose.
    public func summary(_ selectors: [Selector] = []) -> FleetSummary {
        let (counting, chosen) = state.withLock { state in
            let counting = SummaryCounting(
                chosen: state.chosen(selectors), states: state.states, builds: state.tables.builds,
                revisions: state.tables.revisions)
            return (counting, state.chosen(counting.flowing))
        }
        var summary = counting.summary
        forEach(chosen) { state, place in
            guard let row = state.hot[Int(place)] else { return }
            summary.accepted += Double(row.accepted)
            summary.delivered += Double(row.delivered)
            summary.dropped += Double(row.dropped)
        }
        return summary
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

            mutating func add(_ row: HotAgent, _ uid: InstanceUID) {
                agents += 1
                if row.revision != .absent, revisions.count < 20 { revisions.insert(row.revision) }
                if examples.count < 10 { examples.append(uid) }
            }
        }
        var groups: [UInt32: Group] = [:]
        let chosen = state.withLock { $0.chosen($0.chosen(AgentQuery(selectors: selectors))) }
        forEach(chosen) { state, place in
            guard let row = state.hot[Int(place)], row.effective != .absent else { return }
            groups[row.effective, default: Group()].add(row, chosen.uids[Int(place)])
        }
        return state.withLock { state in
            groups.compactMap { number, group -> EffectiveVariant? in
                guard let hash = state.tables.effective[number] else { return nil }
                let revisions = Set(group.revisions.compactMap { state.tables.revisions[$0] })
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
