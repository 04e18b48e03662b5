internal import FleetModel
internal import FleetStore
internal import Logging
public import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Wire

/// What goes on while nobody speaks.
extension AgentGateway {
    private static let sweepInterval = Duration.seconds(5)
    /// Agents that are looked at while the inventory is held once.
    private static let slice = 8192

    /// Decides who speaks for agents, and notices who is silent, until the task is cancelled.
    public func run() async {
        await loadComponents()
        var swept = clock.now
        while !Task.isCancelled {
            do { try await clock.sleep(for: .milliseconds(500)) } catch { return }
            settleContests()
            await pushUnsent()
            if clock.now - swept >= Self.sweepInterval {
                swept = clock.now
                await sweep()
            }
        }
    }

    /// Lets connections take over where the one before has not answered in time.
    func settleContests() {
        let seconds = clock.now.offset / .seconds(1)
        let contested = state.withLock { Array($0.contested) }
        guard !contested.isEmpty else { return }
        let work = inventory.state.withLock { inventory in
            state.withLock { state in
                var exchange = makeExchange(inventory)
                for uid in contested {
                    guard let contender = inventory.found(uid)?.agent.contender else {
                        state.contested.remove(uid)
                        continue
                    }
                    if contender.deadline <= seconds { exchange.tookOver(uid, &state) }
                }
                return exchange.work
            }
        }
        perform(work)
    }

    /// Other managers have agents that are connected here: finds out whose they are.
    func settle(_ claims: [ReplicaClaim]) {
        let work = inventory.state.withLock { inventory in
            state.withLock { state in
                var exchange = makeExchange(inventory)
                for claim in claims { exchange.take(claim, &state) }
                return exchange.work
            }
        }
        perform(work)
    }

    /// Agents that have been silent for too long are not connected any more.
    func sweep() async {
        let time = clock.unixNanoseconds
        let latest = time - min(settings.silence, time)
        let count = inventory.state.withLock { $0.hot.count }
        for start in stride(from: 0, to: count, by: Self.slice) {
            let work = inventory.state.withLock { inventory in
                state.withLock { state in
                    var exchange = makeExchange(inventory)
                    for place in start..<min(start + Self.slice, inventory.hot.count) {
                        guard let row = inventory.hot[place], row.lastSeen < latest,
                            row.flags.contains(.isConnected)
                        else { continue }
                        exchange.isSilent(UInt32(place), &state)
                    }
                    return exchange.work
                }
            }
            perform(work)
            await Task.yield()
        }
    }

    private func makeExchange(_ inventory: InventoryState) -> GatewayExchange {
        GatewayExchange(
            gateway: self, inventory: inventory, connection: EndedConnection(), now: clock.now,
            time: clock.unixNanoseconds)
    }

    private func loadComponents() async {
        do throws(StoreError) {
            let documents = try await inventory.store.documents(
                .setting, prefix: "components/", limit: Self.mostComponents)
            let hashes = documents.compactMap { Hexadecimal.bytes(of: String($0.id.dropFirst(11))) }
            state.withLock { $0.knownComponents.formUnion(hashes) }
        } catch {
            logger.warning("the components of agents are not known yet", metadata: ["error": "\(error)"])
        }
    }

    /// The components that agents with a hash are built of; `nil` when nobody has sent them.
    public func components(_ hash: [UInt8]) async -> AvailableComponents? {
        do throws(StoreError) {
            let document = try await inventory.store.document(
                .setting, "components/\(Hexadecimal.text(of: hash))")
            guard let content = document?.body["content"]?.text.flatMap({ ContentHash($0) }),
                let bytes = try await inventory.store.content(content)
            else { return nil }
            return Self.components(bytes)
        } catch {
            logger.warning("the components of agents cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
    }

    // MARK: - Access

    /// Somebody has decided about an agent: what it may be is looked at anew.
    ///
    /// - Parameters:
    ///   - uid: The agent.
    ///   - standing: What was decided; `nil` asks access.
    public func reconsider(_ uid: InstanceUID, _ standing: AgentStanding? = nil) {
        let owner = inventory.state.withLock { $0.found(uid)?.agent.connection }
        guard let owner else { return }
        let standing = standing ?? access.standing(of: uid, as: owner.principal)
        if case .refused(let reason) = standing { return end(uid, owner, reason) }
        let work = inventory.state.withLock { inventory in
            state.withLock { state -> [GatewayWork] in
                guard let agent = inventory.found(uid)?.agent, agent.connection?.id == owner.id else {
                    return []
                }
                var exchange = GatewayExchange(
                    gateway: self, inventory: inventory, connection: owner, now: clock.now,
                    time: clock.unixNanoseconds)
                exchange.letIn(uid, standing, &state)
                return exchange.work
            }
        }
        perform(work)
    }

    /// The credentials of an agent were taken away: its connections end.
    public func revoke(_ uid: InstanceUID, reason: String = "the credentials were taken away") {
        let owner = inventory.state.withLock { $0.found(uid)?.agent.connection }
        if let owner { end(uid, owner, reason) }
    }

    private func end(_ uid: InstanceUID, _ owner: any AgentConnection, _ reason: String) {
        let isAlone = inventory.state.withLock { inventory in
            state.withLock { state in
                let others = state.lines[owner.id]?.uids.contains { $0 != uid } ?? false
                state.statistics.refused += 1
                state.remove(uid, from: owner.id)
                var exchange = GatewayExchange(
                    gateway: self, inventory: inventory, connection: owner, now: clock.now,
                    time: clock.unixNanoseconds)
                exchange.ended(uid, &state)
                return !others
            }
        }
        tell(.refused(uid, reason: reason))
        if isAlone, owner.isWebSocket { owner.close(code: 1008, reason: reason) }
    }

    private static func components(_ bytes: [UInt8]) -> AvailableComponents? {
        do throws(OpAMPError) {
            return try AgentToServer(decoding: Bytes(bytes)).availableComponents
        } catch {
            return nil
        }
    }
}
