import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Synchronization

@testable import Control

/// A collector under remote control; it can be started several times.
final class FleetFixture: Sendable {
    let service: ServiceFixture
    let carrier = ComponentID(type: "opamp")

    init(_ text: String = ServiceFixture.agent) throws { service = try ServiceFixture(text) }

    /// One process.
    struct Process {
        let process: ServiceFixture.Process
        let control: RemoteControl
        let news: AsyncStream<CollectorNews>
        let restarts: Restarts

        var service: ConfigurationService { process.service }
        var engine: FakeEngine { process.engine }
        /// The level of the exporter that runs.
        var level: String? { process.level }

        /// The next state that `condition` likes.
        func state(
            _ condition: (RemoteConfigurationState) -> Bool = { _ in true }
        ) async -> RemoteConfigurationState {
            let now = await control.remoteState()
            if condition(now) { return now }
            for await item in news {
                if case .remote(let state) = item, condition(state) { return state }
            }
            return now
        }
    }

    final class Restarts: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func add() { state.withLock { $0 += 1 } }
    }

    /// Begins a process; the one before must have ended.
    func start(
        sources: [String]? = nil, keepsState: Bool = true, policy: Policy = Policy()
    ) async throws -> Process {
        let process = try await service.start(sources: sources, keepsState: keepsState, policy: policy)
        let restarts = Restarts()
        let control = RemoteControl(
            process.service,
            RemoteControl.Parts(
                engine: process.engine, catalog: ComponentCatalog(exporters: [TargetExporter.self]),
                identity: CollectorIdentity(serviceVersion: "1", serviceInstance: "i"),
                directory: keepsState ? service.stateDirectory : nil, clock: service.clock,
                logger: Logger(label: "test")
            ) { restarts.add() })
        let news = await control.news()
        await control.begin()
        return Process(process: process, control: control, news: news, restarts: restarts)
    }

    /// A configuration that sets the level of the exporter.
    func level(
        _ level: Int, confirmWithin: Duration? = nil
    ) -> RemoteConfiguration {
        configuration([UInt8(level)], "exporters: {target: {level: \(level)}}", confirmWithin: confirmWithin)
    }

    func configuration(
        _ hash: [UInt8], _ text: String, confirmWithin: Duration? = nil
    ) -> RemoteConfiguration {
        RemoteConfiguration(
            hash: hash, files: [RemoteFile(name: "fleet.yaml", body: Array(text.utf8))], carrier: carrier,
            server: "ws://fleet", occasion: "rollout r1", confirmWithin: confirmWithin)
    }

    /// Lets seconds pass, one by one, until `condition` or at most `limit`.
    func pass(_ limit: Int, until condition: () async -> Bool) async -> Bool {
        for _ in 0..<limit {
            if await condition() { return true }
            await service.clock.waitForSleepers()
            service.clock.advance(by: .seconds(1))
            for _ in 0..<100 { await Task.yield() }
        }
        return await condition()
    }
}
