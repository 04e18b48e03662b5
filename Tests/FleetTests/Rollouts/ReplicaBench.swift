import FleetModel
import Logging
import Pipeline
import PipelineTesting
import Rollouts
import Settings
import Testing

@testable import Fleet
@testable import FleetStore

/// Two managers on one store: the first moves the rollouts.
final class ReplicaBench {
    let clock = ManualClock()
    let fleet: FakeFleet
    let events: FleetEvents
    let duties: SeparationOfDuties
    let stores: [FleetStore]
    /// Between the owner and its store.
    let hooks: HookedDriver
    let owner: RolloutService
    let other: RolloutService
    let metrics = FleetMetrics()

    init(_ count: Int = 4, duties: SeparationOfDuties = SeparationOfDuties()) async throws {
        let clock = clock
        fleet = FakeFleet(count, clock: clock)
        events = FleetEvents(clock: clock)
        self.duties = duties
        let database = try await FleetStore.open(
            .memory, replica: "none", logger: Logger(label: "none"), clock: { clock.unixNanoseconds })
        hooks = HookedDriver(database.driver)
        let first = FleetStore(
            driver: hooks, replica: "one", logger: Logger(label: "one"),
            clock: { clock.unixNanoseconds })
        // Another manager of the same store.
        let second = FleetStore(
            driver: database.driver, replica: "two", logger: Logger(label: "two"),
            clock: { clock.unixNanoseconds })
        stores = [first, second]
        owner = try await Self.service(stores[0], fleet, events, FleetMetrics(), clock, duties)
        other = try await Self.service(stores[1], fleet, events, metrics, clock, duties)
        await owner.tick()
        await other.tick()
    }

    private static func service(
        _ store: FleetStore, _ fleet: FakeFleet, _ events: FleetEvents, _ metrics: FleetMetrics,
        _ clock: ManualClock, _ duties: SeparationOfDuties
    ) async throws -> RolloutService {
        var parts = RolloutService.Parts(
            store: store, fleet: fleet, library: FakeLibrary(), events: events, clock: clock,
            logger: Logger(label: "test"))
        parts.duties = { duties }
        parts.metrics = metrics
        return try await RolloutService.open(parts)
    }

    /// Says something to the other manager, and lets the owner have a second while it waits.
    func handOn<Answer: Sendable>(
        _ body: @escaping @Sendable (RolloutService) async throws(RolloutServiceError) -> Answer
    ) async throws -> Answer {
        let other = other
        let asking = Task { try await body(other) }
        await clock.waitForSleepers(1)
        await owner.tick()
        clock.advance(by: RolloutService.answerInterval)
        return try await asking.value
    }

    func command(
        _ id: String, _ command: RolloutCommand, by actor: RolloutActor = RolloutBench.ada,
        ifVersion version: RolloutVersion? = nil
    ) async throws -> Rollout {
        try await handOn { (service) async throws(RolloutServiceError) in
            try await service.command(id, command, by: actor, ifVersion: version)
        }
    }

    func start(_ yaml: String, asDraft: Bool = false) async throws -> Rollout {
        let spec = try RolloutSpec.decode(yaml: yaml)
        return try await handOn { (service) async throws(RolloutServiceError) in
            try await service.start(spec, by: RolloutBench.ada, asDraft: asDraft)
        }
    }

    /// One second of the owner and the agents.
    func step() async {
        clock.advance(by: .seconds(1))
        fleet.tick()
        await owner.tick()
    }

    func run(_ id: String, until states: Set<RolloutState>) async -> RolloutState? {
        for _ in 0..<1000 {
            if let state = await owner.rollout(id)?.state, states.contains(state) { return state }
            await step()
        }
        return await owner.rollout(id)?.state
    }

    /// What waits and what has been answered, by the names of the documents.
    func requests() async throws -> [String] {
        try await stores[0].documents(.rolloutRequest, limit: 1000).map(\.id)
    }
}
