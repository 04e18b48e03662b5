internal import FleetModel
public import Logging
public import OpAMP
public import Pipeline
internal import Synchronization
public import Wire

/// Speaks OpAMP with agents: takes what they say into the inventory, and tells them what there is to tell.
///
/// It has no sockets: connections hand messages in, on whatever thread reads them, and get the answer back
/// at once; what takes time (enrollment, certificates, configurations that have to be fetched) comes later
/// over the same connection, or with the next poll.
///
/// Bounded: agents as `Inventory.limit`; 1,000 agents over one connection; 256 pieces of work beside the
/// messages, after which an agent has to speak again; one try in 10 s for an offer that cannot be had; 8
/// messages that wait for a poll; 8 messages that are none before a connection is closed.
public final class AgentGateway: Sendable {
    static let agentsPerConnection = 1000
    static let faultsPerConnection = 8
    static let mostTasks = 256
    static let mostPending = 8

    public let settings: GatewaySettings
    let inventory: Inventory
    let access: any AgentAccess
    let offers: any AgentOffers
    let packages: any PackageOffers
    let clock: any PipelineClock
    let logger: Logger
    let memory = EffectiveMemory()
    let state: Mutex<GatewayState>
    let fragments = GatewayFragments()
    let failedFetches = FailedFetches()
    let pipelineFlows = PipelineFlows()
    private let sinks = Mutex(Sinks())

    private struct Sinks {
        var event: @Sendable (AgentEvent) -> Void = { _ in }
        var validated: @Sendable (InstanceUID, ValidationAnswer) -> Void = { _, _ in }
    }

    /// - Parameters:
    ///   - inventory: Where agents are.
    ///   - access: Who decides which agents are let in.
    ///   - offers: Where configurations come from.
    ///   - settings: How to deal with agents.
    ///   - clock: The time.
    ///   - logger: Where trouble is told of.
    public convenience init(
        inventory: Inventory, access: any AgentAccess, offers: any AgentOffers,
        settings: GatewaySettings = GatewaySettings(), clock: any PipelineClock, logger: Logger
    ) {
        self.init(
            inventory: inventory, access: access, offers: offers, packages: NoPackages(), settings: settings,
            clock: clock, logger: logger)
    }

    /// The same, with `packages` that may be offered.
    init(
        inventory: Inventory, access: any AgentAccess, offers: any AgentOffers, packages: any PackageOffers,
        settings: GatewaySettings, clock: any PipelineClock, logger: Logger
    ) {
        self.inventory = inventory
        self.access = access
        self.offers = offers
        self.packages = packages
        self.settings = settings
        self.clock = clock
        self.logger = logger
        state = Mutex(GatewayState(settings))
        inventory.onAssigned { [weak self] uids in await self?.push(uids) }
        inventory.onClaimed { [weak self] claims in self?.settle(claims) }
    }

    /// Says who wants to know what happens to agents; called outside of all locks, in no certain order.
    public func onEvent(_ body: @escaping @Sendable (AgentEvent) -> Void) {
        sinks.withLock { $0.event = body }
    }

    /// Says who asked agents to check configurations.
    public func onValidated(_ body: @escaping @Sendable (InstanceUID, ValidationAnswer) -> Void) {
        sinks.withLock { $0.validated = body }
    }

    /// What the gateway has done since it began.
    public var statistics: GatewayStatistics { state.withLock { $0.statistics } }

    func tell(_ event: AgentEvent) { sinks.withLock { $0.event }(event) }
    func tell(_ uid: InstanceUID, _ answer: ValidationAnswer) { sinks.withLock { $0.validated }(uid, answer) }

    // MARK: - Messages

    /// Takes one message of an agent: protobuf, without the header of the transport.
    public func receive(_ message: Bytes, over connection: any AgentConnection) -> GatewayAnswer {
        let prepared: PreparedReport
        do throws(OpAMPError) {
            prepared = try PreparedReport(
                reading: message, offers: offers, memory: memory, limits: settings.limits)
        } catch {
            return refuse(error, connection)
        }
        let report = prepared.report
        if report.flags.contains(.requestInstanceUID) { return name(report, connection) }
        var reception = take(prepared, connection, nil)
        if case .undecided = reception {
            // Asked outside of the locks, for access has its own.
            reception = take(
                prepared, connection, access.standing(of: report.instanceUID, as: connection.principal))
        }
        switch reception {
        case .undecided: return .send([ServerToAgent.uidField(report.instanceUID)])
        case .answered(let answer, let work):
            perform(work)
            return answer
        }
    }

