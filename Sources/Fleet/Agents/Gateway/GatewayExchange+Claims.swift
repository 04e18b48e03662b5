internal import FleetStore
internal import OpAMP
internal import Pipeline
internal import Synchronization

/// Agents that another manager has, too: one that has moved, or two of one name, such as machines that were
/// copied with all they have.
///
/// The manager with the earlier connection finds out, as it does for two connections of its own: when that
/// connection answers, the agent stays, this is written into the store, and the manager with the later one
/// gives whoever speaks there another id.
extension GatewayExchange {
    mutating func take(_ claim: ReplicaClaim, _ state: inout GatewayState) {
        guard let (_, agent) = inventory.found(claim.row.uid), let owner = agent.connection,
            claim.since > agent.connectedSince
        else { return }
        if claim.isProven { return giveAway(agent, owner, claim, &state) }
        guard owner.isWebSocket else {
            // Nobody can be asked who only polls.
            agent.connection = nil
            return hand(over: claim)
        }
        if let contender = agent.contender {
            // Two connections here are settled first; of claims, the latest counts.
            guard contender.connection is ReplicaClaim else { return }
            agent.contender = Agent.Contender(connection: claim, deadline: contender.deadline)
            return
        }
        let deadline = (now.offset + gateway.settings.probe) / .seconds(1)
        agent.contender = Agent.Contender(connection: claim, deadline: deadline)
        state.contested.insert(agent.uid)
        work.append(.ping(owner))
    }

    /// The connection here is alive: the other manager hears so from the store.
    func prove(_ place: UInt32, _ agent: Agent, _ claim: ReplicaClaim) {
        agent.connectedSince = max(time, claim.since + 1)
        agent.isProven = true
        inventory.soil(place)
    }

    /// The agent is the other manager's.
    func hand(over claim: ReplicaClaim) {
        let isAlive = gateway.inventory.marks.withLock { $0.lives.contains(claim.row.owner) }
        let row = claim.row
        guard let kept = KeptAgent(row.uid, state: row.state, live: row.live) else { return }
        _ = inventory.take(row, kept, isAlive: isAlive, life: gateway.inventory.store.life)
    }

    /// Whether another manager has it.
    func isElsewhere(_ place: UInt32, _ agent: Agent) -> Bool {
        !agent.owner.isEmpty && inventory.hot[Int(place)]?.flags.contains(.isConnected) == true
    }

    /// The other manager's connection is alive: whoever speaks here gets another id.
    private mutating func giveAway(
        _ agent: Agent, _ owner: any AgentConnection, _ claim: ReplicaClaim, _ state: inout GatewayState
    ) {
        if let contender = agent.contender {
            agent.contender = nil
            state.contested.remove(agent.uid)
            if contender.connection.isWebSocket {
                state.remove(agent.uid, from: contender.connection.id)
                work.append(
                    .close(contender.connection, code: 1013, reason: "another manager has the agent"))
            }
        }
        if owner.isWebSocket {
            state.rekey(agent.uid, at: owner.id)
            work.append(.rekey(agent.uid, owner))
        }
        agent.connection = nil
        hand(over: claim)
        if !owner.isWebSocket { inventory.found(claim.row.uid)?.agent.rekeysPoller = true }
    }
}
