internal import FleetModel
internal import OpAMP

/// What agents say of themselves.
extension InventoryState {
    /// Contents that wait for the store, in bytes; more are left out until an agent says them again.
    private static let mostContentBytes = 256 << 20

    func describe(_ place: UInt32, _ agent: Agent, as attributes: [Attribute]) {
        guard let row = hot[Int(place)] else { return }
        let old = AttributeTable.Numbers(profile: row.profile, own: agent.own)
        let new = tables.attributes.take(attributes)
        let (before, after) = (tables.attributes.all(old).sorted(), tables.attributes.all(new).sorted())
        labelIndex.describe(place, after, before: before, in: tables.attributes.pairs)
        // In this order, so that what stays has its numbers all the time.
        tables.attributes.release(old)
        agent.own = new.own
        if old.profile != new.profile { update(place) { $0.profile = new.profile } }
        guard before != after || row.build == .absent else { return }
        func text(_ key: String) -> String? { tables.attributes.value(key, of: new) }
        let build = InventoryTables.Build(
            name: text("service.name") ?? "", version: text("service.version") ?? "")
        let number = tables.builds.take(build)
        tables.builds.release(row.build)
        agent.name = text("host.name") ?? text("service.instance.id") ?? build.name
        update(place) { $0.build = number }
        soil(place)
    }

    /// Nobody has the attributes of an agent any more that goes.
    func undescribe(_ place: UInt32, _ agent: Agent, _ row: HotAgent) {
        let numbers = AttributeTable.Numbers(profile: row.profile, own: agent.own)
        let all = tables.attributes.all(numbers).sorted()
        labelIndex.describe(place, [], before: all, in: tables.attributes.pairs)
        tables.attributes.release(numbers)
    }

    func label(_ place: UInt32, _ new: [String: String]) {
        guard let row = hot[Int(place)] else { return }
        labelIndex.label(place, new, before: tables.labels[row.labels] ?? [:])
        let number = new.isEmpty ? UInt32.absent : tables.labels.take(new)
        tables.labels.release(row.labels)
        update(place) { $0.labels = number }
        if number != row.labels { version += 1 }
    }

    func assign(_ place: UInt32, _ agent: Agent, _ assignment: Assignment?) {
        guard let row = hot[Int(place)] else { return }
        let number = assignment.map { tables.terms.take(AssignmentTerms($0)) } ?? .absent
        let revision = assignment.map { tables.revisions.take($0.revision) } ?? .absent
        tables.terms.release(row.terms)
        tables.revisions.release(row.revision)
        agent.assignmentTime = assignment?.time ?? 0
        agent.mayRetry = false
        tables.effective.release(agent.baseline)
        agent.baseline = .absent
        // What it ran before says nothing about what it will run.
        agent.hasNewEffective = false
        update(place) { row in
            row.terms = number
            row.revision = revision
        }
        refreshDrift(place, agent)
    }

    /// Works out anew how what it runs compares with what it ought to run.
    func refreshDrift(_ place: UInt32, _ agent: Agent) {
        guard let row = hot[Int(place)] else { return }
        let drift = agent.drift(
            tables.terms[row.terms], effective: row.effective, tables.effective[row.effective]
        ).number
        guard drift != row.drift else { return }
        update(place) { $0.drift = drift }
        version += 1
    }

    /// Takes the health of an agent; the time when its worst component became so is kept while it stays so.
    func note(_ place: UInt32, _ agent: Agent, _ health: ComponentHealth, at now: UInt64) {
        let (shape, compact) = HealthShape.taken(health)
        let number = tables.shapes.take(shape)
        releaseShape(agent.shape)
        agent.shape = number
        keptShapes.need(number)
        agent.lacksHealth = false
        let before = agent.health
        set(place, agent, compact, worstSince: compact.worst == before?.worst ? agent.worstSince : now)
        if before != compact { soil(place) }
    }

