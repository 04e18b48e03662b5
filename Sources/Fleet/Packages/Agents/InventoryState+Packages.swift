internal import FleetModel
internal import OpAMP

/// Packages of agents: what they have, and what they ought to have.
extension InventoryState {
    /// The packages of an agent, which are made when there are none yet.
    private func packages(of agent: Agent) -> AgentPackages {
        if let packages = agent.packages { return packages }
        let packages = AgentPackages()
        agent.packages = packages
        packageCounts[Int(packages.state.number)] += 1
        return packages
    }

    /// Says which packages an agent ought to have.
    func assignPackages(_ place: UInt32, _ agent: Agent, _ assignment: Assignment?) {
        guard assignment != nil || agent.packages != nil else { return }
        let packages = packages(of: agent)
        let number = assignment.map { tables.terms.take(AssignmentTerms($0)) } ?? .absent
        tables.terms.release(packages.terms)
        packages.terms = number
        packages.assignmentTime = assignment?.time ?? 0
        packages.mayRetry = false
        packages.isJudged = false
        refreshPackages(packages)
    }

    func packageAssignment(_ agent: Agent) -> Assignment? {
        guard let packages = agent.packages else { return nil }
        return tables.terms[packages.terms]?.assignment(of: agent.uid, time: packages.assignmentTime)
    }

    /// Takes what an agent says of its packages.
    func note(_ place: UInt32, _ agent: Agent, packages statuses: PackageStatuses) {
        let packages = packages(of: agent)
        let statuses = statuses.bounded
        // The same once more may be the answer to an offer that was made again.
        packages.isJudged = false
        guard statuses != packages.statuses else { return }
        if statuses.withoutProgress != packages.statuses.withoutProgress { soil(place) }
        packages.statuses = statuses
        version += 1
    }

    /// Compares what an agent has with what it ought to have.
    ///
    /// - Returns: What became of the offer, if that is news.
    func judge(
        _ place: UInt32, _ agent: Agent, by offered: [String: OfferedPackage], at time: UInt64
    ) -> ConfigurationReport? {
        guard let packages = agent.packages, let terms = tables.terms[packages.terms] else { return nil }
        packages.isJudged = true
        defer { refreshPackages(packages) }
        let outcome = packages.statuses.outcome(of: terms.hash, with: offered)
        packages.isComplete = outcome?.outcome == .applied
        guard let outcome else { return nil }
        let last = packages.lastReport(terms.hash)
        if outcome.outcome == .applying, last?.outcome == .applied || last?.outcome == .failed,
            !packages.statuses.isUnderWay
        {
            // Nothing is under way: it had them, and has something else now, or it never began.
            return nil
        }
        let report = ConfigurationReport(
            hash: terms.hash.bytes, outcome: outcome.outcome, message: outcome.message, time: time)
        guard packages.note(report) else { return nil }
        packages.mayRetry = packages.mayRetry && report.outcome == .applying
        soil(place)
        return packages.history.last
    }

    /// Works out anew how what an agent has compares with what it ought to have.
    private func refreshPackages(_ packages: AgentPackages) {
        let state = packages.drift(tables.terms[packages.terms])
        guard state != packages.state else { return }
        packageCounts[Int(packages.state.number)] -= 1
        packageCounts[Int(state.number)] += 1
        packages.state = state
        version += 1
    }

    /// Forgets which offer was made last, so that it is made again.
    func forgetPackageOffer(_ agent: Agent) {
        guard let offer = agent.packages?.offer else { return }
        tables.terms.release(offer.terms)
        agent.packages?.offer = nil
    }

    /// Gives back what the packages of an agent that goes have of the tables.
    func releasePackages(_ agent: Agent) {
        guard let packages = agent.packages else { return }
        forgetPackageOffer(agent)
        tables.terms.release(packages.terms)
        packageCounts[Int(packages.state.number)] -= 1
        agent.packages = nil
    }

    /// Takes what was kept of the packages of an agent.
    func restorePackages(
        _ agent: Agent, _ statuses: PackageStatuses?, _ history: [ConfigurationReport]
    ) {
        guard statuses != nil || !history.isEmpty else { return }
        let packages = packages(of: agent)
        packages.statuses = statuses ?? PackageStatuses()
        packages.history = history
    }

    /// What rollouts of packages know of an agent: reports and the assignment are those of packages.
    func packageFacts(_ place: UInt32) -> AgentFacts? {
        guard var facts = facts(place, withLabels: false), let agent = agents[Int(place)] else { return nil }
        let needed: AgentCapabilities = [.acceptsPackages, .reportsPackageStatuses]
        facts.acceptsRemoteConfig = agent.session.capabilities.isSuperset(of: needed)
        facts.history = agent.packages?.history ?? []
        facts.assignment = packageAssignment(agent)
        // Whoever gets a new program begins anew.
        facts.started = 0
        return facts
    }

    func packageRecord(_ agent: Agent) -> AgentPackagesRecord? {
        guard let packages = agent.packages else { return nil }
        return AgentPackagesRecord(
            state: packages.state, assignment: packageAssignment(agent), statuses: packages.statuses,
            history: packages.history)
    }
}
