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

    func labels(_ keys: Set<String>, of uids: [InstanceUID]) -> [InstanceUID: [String: String]] {
        inventory.labels(keys, of: uids)
    }

    func resolve(_ selector: Selector) -> [InstanceUID] { inventory.resolve(selector) }

    func strays(_ promises: [StandingPromise], newer: [String: Int], limit: Int) -> [StrayAgent] {
        inventory.strays(promises, newer: newer, limit: limit)
    }

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

    func confirm(_ uids: [InstanceUID], rollout: String) {
        for (hash, uids) in inventory.assigned(to: uids, by: rollout) { gateway.confirm(hash, to: uids) }
    }

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