    func set(_ place: UInt32, _ agent: Agent, _ health: CompactHealth, worstSince: UInt64) {
        agent.worstSince = worstSince
        agent.health = health
        update(place) { row in
            row.flags.insert(.hasHealth)
            if health.isHealthy { row.flags.insert(.isHealthy) } else { row.flags.remove(.isHealthy) }
        }
    }

    /// Takes what became of a configuration.
    func note(_ place: UInt32, _ agent: Agent, _ status: RemoteConfigStatus, at now: UInt64) {
        let isNewHash = agent.reportedHash != status.lastHash
        if isNewHash { agent.reportedHash = shared(status.lastHash, place) }
        let outcome: ConfigurationReport.Outcome? =
            switch status.status {
            case .applied: .applied
            case .applying: .applying
            case .failed: .failed
            case .unset: nil
            }
        var isNews = isNewHash
        if let outcome, !status.lastHash.isEmpty {
            let report = ConfigurationReport(
                hash: agent.reportedHash, outcome: outcome, message: status.errorMessage, time: now)
            isNews = note(place, agent, report) || isNews
        }
        if isNews {
            soil(place)
            refreshDrift(place, agent)
        }
    }

    /// Takes a report that may be news.
    func note(_ place: UInt32, _ agent: Agent, _ report: ConfigurationReport) -> Bool {
        guard agent.note(report) else { return false }
        agent.mayRetry = agent.mayRetry && report.outcome == .applying
        let effective = hot[Int(place)]?.effective ?? .absent
        switch report.outcome {
        case .applying: agent.hasNewEffective = false
        case .applied:
            tables.effective.release(agent.baseline)
            agent.baseline = agent.hasNewEffective ? retained(effective) : .absent
        case .failed, .rolledBack: break
        }
        soil(place)
        refreshDrift(place, agent)
        return true
    }

    /// Takes what an agent runs; `content` is kept when nobody else runs the same.
    func note(
        _ place: UInt32, _ agent: Agent, effective hash: ContentHash, content: @autoclosure () -> [UInt8]
    ) {
        guard let row = hot[Int(place)] else { return }
        if tables.effective.number(of: hash) == nil, contents[hash] == nil {
            let content = content()
            guard contentBytes + content.count <= Self.mostContentBytes else { return }
            contents[hash] = content
            contentBytes += content.count
        }
        let number = tables.effective.take(hash)
        tables.effective.release(row.effective)
        agent.hasNewEffective = true
        let isNews = number != row.effective
        update(place) { $0.effective = number }
        if agent.baseline == .absent, agent.history.last?.outcome == .applied {
            agent.baseline = retained(number)
        }
        if isNews {
            soil(place)
            refreshDrift(place, agent)
        }
    }

    /// Takes counters, and how much goes through per second.
    func note(_ place: UInt32, _ agent: Agent, _ sample: FlowCounters, at now: UInt64) {
        agent.add(sample, isWatched: agent.watchedUntil > now)
        guard agent.flow.count >= 2 else { return }
        let (old, new) = (agent.flow[agent.flow.count - 2], sample)
        let seconds = Double(new.time - min(old.time, new.time)) / 1e9
        guard seconds > 0 else { return }
        func rate(_ counter: KeyPath<FlowCounters, UInt64>) -> Float {
            let (before, after) = (old[keyPath: counter], new[keyPath: counter])
            return Float(Double(after - min(before, after)) / seconds)
        }
        update(place) { row in
            row.accepted = rate(\.accepted)
            row.delivered = rate(\.delivered)
            row.dropped = rate(\.dropped)
        }
    }

    private func retained(_ number: UInt32) -> UInt32 {
        tables.effective[number].map { tables.effective.take($0) } ?? .absent
    }

    /// The hash in the memory of what the agent ought to run, where they are alike.
    private func shared(_ hash: [UInt8], _ place: UInt32) -> [UInt8] {
        guard let terms = tables.terms[hot[Int(place)]?.terms ?? .absent], terms.hash.bytes == hash else {
            return hash.count <= 256 ? hash : Array(hash[..<256])
        }
        return terms.hash.bytes
    }
}
