internal import Fleet
internal import Pipeline
internal import Synchronization
internal import Transport

/// What all connections of an endpoint have in common.
final class AgentDesk: Sendable {
    let configuration: FleetEndpointConfiguration
    let reception: any AgentReception
    let door: any AgentDoor
    let clock: any PipelineClock
    let counters = EndpointCounters()
    private let pacing: Mutex<AcceptPacing>
    private let isDraining = Atomic<Bool>(false)
    private let lastID = Atomic<UInt64>(0)

    init(
        _ configuration: FleetEndpointConfiguration, reception: any AgentReception, door: any AgentDoor,
        clock: any PipelineClock
    ) {
        self.configuration = configuration
        self.reception = reception
        self.door = door
        self.clock = clock
        pacing = Mutex(AcceptPacing(rate: configuration.acceptsPerSecond, now: clock.now))
    }

    /// Refuses whoever comes from now on.
    func drain() { isDraining.store(true, ordering: .relaxed) }

    /// A number for a connection.
    func nextID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Who asks.
    func principal(of head: ServerRequestHead) throws(AgentRefusal) -> AgentPrincipal {
        try door.agent(
            authorization: head.fields["authorization"], certificateName: head.connection.certificateName,
            certificateSerial: head.connection.certificateSerial, address: head.peer)
    }

    /// Why nobody is taken now; with the seconds to wait.
    func closedDoor() -> (FleetEndpointFigures.Refusal, String, wait: Int)? {
        guard isDraining.load(ordering: .relaxed) else { return nil }
        return (.stopping, "the fleet manager stops; come back in a moment", Self.stopWait)
    }

    /// Why one more WebSocket is not taken now.
    func crowd() -> (FleetEndpointFigures.Refusal, String, wait: Int)? {
        guard counters.openWebSockets.load(ordering: .relaxed) < configuration.maxConnections else {
            return (.full, "as many agents as are allowed are connected", Self.fullWait)
        }
        guard let wait = pacing.withLock({ $0.take(at: clock.now) }) else { return nil }
        return (.paced, "many agents connect at the moment; come back when it is your turn", wait)
    }

    private static let stopWait = 5
    private static let fullWait = 60
}
