internal import FleetModel
internal import OpAMP
internal import Synchronization

/// What rollouts ask of many agents at once, without keeping messages waiting for long.
extension Inventory {
    /// Agents that are looked at while the inventory is held once.
    private static let slice = 1024

    /// What selectors see of agents, as far as it is about some labels; agents that are not known are left
    /// out.
    func labels(_ keys: Set<String>, of uids: [InstanceUID]) -> [InstanceUID: [String: String]] {
        var found: [InstanceUID: [String: String]] = [:]
        found.reserveCapacity(uids.count)
        inSlices(uids) { state, uid in
            guard let place = state.place(of: uid) else { return }
            found[uid] = state.labels(place, keys)
        }
        return found
    }

    /// What templates see of agents, of their attributes those of these names; agents that are not known are
    /// left out.
    func templateSubjects(_ uids: [InstanceUID], attributes keys: Set<String>) -> [TemplateSubject] {
        var found: [TemplateSubject] = []
        found.reserveCapacity(uids.count)
        inSlices(uids) { state, uid in
            guard let place = state.place(of: uid), let row = state.hot[Int(place)] else { return }
            found.append(
                TemplateSubject(
                    uid: uid, labels: state.tables.labels[row.labels] ?? [:],
                    attributes: state.attributes(place, keys)))
        }
        return found
    }

    /// What a rollout has assigned to agents, by hash; those that have something else are left out.
    func assigned(to uids: [InstanceUID], by rollout: String) -> [ContentHash: [InstanceUID]] {
        var found: [ContentHash: [InstanceUID]] = [:]
        inSlices(uids) { state, uid in
            guard let place = state.place(of: uid), let row = state.hot[Int(place)],
                let terms = state.tables.terms[row.terms], terms.rollout == rollout
            else { return }
            found[terms.hash, default: []].append(uid)
        }
        return found
    }

    /// Connected agents that take configurations and lack what they were promised; see `RolloutFleet`.
    func strays(_ promises: [StandingPromise], newer: [String: Int], limit: Int) -> [StrayAgent] {
        guard !promises.isEmpty else { return [] }
        var search = StraySearch(promises, newer, in: self)
        var found: [StrayAgent] = []
        let count = state.withLock { $0.hot.count }
        let begin = strayPlace.load(ordering: .relaxed)
        var place = begin < count ? begin : 0
        var left = count
        while left > 0, found.count < limit {
            state.withLock { state in
                var more = Self.slice
                while more > 0, left > 0, found.count < limit {
                    if let stray = search.look(at: place, in: state) { found.append(stray) }
                    place = place + 1 < count ? place + 1 : 0
                    (left, more) = (left - 1, more - 1)
                }
            }
        }
        strayPlace.store(found.count < limit ? 0 : place, ordering: .relaxed)
        return found
    }

    private func inSlices(_ uids: [InstanceUID], _ body: (InventoryState, InstanceUID) -> Void) {
        for start in stride(from: 0, to: uids.count, by: Self.slice) {
            state.withLock { state in
                for uid in uids[start..<min(start + Self.slice, uids.count)] { body(state, uid) }
            }
        }
    }
}

extension InventoryState {
    /// Some of what selectors see of an agent: labels by operators win over attributes by the agent.
    fileprivate func labels(_ place: UInt32, _ keys: Set<String>) -> [String: String] {
        guard let row = hot[Int(place)] else { return [:] }
        var found = attributes(place, keys)
        guard let own = tables.labels[row.labels] else { return found }
        for key in keys { if let value = own[key] { found[key] = value } }
        return found
    }

    fileprivate func attributes(_ place: UInt32, _ keys: Set<String>) -> [String: String] {
        guard !keys.isEmpty, let row = hot[Int(place)], let agent = agents[Int(place)] else { return [:] }
        let numbers = AttributeTable.Numbers(profile: row.profile, own: agent.own)
        var found: [String: String] = [:]
        for key in keys { if let value = tables.attributes.value(key, of: numbers) { found[key] = value } }
        return found
    }
}

/// Looks at one agent after the other for what it was promised; what many have alike is worked out once.
private struct StraySearch {
    private let promises: [StandingPromise]
    private let newer: [String: Int]
    /// For each promise the places of those that its selector chooses.
    private let chosen: [Bitmap]
    /// For each number of what agents ought to run, how many promises are newer.
    private var newerThanTerms: [UInt32: Int] = [:]
    /// For each number of a build, the promises that it does not get.
    private var badPromises: [UInt32: Set<Int>] = [:]

    init(_ promises: [StandingPromise], _ newer: [String: Int], in inventory: Inventory) {
        self.promises = promises
        self.newer = newer
        chosen = inventory.state.withLock { state in promises.map { state.chosen([$0.selector]) } }
    }

    mutating func look(at place: Int, in state: InventoryState) -> StrayAgent? {
        guard place < state.hot.count, let row = state.hot[place], row.flags.contains(.isConnected),
            !row.flags.contains(.isWaiting), let agent = state.agents[place]
        else { return nil }
        let count = promised(row, agent, in: state)
        guard count > 0, agent.session.capabilities.contains(.acceptsRemoteConfig) else { return nil }
        let bad = badPromises(row.build, in: state)
        let index = (0..<count).first { !bad.contains($0) && chosen[$0].contains(UInt32(place)) }
        return index.map { StrayAgent(uid: agent.uid, promise: $0) }
    }

    /// How many promises are newer than what the agent ought to run.
    private mutating func promised(_ row: HotAgent, _ agent: Agent, in state: InventoryState) -> Int {
        guard row.terms != .absent else { return promises.count }
        if let known = newerThanTerms[row.terms] { return known }
        guard let terms = state.tables.terms[row.terms] else { return promises.count }
        guard let count = newer[terms.rollout] else {
            // The newest come first.
            return promises.firstIndex { $0.since <= agent.assignmentTime } ?? promises.count
        }
        newerThanTerms[row.terms] = count
        return count
    }

    private mutating func badPromises(_ build: UInt32, in state: InventoryState) -> Set<Int> {
        if let known = badPromises[build] { return known }
        let name = state.tables.builds[build]?.text ?? ""
        let bad = Set(promises.indices.filter { promises[$0].badBuilds.contains(name) })
        badPromises[build] = bad
        return bad
    }
}
