import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings

@testable import Control

/// A service over a fake engine, with its files in a directory of its own; it can be started several times.
final class ServiceFixture: Sendable {
    let scratch: Scratch
    let clock = ManualClock()
    let alice = ChangeOrigin(.api, actor: "alice", address: "[::1]:1")

    static let agent = """
        receivers: {source: {}}
        exporters: {target: {level: 1, password: "${env:PASSWORD}"}}
        service: {pipelines: {traces: {receivers: [source], exporters: [target]}}}
        """

    init(_ text: String = agent) throws {
        scratch = try Scratch()
        try scratch.write(text, to: "agent.yaml")
    }

    var file: String { "\(scratch.path)/agent.yaml" }
    var stateDirectory: String { "\(scratch.path)/state" }

    /// One process.
    struct Process {
        let service: ConfigurationService
        let engine: FakeEngine
        let first: Boot.Candidate

        var level: String? { engine.effective.last?[["exporters", "target", "level"]]?.text }
    }

    /// Begins a process; the one before must have ended.
    func start(
        sources: [String]? = nil, isNamed: Bool = true, keepsState: Bool = true, policy: Policy = Policy()
    ) async throws -> Process {
        let reader = ConfigurationReader(
            sources: sources ?? [file], sets: [],
            providers: [EnvironmentProvider(["PASSWORD": "marker-secret"]), FileProvider(), YAMLProvider()],
            catalog: ComponentCatalog(receivers: [SourceReceiver.self], exporters: [TargetExporter.self]))
        let directory = keepsState ? try StateDirectory(stateDirectory) : nil
        var boot = try Boot(reader, in: directory, isNamed: isNamed)
        guard let first = await boot.next() else { throw StateFailure("there is nothing to start with") }
        let engine = FakeEngine(clock)
        let audit = keepsState ? AuditLog(in: stateDirectory, clock: clock) : nil
        let parts = ConfigurationService.Parts(
            engine: engine, policy: policy, audit: audit, clock: clock, logger: Logger(label: "test"))
        let service = ConfigurationService(parts, boot)
        try await service.start(first)
        return Process(service: service, engine: engine, first: first)
    }
}

/// A change of the level of the exporter.
func level(_ level: Int) -> ConfigurationChange {
    .merge(.table(["exporters": .table(["target": .table(["level": .number(level)])])]))
}
