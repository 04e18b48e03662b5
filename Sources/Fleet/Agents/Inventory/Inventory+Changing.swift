public import FleetModel
public import FleetStore
public import OpAMP
internal import Synchronization

/// Why a change of the inventory did not happen.
public enum InventoryFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case inventory(InventoryError)
    case store(StoreError)

    public var description: String {
        switch self {
        case .inventory(let error): "\(error)"
        case .store(let error): "\(error)"
        }
    }
}

extension Inventory {
    /// Labels of one agent; more are refused.
    public static let mostLabels = 64
    /// Agents whose assignments or labels are written in one transaction.
    private static let batch = 2000

    /// Replaces the labels that operators gave an agent.
    ///
    /// - Parameters:
    ///   - labels: At most `mostLabels`, each as selectors can ask for it.
    ///   - uid: The agent.
    ///   - expected: What they have to be now, or `nil` for whatever they are.
    /// - Throws: `.unknownAgent`, `.invalidLabels`, `.conflict`, or what the store throws.
    public func setLabels(
        _ labels: [String: String], of uid: InstanceUID, expecting expected: [String: String]? = nil
    ) async throws(InventoryFailure) {
        do throws(InventoryError) { try Self.check(labels) } catch { throw .inventory(error) }
        guard let record = agent(uid), !record.overview.isWaiting else {
            throw .inventory(.unknownAgent(uid))
        }
        if let expected, expected != record.ownLabels { throw .inventory(.conflict(uid)) }
        try await change { () async throws(StoreError) in try await self.setLabels([(uid, labels)]) }
    }

    /// Sets some labels of many agents and takes others away; agents that are not known are left out.
    ///
    /// - Returns: How many agents have other labels now.
    /// - Throws: `.invalidLabels` when an agent would have more than `mostLabels`, or what the store throws.
    @discardableResult
    public func editLabels(
        of uids: [InstanceUID], set: [String: String], remove: [String] = []
    ) async throws(InventoryFailure) -> Int {
        do throws(InventoryError) { try Self.check(set) } catch { throw .inventory(error) }
        var changes: [(InstanceUID, [String: String])] = []
        for uid in uids {
            guard let own = agent(uid)?.ownLabels else { continue }
            var labels = own
            for key in remove { labels[key] = nil }
            for (key, value) in set { labels[key] = value }
            do throws(InventoryError) { try Self.check(labels) } catch { throw .inventory(error) }
            if labels != own { changes.append((uid, labels)) }
        }
        try await change { [changes] () async throws(StoreError) in try await self.setLabels(changes) }
        return changes.count
    }

    private func setLabels(_ changes: [(uid: InstanceUID, labels: [String: String])]) async throws(StoreError)
    {
        for start in stride(from: 0, to: changes.count, by: Self.batch) {
            let part = Array(changes[start..<min(start + Self.batch, changes.count)])
            let unsaved = state.withLock { state in
                part.contains { state.found($0.uid).map { !$0.agent.isStored } ?? false }
            }
            if unsaved { try await flush() }
            let known = Set(try await store.saveLabels(part))
            state.withLock { state in
                for (uid, labels) in part where known.contains(uid) {
                    if let place = state.place(of: uid) { state.label(place, labels) }
                }
            }
        }
    }

    /// Says what agents ought to run: first in the store, then it is offered to those that are connected.
    ///
    /// Of many, the first have their offers while the next are written. Only rollouts do this.
    public func assign(_ assignments: [Assignment]) async throws(StoreError) {
        var written: [InstanceUID] = []
        for start in stride(from: 0, to: assignments.count, by: Self.batch) {
            let part = Array(assignments[start..<min(start + Self.batch, assignments.count)])
            let before = written
            async let offered: Void = pushOffers(before)
            do throws(StoreError) { try await store.saveAssignments(part) } catch {
                await offered
                throw error
            }
            state.withLock { state in
                for assignment in part {
                    guard let (place, agent) = state.found(assignment.uid) else { continue }
                    state.assign(place, agent, assignment)
                }
            }
            await offered
            written = part.map(\.uid)
        }
        await pushOffers(written)
    }

    /// Takes away what agents ought to run; nothing is sent to them.
    public func unassign(_ uids: [InstanceUID]) async throws(StoreError) {
        for start in stride(from: 0, to: uids.count, by: Self.batch) {
            let part = Array(uids[start..<min(start + Self.batch, uids.count)])
            try await store.removeAssignments(part)
            state.withLock { state in
                for uid in part {
                    if let (place, agent) = state.found(uid) { state.assign(place, agent, nil) }
                }
            }
        }
    }

    /// Has what agents ought to run offered again although they failed with it.
    public func retry(_ uids: [InstanceUID]) async {
        let found = state.withLock { state in
            uids.filter { uid in
                guard let (place, agent) = state.found(uid), state.hot[Int(place)]?.terms != .absent else {
                    return false
                }
                agent.mayRetry = true
                if let offer = agent.offer { state.tables.terms.release(offer.terms) }
                agent.offer = nil
                return true
            }
        }
        await pushOffers(found)
    }

    /// Forgets an agent; if it is connected or comes back, it is there again as a new one.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    public func forget(_ uid: InstanceUID) async throws(StoreError) -> Bool {
        try await store.deleteAgents([uid])
        return state.withLock { $0.remove(uid) } != nil
    }

    private func change(
        _ body: () async throws(StoreError) -> Void
    ) async throws(InventoryFailure) {
        do throws(StoreError) { try await body() } catch { throw .store(error) }
    }

    /// Labels that selectors could ask for, and not too many.
    private static func check(_ labels: [String: String]) throws(InventoryError) {
        guard labels.count <= mostLabels else {
            throw .invalidLabels("an agent has at most \(mostLabels) labels")
        }
        for (key, value) in labels {
            do throws(SelectorError) {
                _ = try Selector(parsing: "\(key)=\(value)")
            } catch {
                throw .invalidLabels("\(error)")
            }
            guard !key.contains("="), !key.contains(","), !value.contains(",") else {
                throw .invalidLabels("'\(key)=\(value)' is not one label and its value")
            }
        }
    }
}
