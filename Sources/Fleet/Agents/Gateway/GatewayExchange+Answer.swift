internal import FleetModel
internal import OpAMP
internal import Pipeline
internal import Wire

/// What agents are told.
extension GatewayExchange {
    /// After how long an offer is made again that the agent has not said anything about, in nanoseconds.
    private static let offerPatience: UInt64 = 300 * 1_000_000_000
    /// The same where it polls, for nothing tells that an answer has arrived.
    private static let pollPatience: UInt64 = 30 * 1_000_000_000
    /// After how many seconds another agent is asked for components that nobody has sent.
    private static let componentPatience = 60.0

    /// The chunks of the answer to a message.
    mutating func answer(
        _ place: UInt32, _ agent: Agent, _ reception: Reception, _ state: inout GatewayState
    ) -> [Bytes] {
        var chunks = [ServerToAgent.uidField(agent.uid)]
        // One custom message, error or command to a message: what waits for the poll goes alone.
        if !agent.pending.isEmpty { return chunks + [agent.pending.removeFirst().fragment] }
        if agent.session.takeIntroduction() || !connection.isWebSocket {
            chunks.append(gateway.fragments.introduction)
        }
        guard agent.isAdmitted else { return chunks }
        var flags: ServerToAgentFlags = []
        if agent.session.wantsFullState || agent.lacksHealth, state.fullStates.take(now) {
            flags = agent.session.takeFlags(mayAsk: true).union(.reportFullState)
            agent.lacksHealth = false
            state.statistics.fullStates += 1
        }
        if let hash = reception.componentsHash, asks(for: Array(hash.prefix(64)), &state) {
            flags.insert(.reportAvailableComponents)
        }
        if let fragment = gateway.fragments.flags(flags) { chunks.append(fragment) }
        let configuration = offer(place, agent, &state)
        // One change at a time: packages come with a later message.
        chunks += configuration.isEmpty ? offerPackages(place, agent, &state) : configuration
        offerSettings(agent)
        return chunks
    }

    /// A message that comes again tells that its answer was lost: all that was in it is due once more.
    func answerAgain(_ agent: Agent) {
        agent.session.reconnected()
        inventory.forgetPackageOffer(agent)
        guard let offer = agent.offer else { return }
        inventory.tables.terms.release(offer.terms)
        agent.offer = nil
    }

    private func asks(for hash: [UInt8], _ state: inout GatewayState) -> Bool {
        guard !hash.isEmpty, !state.knownComponents.contains(hash) else { return false }
        let seconds = now.offset / .seconds(1)
        if let asked = state.askedComponents[hash], seconds - asked < Self.componentPatience { return false }
        if state.askedComponents.count >= AgentGateway.mostComponents { state.askedComponents = [:] }
        state.askedComponents[hash] = seconds
        return true
    }

    /// The chunks that offer the agent what it ought to run; none when it runs that, or must not be asked.
    mutating func offer(_ place: UInt32, _ agent: Agent, _ state: inout GatewayState) -> [Bytes] {
        guard let number = inventory.hot[Int(place)]?.terms, let terms = inventory.tables.terms[number],
            agent.isAdmitted, let owner = agent.connection, agent.wants(terms)
        else { return [] }
        let patience = owner.isWebSocket ? Self.offerPatience : Self.pollPatience
        if let last = agent.offer, last.terms == number, last.time >= agent.assignmentTime,
            last.connection == owner.id || !owner.isWebSocket,
            time - min(last.time, time) < patience
        {
            return []
        }
        guard let bytes = gateway.offers.cachedOffer(terms.hash) else {
            if gateway.failedFetches.allows(terms.hash, at: now) {
                work.append(.fetchOffer(terms.hash, agent.uid))
            }
            return []
        }
        if let last = agent.offer { inventory.tables.terms.release(last.terms) }
        // What it said before is not what it runs with this.
        agent.hasNewEffective = false
        agent.offer = Agent.Offer(
            terms: inventory.tables.terms.take(terms), connection: owner.id, time: time)
        state.statistics.offers += 1
        let speaks = inventory.tables.customs[agent.customs]?.contains(ConfigMessage.capability) ?? false
        return speaks ? [bytes, message(with: terms)] : [bytes]
    }

    /// The custom message that goes with an offer.
    private func message(with terms: AssignmentTerms) -> Bytes {
        if let known = inventory.offerMessages[terms] { return known }
        var message = ServerToAgent()
        message.customMessage = terms.message
        let fragment = message.encodedFragment()
        if inventory.offerMessages.count >= 256 { inventory.offerMessages = [:] }
        inventory.offerMessages[terms] = fragment
        return fragment
    }

    /// Has the agent offered a credential of its own, or the interval of heartbeats, once over a connection.
    private mutating func offerSettings(_ agent: Agent) {
        guard let owner = agent.connection, agent.settingsConnection != owner.id,
            agent.session.allows(.opampConnection), agent.settingsStatus?.status != .failed
        else { return }
        switch owner.principal {
        case .enrollment: break
        case .anyone, .agent:
            guard gateway.settings.heartbeatInterval != 30,
                agent.settingsStatus?.lastHash != GatewaySettings.hash(gateway.settings.heartbeatInterval)
            else { return }
        // An offer without its certificate would take the certificate away.
        case .certificate: return
        }
        agent.settingsConnection = owner.id
        work.append(.offerToken(agent.uid, owner))
    }
}

extension GatewaySettings {
    /// Names an offer that is about the interval of heartbeats alone.
    static func hash(_ interval: UInt64) -> [UInt8] {
        ContentHash(of: Array("heartbeat \(interval)".utf8)).bytes
    }
}
