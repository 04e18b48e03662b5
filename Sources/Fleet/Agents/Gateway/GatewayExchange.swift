internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Pipeline
internal import Wire

/// One message and its answer, while the inventory is held: nothing here waits.
struct GatewayExchange {
    let gateway: AgentGateway
    let inventory: InventoryState
    let connection: any AgentConnection
    let now: Instant
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    let time: UInt64
    /// What is to be done afterwards.
    var work: [GatewayWork] = []

    init(
        gateway: AgentGateway, inventory: InventoryState, connection: any AgentConnection, now: Instant,
        time: UInt64
    ) {
        self.gateway = gateway
        self.inventory = inventory
        self.connection = connection
        self.now = now
        self.time = time
    }

    mutating func run(
        _ prepared: PreparedReport, _ standing: AgentStanding?, _ state: inout GatewayState
    ) -> AgentGateway.Outcome {
        let uid = prepared.report.instanceUID
        if state.isRekeyed(uid, at: connection.id) { return answered(.send([ServerToAgent.uidField(uid)])) }
        let found = inventory.found(uid)
        let isKnown =
            connection.isWebSocket && found?.agent.isAdmitted == true
            && found?.agent.connection?.id == connection.id
        if !isKnown, standing == nil { return .undecided }
        state.statistics.messages += 1
        if let standing, case .refused(let reason) = standing { return refuse(uid, reason, &state) }
        let isWaiting = !isKnown && standing != .admitted
        guard let (place, agent) = found ?? insert(uid, isWaiting: isWaiting, &state) else {
            return answered(.send(busy(uid)))
        }
        if !isKnown, let line = state.lines[connection.id],
            line.uids.count >= AgentGateway.agentsPerConnection, !line.uids.contains(uid)
        {
            return answered(.close(code: 1008, reason: "too many agents speak over one connection"))
        }
        guard own(place, agent, &state) else {
            let answer = contend(agent, &state)
            return answered(answer)
        }
        if !isKnown { decide(place, agent, standing ?? .waiting, prepared) }
        // A goodbye is none of another agent: the one that waits is the same, over its next connection.
        if agent.contender != nil, !prepared.report.isDisconnect { isAlive(uid, &state) }

        let reception = agent.session.receive(
            prepared.report, digest: prepared.effective?.hash.hashValue ?? 0)
        inventory.update(place) { $0.lastSeen = time }
        if reception.isNew {
            take(prepared, reception, place, agent, &state)
        } else {
            state.statistics.duplicates += 1
            answerAgain(agent)
        }
        if prepared.report.isDisconnect {
            ended(uid, &state)
            state.remove(uid, from: connection.id)
            return answered(.send([ServerToAgent.uidField(uid)]))
        }
        let chunks = answer(place, agent, reception, &state)
        return answered(.send(chunks))
    }

    private func answered(_ answer: GatewayAnswer) -> AgentGateway.Outcome { .answered(answer, work) }

    // MARK: - Who it is

    private mutating func refuse(
        _ uid: InstanceUID, _ reason: String, _ state: inout GatewayState
    ) -> AgentGateway.Outcome {
        state.statistics.refused += 1
        work.append(.tell(.refused(uid, reason: reason)))
        // Others that speak over the same connection may go on.
        let others = state.lines[connection.id]?.uids.contains { $0 != uid } ?? false
        guard others else { return answered(.close(code: 1008, reason: reason)) }
        var message = ServerToAgent(instanceUID: uid)
        message.errorResponse = ServerErrorResponse(.badRequest, reason)
        return answered(.send([message.encoded()]))
    }

    private mutating func insert(
        _ uid: InstanceUID, isWaiting: Bool, _ state: inout GatewayState
    ) -> (place: UInt32, agent: Agent)? {
        guard inventory.count < Inventory.limit else { return nil }
        let agent = Agent(uid: uid, firstSeen: time)
        let place = inventory.insert(agent, isWaiting: isWaiting)
        if case .enrollment(_, let labels, _, _) = connection.principal, !labels.isEmpty {
            agent.initialLabels = labels
            inventory.label(place, labels)
        }
        if !isWaiting { admitted(place, agent) }
        return (place, agent)
    }

