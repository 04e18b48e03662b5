public import FleetModel
internal import Logging
public import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Wire

/// What agents are told without having asked.
extension AgentGateway {
    /// Agents that get something while the inventory is held once.
    private static let slice = 128

    /// Offers agents that are connected over a WebSocket what they ought to run; others get it with their
    /// next message.
    ///
    /// Many are done in slices, so that nobody else waits for long.
    func push(_ uids: [InstanceUID]) async {
        await fetchOffers(uids)
        await fetchPackages(of: uids)
        let any = EndedConnection()
        for start in stride(from: 0, to: uids.count, by: Self.slice) {
            let part = uids[start..<min(start + Self.slice, uids.count)]
            let (now, time) = (clock.now, clock.unixNanoseconds)
            let (messages, events) = inventory.state.withLock { inventory in
                state.withLock { state in
                    var messages: [(InstanceUID, any AgentConnection, [Bytes])] = []
                    var told: [GatewayWork] = []
                    for uid in part {
                        guard let (place, agent) = inventory.found(uid), let owner = agent.connection,
                            owner.isWebSocket
                        else { continue }
                        var exchange = GatewayExchange(
                            gateway: self, inventory: inventory, connection: any, now: now, time: time)
                        var chunks = exchange.offer(place, agent, &state)
                        if chunks.isEmpty { chunks = exchange.offerPackages(place, agent, &state) }
                        told += exchange.work.filter { if case .tell = $0 { true } else { false } }
                        if !chunks.isEmpty {
                            messages.append((uid, owner, [ServerToAgent.uidField(uid)] + chunks))
                        }
                    }
                    return (messages, told)
                }
            }
            perform(events)
            let refused = messages.filter { !$0.1.send($0.2) }.map(\.0)
            if !refused.isEmpty { forgetOffers(refused) }
            await Task.yield()
        }
    }

    /// Offers once more what connections did not take before, such as those that many agents share.
    func pushUnsent() async {
        let uids = state.withLock { state in
            defer { state.unsent = [] }
            return Array(state.unsent)
        }
        if !uids.isEmpty { await push(uids) }
    }

    /// The connection takes nothing more now; the offer is made soon, or with the next message of the agent.
    private func forgetOffers(_ uids: [InstanceUID]) {
        state.withLock { $0.unsent.formUnion(uids) }
        inventory.state.withLock { inventory in
            for uid in uids {
                guard let (_, agent) = inventory.found(uid) else { continue }
                inventory.forgetPackageOffer(agent)
                guard let offer = agent.offer else { continue }
                inventory.tables.terms.release(offer.terms)
                agent.offer = nil
            }
        }
    }

    private func fetchOffers(_ uids: [InstanceUID]) async {
        let hashes = inventory.state.withLock { inventory in
            Set(
                uids.compactMap { uid in
                    inventory.place(of: uid).flatMap { inventory.hot[Int($0)] }
                        .flatMap { inventory.tables.terms[$0.terms]?.hash }
                })
        }
        for hash in hashes where offers.cachedOffer(hash) == nil {
            do throws(LibraryError) {
                _ = try await offers.offer(hash)
                failedFetches.succeeded(hash)
            } catch {
                failedFetches.failed(hash, at: clock.now)
                logger.error(
                    "what agents ought to run cannot be offered",
                    metadata: ["hash": "\(hash.short)", "error": "\(error)"])
            }
        }
    }

    /// Sends a message at once, or with the next answer to an agent that polls.
    ///
    /// - Returns: Whether it was taken.
    @discardableResult
    func deliver(_ message: GatewayMessage, to uid: InstanceUID) -> Bool {
        let connection: (any AgentConnection)? = inventory.state.withLock { inventory in
            guard let agent = inventory.found(uid)?.agent, let owner = agent.connection else { return nil }
            if !owner.isWebSocket {
                guard agent.pending.count < Self.mostPending else { return nil }
                agent.pending.append(message)
            }
            return owner
        }
        guard let connection else { return false }
        guard connection.isWebSocket else { return true }
        return connection.send([ServerToAgent.uidField(uid), message.fragment])
    }

