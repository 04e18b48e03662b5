import Control
import Pipeline
import Settings
import Synchronization
import Telemetry

@testable import Engine

/// A configuration that can be changed and does nothing.
actor FakeControl: ConfigurationControl {
    private(set) var document: Tree
    private(set) var applied: [(change: ConfigurationChange, options: ChangeOptions, origin: ChangeOrigin)] =
        []
    private(set) var calls: [String] = []
    private var number = 1
    private var failure: ChangeFailure?
    /// Waited for in `apply`.
    private var gate: AsyncStream<Void>?

    init(_ yaml: String = FakeControl.configuration) throws {
        document = try Tree(yaml: yaml, source: ConfigurationSource(.file, "agent.yaml"))
    }

    static let configuration = """
        receivers: {otlp: {protocols: {grpc: {}}}}
        exporters: {otlp/backup: {endpoint: "b:4317"}, debug: {}}
        service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}
        """

    func fail(_ failure: ChangeFailure?) { self.failure = failure }

    func wait(for gate: AsyncStream<Void>) { self.gate = gate }

    private var active: Revision {
        Revision(
            id: RevisionID("rev\(number)"), number: number, time: 1_700_000_000_000_000_000,
            origin: ChangeOrigin(.file, actor: "agent.yaml"), status: .confirmed, reason: nil)
    }

    func state() -> ConfigurationState {
        ConfigurationState(active: active, confirmed: active, lastFailed: nil, confirmWithin: nil)
    }

    func validate(_ change: ConfigurationChange) -> ValidationReport {
        guard case .invalid(let diagnostics)? = failure else { return ValidationReport(diagnostics: []) }
        return ValidationReport(diagnostics: diagnostics)
    }

    func plan(_ change: ConfigurationChange, by origin: ChangeOrigin) throws(ChangeFailure) -> ChangePlan {
        calls.append("plan")
        if let failure { throw failure }
        return plan
    }

    private var plan: ChangePlan {
        let step = ReconfigurationPlan.Step(
            kind: .exporter, id: ComponentID(type: "debug"), pipeline: nil, action: .replace, cost: "nothing")
        let route = ReconfigurationPlan.Route(pipeline: PipelineID(signal: .traces), action: .replace)
        return ChangePlan(
            base: active.id, target: RevisionID("rev\(number + 1)"),
            plan: ReconfigurationPlan(steps: [step], routes: [route]),
            differences: [
                ConfigurationDifference(path: ["exporters", "a/b"], before: nil, after: .number(1))
            ],
            warnings: [])
    }

    func apply(
        _ change: ConfigurationChange, _ options: ChangeOptions, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange {
        calls.append("apply")
        if let gate { for await _ in gate { break } }
        if let failure { throw failure }
        applied.append((change, options, origin))
        if case .replace(let tree) = change { document = tree }
        let plan = plan
        number += 1
        return AppliedChange(
            revision: active, plan: plan, swapped: .milliseconds(3), confirmWithin: options.confirmWithin)
    }

    func confirm(_ revision: RevisionID, by origin: ChangeOrigin) throws(ChangeFailure) -> ConfigurationState
    {
        calls.append("confirm \(revision)")
        if let failure { throw failure }
        return state()
    }

    func rollBack(
        to revision: RevisionID?, because reason: String, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange {
        calls.append("rollBack")
        return try await apply(.replace(document), ChangeOptions(), by: origin)
    }

    func reload(by origin: ChangeOrigin) async throws(ChangeFailure) -> AppliedChange {
        calls.append("reload")
        return try await apply(.replace(document), ChangeOptions(), by: origin)
    }

    func revisions() -> [Revision] { [active] }

    func document(of revision: RevisionID, _ view: ConfigurationView) throws(ChangeFailure) -> Tree {
        guard revision == active.id else { throw .unknown("there is no revision '\(revision)'") }
        return document
    }

    func explanation() -> [ExplainedValue] {
        [
            ExplainedValue(
                path: ["exporters", "otlp/backup", "endpoint"], value: "b:4317", origin: "agent.yaml:2:1")
        ]
    }
}