    private func busy(_ uid: InstanceUID) -> [Bytes] {
        var message = ServerToAgent(instanceUID: uid)
        message.errorResponse = ServerErrorResponse(
            .unavailable, "the manager has \(Inventory.limit) agents", retryAfter: 300_000_000_000)
        return [message.encoded()]
    }

    private mutating func admitted(_ place: UInt32, _ agent: Agent) {
        inventory.soil(place)
        if !agent.isStored { work.append(.tell(.appeared(agent.uid))) }
    }

    /// Takes note of what the agent may be over this connection.
    private mutating func decide(
        _ place: UInt32, _ agent: Agent, _ standing: AgentStanding, _ prepared: PreparedReport
    ) {
        let wasWaiting = inventory.hot[Int(place)]?.flags.contains(.isWaiting) ?? false
        agent.isAdmitted = standing == .admitted
        if standing == .admitted, wasWaiting {
            inventory.update(place) { $0.flags.remove(.isWaiting) }
            admitted(place, agent)
        } else if standing != .admitted, !wasWaiting {
            inventory.update(place) { $0.flags.insert(.isWaiting) }
        }
        if standing == .new, !agent.isEnrolling {
            agent.isEnrolling = true
            let names = ["service.name", "host.name"].compactMap { key in
                prepared.attributes?.first { $0.key == key }?.value
            }
            work.append(
                .enroll(
                    EnrollmentRequest(
                        uid: agent.uid, principal: connection.principal,
                        name: names.joined(separator: " "), address: connection.peer)))
        }
    }

    // MARK: - Who speaks for it

    /// Makes the connection the one that speaks for the agent; `false` when another does.
    private func own(_ place: UInt32, _ agent: Agent, _ state: inout GatewayState) -> Bool {
        if let owner = agent.connection {
            if owner.isWebSocket {
                guard owner.id == connection.id else { return false }
                return true
            }
            if !connection.isWebSocket {
                if owner.principal != connection.principal { agent.connection = Poller(connection) }
                return true
            }
        }
        // Another manager has it, and it is to get another id.
        if agent.rekeysPoller, !connection.isWebSocket, isElsewhere(place, agent) { return false }
        agent.connection = connection.isWebSocket ? connection : Poller(connection)
        agent.isAdmitted = false
        agent.owner = ""
        agent.isProven = false
        agent.connectedSince = time
        agent.wasHere = true
        agent.session.reconnected()
        if connection.isWebSocket { state.add(agent.uid, to: connection.id) }
        inventory.update(place) { $0.flags.insert(.isConnected) }
        if gateway.inventory.store.isShared { inventory.soil(place) }
        return true
    }

    /// Another connection speaks for the agent: it is asked whether it is alive, and this one waits.
    private mutating func contend(_ agent: Agent, _ state: inout GatewayState) -> GatewayAnswer {
        let acknowledgement = GatewayAnswer.send([ServerToAgent.uidField(agent.uid)])
        if !connection.isWebSocket, agent.rekeysPoller {
            agent.rekeysPoller = false
            return .send([rekeying(agent.uid, &state).encoded()])
        }
        if let contender = agent.contender {
            guard contender.connection.isWebSocket, contender.connection.id != connection.id else {
                return acknowledgement
            }
            return .close(code: 1013, reason: "two other connections speak for the agent already")
        }
        if connection.isWebSocket { state.add(agent.uid, to: connection.id) }
        let deadline = (now.offset + gateway.settings.probe) / .seconds(1)
        agent.contender = Agent.Contender(
            connection: connection.isWebSocket ? connection : Poller(connection), deadline: deadline)
        state.contested.insert(agent.uid)
        if let owner = agent.connection { work.append(.ping(owner)) }
        return acknowledgement
    }

    private mutating func rekeying(_ uid: InstanceUID, _ state: inout GatewayState) -> ServerToAgent {
        var message = ServerToAgent(instanceUID: uid)
        let new = gateway.makeUID()
        message.newInstanceUID = new
        state.statistics.rekeyed += 1
        work.append(.tell(.rekeyed(uid, to: new)))
        return message
    }

    /// The connection that speaks for the agent is alive: whoever else does so gets another id.
    mutating func isAlive(_ uid: InstanceUID, _ state: inout GatewayState) {
        guard let (place, agent) = inventory.found(uid), let contender = agent.contender,
            agent.connection?.id == connection.id
        else { return }
        agent.contender = nil
        state.contested.remove(uid)
        if let claim = contender.connection as? ReplicaClaim { return prove(place, agent, claim) }
        guard contender.connection.isWebSocket else {
            agent.rekeysPoller = true
            return
        }
        state.rekey(uid, at: contender.connection.id)
        work.append(.rekey(uid, contender.connection))
    }

