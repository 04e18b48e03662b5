public import FleetModel
internal import FleetStore
public import OpAMP
internal import Synchronization

/// Packages of agents.
extension Inventory {
    private static let batch = 1000

    /// What rollouts of packages want to know of an agent; `nil` for one that is not known or not let in.
    public func packageFacts(_ uid: InstanceUID) -> AgentFacts? {
        state.withLock { state in state.place(of: uid).flatMap { state.packageFacts($0) } }
    }

    /// What an agent reports of itself; `nil` for one that is not known.
    func attributes(of uid: InstanceUID) -> [String: String]? {
        state.withLock { state in
            guard let (place, agent) = state.found(uid), let row = state.hot[Int(place)] else { return nil }
            return state.attributes(row, agent)
        }
    }

    /// Which packages an agent ought to have.
    public func packageAssignment(of uid: InstanceUID) -> Assignment? {
        state.withLock { state in state.found(uid).flatMap { state.packageAssignment($0.agent) } }
    }

    /// Agents about whose packages something is known, by how these compare with what they ought to have.
    public var packageCounts: [DriftState: Int] {
        let counts = state.withLock { $0.packageCounts }
        return Dictionary(uniqueKeysWithValues: DriftState.allCases.map { ($0, counts[Int($0.number)]) })
    }

    /// Says which packages agents ought to have: first in the store, then it is offered to those that are
    /// connected.
    ///
    /// Only rollouts do this.
    func assignPackages(_ assignments: [Assignment]) async throws(StoreError) {
        for start in stride(from: 0, to: assignments.count, by: Self.batch) {
            let part = Array(assignments[start..<min(start + Self.batch, assignments.count)])
            try await store.saveAssignments(part, in: .packages)
            state.withLock { state in
                for assignment in part {
                    guard let (place, agent) = state.found(assignment.uid) else { continue }
                    state.assignPackages(place, agent, assignment)
                }
            }
            await pushOffers(part.map(\.uid))
        }
    }

    /// Takes away which packages agents ought to have; they keep those that they have.
    func unassignPackages(_ uids: [InstanceUID]) async throws(StoreError) {
        for start in stride(from: 0, to: uids.count, by: Self.batch) {
            let part = Array(uids[start..<min(start + Self.batch, uids.count)])
            try await store.removeAssignments(part, in: .packages)
            state.withLock { state in
                for uid in part {
                    if let (place, agent) = state.found(uid) { state.assignPackages(place, agent, nil) }
                }
            }
        }
    }

    /// Has packages offered again to agents that failed with them.
    public func retryPackages(_ uids: [InstanceUID]) async {
        let found = state.withLock { state in
            uids.filter { uid in
                guard let agent = state.found(uid)?.agent, let packages = agent.packages,
                    packages.terms != .absent
                else { return false }
                packages.mayRetry = true
                state.forgetPackageOffer(agent)
                return true
            }
        }
        await pushOffers(found)
    }

    /// Whether any agent ought to have a set of packages, or one version of it.
    func hasPackages(_ isWanted: @Sendable (RevisionReference) -> Bool) -> Bool {
        state.withLock { state in
            var found = false
            state.tables.terms.forEach { _, terms in found = found || isWanted(terms.revision) }
            return found
        }
    }
}
