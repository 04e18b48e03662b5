internal import Control
internal import Engine
internal import Pipeline
internal import Settings

/// The configuration that the process was started with, for an admin API that only shows it.
struct StartedConfiguration: ConfigurationControl {
    private let tree: Tree
    private let active: Revision

    init(_ configuration: CollectorConfiguration, sources: [String], at time: UInt64) {
        tree = configuration.tree(.hidden)
        active = Revision(
            id: RevisionID("started"), number: 1, time: time,
            origin: ChangeOrigin(.commandLine, actor: sources.joined(separator: ", ")), status: .confirmed,
            reason: nil)
    }

    private static let refusal = ChangeFailure.busy(
        "this process cannot change its configuration; send SIGHUP")

    func state() async -> ConfigurationState {
        ConfigurationState(active: active, confirmed: active, lastFailed: nil, confirmWithin: nil)
    }

    func validate(_ change: ConfigurationChange) async -> ValidationReport {
        ValidationReport(diagnostics: [])
    }

    func plan(
        _ change: ConfigurationChange, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> ChangePlan { throw Self.refusal }

    func apply(
        _ change: ConfigurationChange, _ options: ChangeOptions, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange { throw Self.refusal }

    func confirm(
        _ revision: RevisionID, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> ConfigurationState { throw Self.refusal }

    func rollBack(
        to revision: RevisionID?, because reason: String, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange { throw Self.refusal }

    func reload(by origin: ChangeOrigin) async throws(ChangeFailure) -> AppliedChange { throw Self.refusal }

    func revisions() async -> [Revision] { [active] }

    func document(
        of revision: RevisionID, _ view: ConfigurationView
    ) async throws(ChangeFailure) -> Tree {
        guard revision == active.id else { throw .unknown("there is no revision '\(revision)'") }
        return tree
    }

    func explanation() async -> [ExplainedValue] { [] }
}
