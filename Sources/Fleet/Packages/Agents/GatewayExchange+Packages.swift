internal import FleetModel
internal import OpAMP
internal import Wire

/// Packages in the conversation with an agent.
extension GatewayExchange {
    /// After how long an offer is made again that the agent has not said anything about, in nanoseconds.
    private static let patience: UInt64 = 300 * 1_000_000_000
    /// The same where it polls.
    private static let pollPatience: UInt64 = 30 * 1_000_000_000

    /// Takes what an agent says of its packages.
    mutating func take(_ statuses: PackageStatuses, _ place: UInt32, _ agent: Agent) {
        inventory.note(place, agent, packages: statuses)
        judgePackages(place, agent)
    }

    /// The chunks that offer the agent the packages that it ought to have; none when it has them, or must not
    /// be asked.
    mutating func offerPackages(_ place: UInt32, _ agent: Agent, _ state: inout GatewayState) -> [Bytes] {
        guard let packages = agent.packages, let terms = inventory.tables.terms[packages.terms] else {
            return []
        }
        judgePackages(place, agent)
        guard agent.isAdmitted, let owner = agent.connection, agent.session.allows(.packages),
            packages.wants(terms, over: owner)
        else { return [] }
        let patience = owner.isWebSocket ? Self.patience : Self.pollPatience
        if let last = packages.offer, last.terms == packages.terms, last.time >= packages.assignmentTime,
            last.connection == owner.id || !owner.isWebSocket,
            // Whoever has them already need not say anything about the offer.
            packages.isComplete || time - min(last.time, time) < patience
        {
            return []
        }
        guard let offer = gateway.packages.cachedPackages(terms.hash) else {
            fetchPackages(terms.hash, agent)
            return []
        }
        inventory.forgetPackageOffer(agent)
        packages.offer = Agent.Offer(
            terms: inventory.tables.terms.take(terms), connection: owner.id, time: time)
        state.statistics.packageOffers += 1
        return [offer.fragment]
    }

    private mutating func fetchPackages(_ hash: ContentHash, _ agent: Agent) {
        let isComing = work.contains { if case .fetchPackages(hash, _) = $0 { true } else { false } }
        guard !isComing, gateway.failedFetches.allows(hash, at: now) else { return }
        work.append(.fetchPackages(hash, agent.uid))
    }

    /// Compares what the agent has with what it ought to have, once for each time that either is new.
    private mutating func judgePackages(_ place: UInt32, _ agent: Agent) {
        guard let packages = agent.packages, !packages.isJudged,
            let terms = inventory.tables.terms[packages.terms]
        else { return }
        guard let offer = gateway.packages.cachedPackages(terms.hash) else {
            fetchPackages(terms.hash, agent)
            return
        }
        let before = packages.state
        if let report = inventory.judge(place, agent, by: offer.packages, at: time) {
            work.append(.tell(.packages(agent.uid, report)))
        }
        if packages.state == .drifted, before != .drifted {
            work.append(.tell(.packagesDrifted(agent.uid)))
        }
    }
}
