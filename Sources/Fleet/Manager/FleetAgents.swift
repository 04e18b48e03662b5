internal import FleetModel
internal import FleetStore
internal import Logging
internal import OpAMP

/// The agents of the fleet, as rollouts need them.
struct FleetAgents: RolloutFleet {
    let inventory: Inventory
    let gateway: AgentGateway
    let library: ConfigurationLibrary
    let logger: Logger

    var population: (known: Int, connected: Int) { inventory.counts }

    func facts(_ uid: InstanceUID) -> AgentFacts? { inventory.facts(uid) }

    func labels(of uid: InstanceUID) -> [String: String]? { inventory.labels(of: uid) }

    func resolve(_ selector: Selector) -> [InstanceUID] { inventory.resolve(selector) }

    func assign(_ assignments: [Assignment]) async throws(StoreError) {
        try await inventory.assign(assignments)
    }

    func withdraw(_ uids: [InstanceUID]) async throws(StoreError) {
        var agents: [ContentHash: [InstanceUID]] = [:]
        for uid in uids {
            if let assignment = inventory.assignment(of: uid) {
                agents[assignment.hash, default: []].append(uid)
            }
        }
        try await inventory.unassign(uids)
        for (hash, uids) in agents { gateway.withdraw(hash, to: uids) }
    }

    func retry(_ uids: [InstanceUID]) async { await inventory.retry(uids) }

    func watch(_ uids: [InstanceUID], interval: Int, seconds: Int) {
        gateway.watch(uids, every: interval, for: seconds)
    }

    func confirm(_ uid: InstanceUID, _ hash: ContentHash) { gateway.confirm(hash, to: [uid]) }

    func validate(_ uid: InstanceUID, id: String, _ hash: ContentHash) async {
        do throws(LibraryError) {
            var files = AgentConfigMap()
            for file in try await library.filesForAgent(hash) {
                files.objects[file.name] = AgentConfigObject(
                    body: file.body, contentType: file.contentType, role: file.role)
            }
            gateway.validate(id: id, files, by: [uid])
        } catch {
            // The rollout waits for the answer, and says that there was none.
            logger.warning(
                "an agent cannot be asked to check a configuration",
                metadata: ["agent": "\(uid)", "error": "\(error)"])
        }
    }
}

extension Inventory {
    /// What templates see of an agent.
    func templateSubject(_ uid: InstanceUID) -> TemplateSubject? {
        guard let record = agent(uid) else { return nil }
        return TemplateSubject(
            uid: uid, labels: record.ownLabels,
            attributes: record.attributes.merging(record.identity) { _, identity in identity })
    }
}

extension AgentGateway {
    /// What agents are built of, each kind of build once.
    func builds(of uids: [InstanceUID], in inventory: Inventory) async -> [AgentComponents] {
        var found: [AgentComponents] = []
        for hash in inventory.components(of: uids) {
            if let components = await components(hash) { found.append(AgentComponents(components)) }
        }
        return found
    }
}