    /// What came of a message.
    enum Outcome {
        /// It has to be asked what the agent may be.
        case undecided
        case answered(GatewayAnswer, [GatewayWork])
    }

    private func take(
        _ prepared: PreparedReport, _ connection: any AgentConnection, _ standing: AgentStanding?
    ) -> Outcome {
        let (now, time) = (clock.now, clock.unixNanoseconds)
        return inventory.state.withLock { inventory in
            state.withLock { state in
                var exchange = GatewayExchange(
                    gateway: self, inventory: inventory, connection: connection, now: now, time: time)
                return exchange.run(prepared, standing, &state)
            }
        }
    }

    /// A message that is none: the agent is told, and after some the connection ends.
    private func refuse(_ error: OpAMPError, _ connection: any AgentConnection) -> GatewayAnswer {
        let faults = state.withLock { state in
            state.statistics.malformed += 1
            guard connection.isWebSocket else { return 0 }
            state.lines[connection.id, default: GatewayState.Line(uids: [])].faults += 1
            return state.lines[connection.id]?.faults ?? 0
        }
        if error.kind == .tooLarge { return .close(code: 1009, reason: "\(error)") }
        guard faults < Self.faultsPerConnection else {
            return .close(code: 1008, reason: "too many messages were not OpAMP; the last: \(error)")
        }
        var answer = ServerToAgent()
        answer.errorResponse = ServerErrorResponse(.badRequest, "\(error)")
        return .send([answer.encodedFragment()])
    }

    /// Gives an agent an id that asks for one; what else it says, it says again with that.
    private func name(_ report: AgentToServer, _ connection: any AgentConnection) -> GatewayAnswer {
        let standing = access.standing(of: report.instanceUID, as: connection.principal)
        if case .refused(let reason) = standing {
            state.withLock { $0.statistics.refused += 1 }
            return .close(code: 1008, reason: reason)
        }
        if connection.principal.uid != nil {
            // Its credential is for the id that it has, so the new one has to be let in first.
            if connection.isWebSocket { perform([.rekey(report.instanceUID, connection)]) }
            return .send([ServerToAgent.uidField(report.instanceUID)])
        }
        var answer = ServerToAgent(instanceUID: report.instanceUID)
        answer.newInstanceUID = makeUID()
        answer.capabilities = GatewayFragments.capabilities
        return .send([answer.encoded()])
    }

    /// An id that nobody has.
    func makeUID() -> InstanceUID {
        InstanceUID.version7(
            unixMilliseconds: clock.unixNanoseconds / 1_000_000,
            random: (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max)))
    }

    // MARK: - Connections

    /// A connection has ended; agents that speak over it are not connected any more.
    public func closed(_ connection: any AgentConnection) {
        guard connection.isWebSocket else { return }
        let time = clock.unixNanoseconds
        let work = inventory.state.withLock { inventory in
            state.withLock { state in
                let line = state.lines.removeValue(forKey: connection.id)
                var exchange = GatewayExchange(
                    gateway: self, inventory: inventory, connection: connection, now: clock.now, time: time)
                for uid in line?.uids ?? [] { exchange.ended(uid, &state) }
                return exchange.work
            }
        }
        perform(work)
    }

    /// The other end of a connection has shown that it is alive, as with a pong; a message needs no call.
    public func heard(_ connection: any AgentConnection) {
        // Nearly always there is nothing to decide.
        let isContested = state.withLock { state in
            !state.contested.isEmpty
                && state.lines[connection.id]?.uids.contains { state.contested.contains($0) } == true
        }
        guard isContested else { return }
        let work = inventory.state.withLock { inventory in
            state.withLock { state in
                var exchange = GatewayExchange(
                    gateway: self, inventory: inventory, connection: connection, now: clock.now,
                    time: clock.unixNanoseconds)
                for uid in state.lines[connection.id]?.uids ?? [] { exchange.isAlive(uid, &state) }
                return exchange.work
            }
        }
        perform(work)
    }
}