    /// The connection that speaks for the agent has not answered in time: the other one takes over.
    mutating func tookOver(_ uid: InstanceUID, _ state: inout GatewayState) {
        guard let (place, agent) = inventory.found(uid), let contender = agent.contender else { return }
        if let owner = agent.connection {
            state.remove(uid, from: owner.id)
            if state.lines[owner.id]?.uids.isEmpty != false {
                work.append(.close(owner, code: 1001, reason: "another connection speaks for the agent"))
            }
        }
        agent.contender = nil
        state.contested.remove(uid)
        agent.connection = nil
        if let claim = contender.connection as? ReplicaClaim { return hand(over: claim) }
        guard contender.connection.isWebSocket else { return }
        agent.connection = contender.connection
        agent.isAdmitted = false
        agent.connectedSince = time
        // What it has said meanwhile was not taken.
        agent.session = ServerSession()
        inventory.update(place) { $0.flags.insert(.isConnected) }
        if let flags = gateway.fragments.flags(.reportFullState) {
            work.append(.send(contender.connection, [ServerToAgent.uidField(uid), flags]))
        }
    }

    /// The connection does not speak for the agent any more.
    mutating func ended(_ uid: InstanceUID, _ state: inout GatewayState) {
        guard let (place, agent) = inventory.found(uid) else { return }
        if agent.contender?.connection.id == connection.id {
            agent.contender = nil
            state.contested.remove(uid)
            return
        }
        let isOwner =
            connection.isWebSocket
            ? agent.connection?.id == connection.id : agent.connection?.isWebSocket == false
        guard isOwner else { return }
        if agent.contender != nil {
            agent.connection = nil
            return tookOver(uid, &state)
        }
        disconnect(place, agent)
    }

    /// The agent is not connected any more.
    func disconnect(_ place: UInt32, _ agent: Agent) {
        agent.connection = nil
        agent.isAdmitted = false
        agent.isEnrolling = false
        agent.pending = []
        agent.connectedSince = 0
        agent.isProven = false
        inventory.update(place) { row in
            row.flags.remove(.isConnected)
            (row.accepted, row.delivered, row.dropped) = (0, 0, 0)
        }
        // Who was never let in is forgotten.
        if inventory.hot[Int(place)]?.flags.contains(.isWaiting) == true, !agent.isStored {
            _ = inventory.remove(agent.uid)
            return
        }
        if gateway.inventory.store.isShared { inventory.soil(place) }
    }

    /// An agent has been silent for too long.
    ///
    /// One over a WebSocket that does not say that it sends heartbeats may be silent for ever: whether the
    /// connection is alive is known otherwise.
    mutating func isSilent(_ place: UInt32, _ state: inout GatewayState) {
        guard let agent = inventory.agent(place), let owner = agent.connection,
            !owner.isWebSocket || agent.session.capabilities.contains(.reportsHeartbeat)
        else { return }
        state.statistics.lost += 1
        if owner.isWebSocket {
            state.remove(agent.uid, from: owner.id)
            if state.lines[owner.id]?.uids.isEmpty != false {
                work.append(.close(owner, code: 1001, reason: "no heartbeat came for too long"))
            }
        }
        disconnect(place, agent)
    }

    /// What the agent may be over its connection has been decided.
    mutating func letIn(_ uid: InstanceUID, _ standing: AgentStanding, _ state: inout GatewayState) {
        guard let (place, agent) = inventory.found(uid) else { return }
        let wasWaiting = inventory.hot[Int(place)]?.flags.contains(.isWaiting) ?? false
        agent.isAdmitted = standing == .admitted
        guard standing == .admitted else { return }
        if wasWaiting {
            inventory.update(place) { $0.flags.remove(.isWaiting) }
            admitted(place, agent)
        }
        // What it said while it waited was not taken.
        agent.session = ServerSession()
        if connection.isWebSocket, let flags = gateway.fragments.flags(.reportFullState) {
            work.append(.send(connection, [ServerToAgent.uidField(uid), flags]))
        }
    }
}