    /// Sends a custom message to agents that know its kind.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - uids: The agents.
    /// - Returns: Those that it was sent to, or that get it with their next poll.
    @discardableResult
    public func send(_ message: CustomMessage, to uids: [InstanceUID]) -> [InstanceUID] {
        var wrapper = ServerToAgent()
        wrapper.customMessage = message
        let fragment = GatewayMessage(fragment: wrapper.encodedFragment())
        return uids.filter { uid in
            let knows = inventory.state.withLock { inventory in
                guard let agent = inventory.found(uid)?.agent, agent.isAdmitted else { return false }
                return inventory.tables.customs[agent.customs]?.contains(message.capability) ?? false
            }
            return knows && deliver(fragment, to: uid)
        }
    }

    /// Tells agents that a configuration may stay.
    @discardableResult
    public func confirm(_ hash: ContentHash, to uids: [InstanceUID]) -> [InstanceUID] {
        send(ConfigMessage.make("confirm", .table(["hash": .text(hash.description)])), to: uids)
    }

    /// Tells agents to go back to their own sources, because nothing was there before what they run.
    @discardableResult
    public func withdraw(_ hash: ContentHash, to uids: [InstanceUID]) -> [InstanceUID] {
        send(ConfigMessage.make("withdraw", .table(["hash": .text(hash.description)])), to: uids)
    }

    /// Asks agents whether they could run a configuration; `onValidated` hears what they say.
    ///
    /// - Parameters:
    ///   - id: Comes back with the answers.
    ///   - files: The configuration.
    ///   - uids: The agents.
    /// - Returns: Those that were asked.
    @discardableResult
    public func validate(id: String, _ files: AgentConfigMap, by uids: [InstanceUID]) -> [InstanceUID] {
        let list = files.objects.sorted { $0.key < $1.key }.map { name, object in
            Tree.table([
                "name": .text(name), "type": .text(object.contentType),
                "body": .text(String(decoding: object.body, as: UTF8.self)),
            ])
        }
        return send(
            ConfigMessage.make("validate", .table(["id": .text(id), "files": .list(list)])), to: uids)
    }

    /// What goes through each pipeline of an agent that is connected here.
    ///
    /// From the first question on the agent's readings are kept, for some hundred agents; so there is an
    /// answer after two of its heartbeats.
    public func pipelineFlows(of uid: InstanceUID) -> [PipelineFlow] { pipelineFlows.flows(of: uid) }

    /// Asks agents for their counters more often, for a while.
    ///
    /// - Parameters:
    ///   - uids: The agents.
    ///   - interval: Seconds between two reports.
    ///   - seconds: For how long.
    /// - Returns: Those that were asked.
    @discardableResult
    public func watch(_ uids: [InstanceUID], every interval: Int = 5, for seconds: Int) -> [InstanceUID] {
        let body = Tree.table(["interval_s": .number(interval), "for_s": .number(seconds)])
        let message = CustomMessage(
            capability: FlowReport.capability, type: "watch", data: Array(body.json().utf8))
        let until = clock.unixNanoseconds + UInt64(max(seconds, 0)) * 1_000_000_000
        inventory.state.withLock { inventory in
            for uid in uids { inventory.found(uid)?.agent.watchedUntil = until }
        }
        return send(message, to: uids)
    }

    /// Tells an agent to restart.
    public func restart(_ uid: InstanceUID) throws(InventoryError) {
        let found = inventory.state.withLock { inventory in
            inventory.found(uid).map { ($0.agent.session.allows(.restart), $0.agent.connection != nil) }
        }
        guard let (canRestart, isConnected) = found else { throw .unknownAgent(uid) }
        guard canRestart else { throw .impossible("agent \(uid) does not restart when it is told to") }
        guard isConnected else { throw .impossible("agent \(uid) is not connected to this manager") }
        guard deliver(GatewayMessage(fragment: fragments.restart), to: uid) else {
            throw .impossible("agent \(uid) takes no messages now; try again later")
        }
    }
}

/// Stands where there is no connection that speaks.
final class EndedConnection: AgentConnection {
    let id: UInt64 = .max
    let peer = ""
    let principal = AgentPrincipal.anyone
    let isWebSocket = true

    func send(_ chunks: [Bytes]) -> Bool { false }
    func ping() {}
    func close(code: UInt16, reason: String) {}
}
