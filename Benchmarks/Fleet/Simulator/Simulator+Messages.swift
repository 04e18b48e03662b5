import OpAMP
import Wire

/// What agents say and hear.
extension Simulator {
    private static let capabilities: AgentCapabilities = [
        .reportsStatus, .acceptsRemoteConfig, .reportsEffectiveConfig, .reportsHealth, .reportsRemoteConfig,
        .reportsHeartbeat,
    ]
    /// The most remote configurations that agents tell apart.
    private static let offerLimit = 8192
    /// One agent of so many compares what it gets byte by byte; no multiple of ten, so that all
    /// environments do.
    private static let sample = 101

    /// A connection is open: its agents say something, everything if they have never done so.
    func opened(_ index: Int) {
        guard index < honestConnections else { return beginMischief(index) }
        for agent in agents(of: index) where connections[index].state == .open {
            if agents[agent].isIntroduced { say(agent) } else { report(agent) }
        }
    }

    /// Sends one message of an agent.
    func say(_ agent: Int, _ fill: (inout AgentToServer) -> Void = { _ in }) {
        let index = connection(of: agent)
        guard connections[index].state == .open else { return }
        agents[agent].sequence &+= 1
        var message = AgentToServer(instanceUID: uids[agent])
        message.sequenceNumber = UInt64(agents[agent].sequence)
        message.capabilities = Self.capabilities
        fill(&message)
        let bytes = Framing.framed(message.encoded())
        bytes.withUnsafeBytes { send(index, Opcode.binary, $0) }
    }

    /// Says everything about an agent.
    func report(_ agent: Int) {
        statistics.fullReports += 1
        agents[agent].isIntroduced = true
        let state = agents[agent]
        say(agent) { message in
            message.agentDescription = population.description(agent)
            message.health = population.health(agent)
            message.effectiveConfig = EffectiveConfig(configurations[Int(state.effective)])
            let offer = offers[Int(state.reported)]
            message.remoteConfigStatus = RemoteConfigStatus(
                lastHash: offer.hash,
                status: offer.hash.isEmpty ? .unset : state.isApplied ? .applied : .applying)
            if options.sendsFlow {
                message.customCapabilities = CustomCapabilities([FlowReport.capability])
            }
        }
    }

    func takeMessage(_ index: Int, _ bytes: Bytes) {
        statistics.received += 1
        let message: ServerToAgent
        do {
            message = try ServerToAgent(decoding: try Framing.payload(of: bytes))
        } catch {
            statistics.broken += 1
            return
        }
        let range = agents(of: index)
        guard let uid = message.instanceUID, let agent = range.first(where: { uids[$0] == uid }) else {
            // An answer to what could not be read has no id.
            if index < honestConnections { statistics.broken += 1 }
            return
        }
        if let error = message.errorResponse {
            statistics.refusals += 1
            if let pause = error.retryAfter { close(index, after: Double(pause) * 1e-9) }
            return
        }
        if let new = message.newInstanceUID { uids[agent] = new }
        if let offer = message.remoteConfig { take(agent, offer) }
        if message.flags.contains(.reportFullState) { report(agent) }
        if message.customMessage?.type == "watch", options.sendsFlow { watchFlow(agent) }
    }

    /// An agent got a remote configuration.
    private func take(_ agent: Int, _ offer: AgentRemoteConfig) {
        guard agent < options.agents else { return }
        let now = monotonicNanoseconds()
        statistics.offers += 1
        statistics.lastOffer = now
        if watched == agent {
            watched = nil
            output([
                ("event", "\"offer\""), ("agent", "\(agent)"), ("time", "\(now)"),
                ("hash", quoted(offer.hash)),
            ])
        }
        check(agent, offer)
        let number = number(of: offer)
        agents[agent].offered = number
        agents[agent].reported = number
        agents[agent].isApplied = false
        say(agent) { message in
            message.remoteConfigStatus = RemoteConfigStatus(lastHash: offer.hash, status: .applying)
        }
        wheel.add(.apply, agent, after: options.applySeconds * random.fraction())
    }

    private func check(_ agent: Int, _ offer: AgentRemoteConfig) {
        guard let expected = expectations[population.environment(agent)] else { return }
        guard offer.hash == expected.hash else {
            statistics.wrong += 1
            return
        }
        guard agent % Self.sample == 7 else { return }
        statistics.compared += 1
        let objects = offer.config?.objects ?? [:]
        if objects.count != 1 || objects.first?.value.body != expected.body { statistics.wrong += 1 }
    }

    /// The number of a remote configuration in the list of all that came; 0 when there are too many.
    private func number(of offer: AgentRemoteConfig) -> UInt16 {
        if let known = offerNumbers[offer.hash] { return known }
        guard offers.count < Self.offerLimit, let configuration = offer.config else { return 0 }
        let number = UInt16(offers.count)
        configurations.append(configuration)
        offers.append((offer.hash, UInt16(configurations.count - 1)))
        offerNumbers[offer.hash] = number
        return number
    }

    /// An agent has applied what it got last.
    func applied(_ agent: Int) {
        guard !agents[agent].isApplied, agents[agent].offered != 0 else { return }
        let offer = offers[Int(agents[agent].offered)]
        agents[agent].effective = offer.configuration
        agents[agent].isApplied = true
        statistics.applied += 1
        statistics.lastApplied = monotonicNanoseconds()
        say(agent) { message in
            message.remoteConfigStatus = RemoteConfigStatus(lastHash: offer.hash, status: .applied)
            message.effectiveConfig = EffectiveConfig(configurations[Int(offer.configuration)])
        }
    }

    // MARK: Rates

    /// The server wants to see the rates of an agent more often.
    private func watchFlow(_ agent: Int) {
        let isWatched = agents[agent].watchedSteps > 0
        agents[agent].watchedSteps = 24
        if !isWatched { wheel.add(.flow, agent, after: 5) }
    }

    func reportFlow(_ agent: Int) {
        guard agents[agent].watchedSteps > 0 else { return }
        agents[agent].watchedSteps -= 1
        say(agent) { message in message.customMessage = flow(of: agent) }
        if agents[agent].watchedSteps > 0 { wheel.add(.flow, agent, after: 5) }
    }

    /// What went through an agent so far: a steady rate of its own.
    func flow(of agent: Int) -> CustomMessage {
        var counters = FlowReport.Counters()
        let milliseconds = (monotonicNanoseconds() - startTime) / 1_000_000
        counters.accepted = milliseconds * UInt64(1 + agent % 97)
        counters.delivered = counters.accepted
        return FlowReport(total: counters).message
    }
}
