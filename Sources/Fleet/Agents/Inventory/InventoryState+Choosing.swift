internal import FleetModel
internal import OpAMP

/// Agents that were chosen, as they were at one moment.
struct ChosenAgents: Sendable {
    let places: Bitmap
    let uids: [InstanceUID]
    /// Places in the order of the ids.
    let order: [UInt32]

    /// The ids, in their order.
    var sorted: [InstanceUID] { order.compactMap { places.contains($0) ? uids[Int($0)] : nil } }

    /// The first so many behind an id, or before it, beginning there.
    func next(_ count: Int, after uid: InstanceUID?, isDescending: Bool) -> [InstanceUID] {
        var found: [InstanceUID] = []
        var index = uid.map { start(after: $0, isDescending) } ?? (isDescending ? order.count - 1 : 0)
        while order.indices.contains(index), found.count < count {
            if places.contains(order[index]) { found.append(uids[Int(order[index])]) }
            index += isDescending ? -1 : 1
        }
        return found
    }

    private func start(after uid: InstanceUID, _ isDescending: Bool) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            let other = uids[Int(order[middle])]
            let isBefore = isDescending ? other < uid : other <= uid
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return isDescending ? low - 1 : low
    }
}

/// Who is chosen, by sets of places alone: microseconds, however many agents there are.
extension InventoryState {
    /// The agents that all of some selectors choose, those that wait to be let in among them.
    func chosen(_ selectors: [Selector]) -> Bitmap {
        var chosen = states.all
        for requirement in selectors.flatMap(\.requirements) {
            labelIndex.apply(requirement, to: &chosen, tables.attributes.pairs)
        }
        return chosen
    }

    /// The agents that a query is about, but for the text.
    func chosen(_ query: AgentQuery) -> Bitmap {
        var chosen = chosen(query.selectors)
        if !query.includesWaiting { chosen.subtract(states.waiting) }
        switch query.isConnected {
        case true?: chosen.formIntersection(states.connected)
        case false?: chosen.subtract(states.connected)
        case nil: break
        }
        if let isHealthy = query.isHealthy {
            chosen.formIntersection(states.reporting)
            if isHealthy {
                chosen.formIntersection(states.healthy)
            } else {
                chosen.subtract(states.healthy)
            }
        }
        if let drift = query.drift { chosen.formIntersection(states.drift[Int(drift.number)]) }
        if let effective = query.effective {
            chosen.formIntersection(states.effective[tables.effective.number(of: effective) ?? .absent])
        }
        if let revision = query.revision {
            chosen.formIntersection(states.revisions[tables.revisions.number(of: revision) ?? .absent])
        }
        if let version = query.version { choose(version: version, &chosen) }
        return chosen
    }

    private func choose(version: String, _ chosen: inout Bitmap) {
        var found = Bitmap()
        let (index, pairs) = (labelIndex.byAttribute, tables.attributes.pairs)
        index.add("service.version", [version], in: pairs, to: &found)
        if version.isEmpty {
            // Who does not say one has the empty one.
            found.formUnion(states.all)
            found.subtract(index.having("service.version", in: pairs))
            index.add("service.version", [version], in: pairs, to: &found)
        }
        chosen.formIntersection(found)
    }

    func chosen(_ places: Bitmap) -> ChosenAgents { ChosenAgents(places: places, uids: uids, order: order) }

    // MARK: - Text

    /// What text is looked for in.
    var texts: InventoryTexts {
        InventoryTexts(
            attributes: tables.attributes.pairs.texts, labels: labelIndex.labels.texts, uids: uids)
    }

    /// Whether a text is in the id, a label or an attribute of an agent; its name is one of these.
    func says(_ place: UInt32, _ needle: TextNeedle) -> Bool {
        guard let row = hot[Int(place)], let agent = agents[Int(place)] else { return false }
        let list = tables.attributes.list(AttributeTable.Numbers(profile: row.profile, own: agent.own))
        return list.contains { needle.isIn($0.value) }
            || (tables.labels[row.labels] ?? [:]).values.contains { needle.isIn($0) }
            || UIDNeedle(needle).isIn(agent.uid)
    }
}

/// The different texts of all agents, as they were at one moment.
struct InventoryTexts: Sendable {
    let attributes: TextArena
    let labels: TextArena
    let uids: [InstanceUID]

    /// The numbers of attributes and labels with a text in them, and the places of ids.
    func finding(_ needle: TextNeedle) -> (attributes: [UInt32], labels: [UInt32], places: Bitmap) {
        var places = Bitmap()
        let uidNeedle = UIDNeedle(needle)
        if !uidNeedle.isImpossible {
            for (place, uid) in uids.enumerated() where uidNeedle.isIn(uid) { places.insert(UInt32(place)) }
        }
        return (attributes.owners(of: needle), labels.owners(of: needle), places)
    }
}
