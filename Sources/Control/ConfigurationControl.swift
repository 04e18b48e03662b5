public import Engine
public import Pipeline
public import Settings

/// The way to change the configuration of the collector that runs: plan, apply, watch, confirm or go back.
///
/// There is one for the process, and everybody uses it: the admin API, signals, the file watcher, the fleet.
public protocol ConfigurationControl: Sendable {
    /// What is active, pending, confirmed and what failed last.
    func state() async -> ConfigurationState
    /// Checks a change without any side effect.
    func validate(_ change: ConfigurationChange) async -> ValidationReport
    /// What a change would do; throws when it is wrong.
    func plan(_ change: ConfigurationChange, by origin: ChangeOrigin) async throws(ChangeFailure)
        -> ChangePlan
    /// Makes a change; when anything about it fails, nothing has changed.
    func apply(
        _ change: ConfigurationChange, _ options: ChangeOptions, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange
    /// Makes the active revision the one to go back to.
    func confirm(_ revision: RevisionID, by origin: ChangeOrigin) async throws(ChangeFailure)
        -> ConfigurationState
    /// Goes back to `revision`, or to the last confirmed one.
    func rollBack(
        to revision: RevisionID?, because reason: String, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange
    /// Reads the sources of the command line again and applies them.
    func reload(by origin: ChangeOrigin) async throws(ChangeFailure) -> AppliedChange
    /// What is kept, newest first.
    func revisions() async -> [Revision]
    /// The documents of a revision.
    func document(of revision: RevisionID, _ view: ConfigurationView) async throws(ChangeFailure) -> Tree
    /// Where each value of the active configuration comes from, by its path.
    func explanation() async -> [ExplainedValue]
}

/// How a configuration is shown; secrets never are.
public enum ConfigurationView: String, Sendable, CaseIterable {
    /// With every default, as it is in force.
    case effective
    /// As it was written: `${env:NAME}` is not expanded.
    case raw
}

/// Names a revision by its content: the first 16 hexadecimal digits of the SHA-256 of its document.
public struct RevisionID: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ text: String) { description = text }
}

/// Who or what asks for a change.
public struct ChangeOrigin: Sendable, Equatable {
    /// The way a change comes in.
    public enum Channel: String, Sendable, CaseIterable {
        case commandLine = "command_line", signal, file, api, fleet, rollback
    }

    public let channel: Channel
    /// The name of the token or the certificate, or of the user of the unix socket.
    public let actor: String
    /// The other end of the connection, when there is one.
    public let address: String?
    /// The request it came with, for the audit log.
    public let request: String?

    public init(_ channel: Channel, actor: String, address: String? = nil, request: String? = nil) {
        self.channel = channel
        self.actor = actor
        self.address = address
        self.request = request
    }

    /// Whether the local policy applies: to everything that does not come from this machine's administrator.
    public var isRemote: Bool { channel == .api || channel == .fleet }
}

/// A change as somebody asks for it; it applies to the raw view of the active configuration.
public indirect enum ConfigurationChange: Sendable {
    /// Another document in the place of the whole.
    case replace(Tree)
    /// RFC 7396: tables are merged, `null` removes.
    case merge(Tree)
    /// RFC 6902: all operations or none.
    case patch([PatchOperation])
    /// One component; `nil` removes it.
    case component(ComponentKind, ComponentID, Tree?)
    /// One pipeline; `nil` removes it.
    case pipeline(PipelineID, Tree?)
    /// Several changes, one after the other, all or none.
    case transaction([ConfigurationChange])
}

/// One operation of RFC 6902.
public enum PatchOperation: Sendable {
    case add(path: [String], Tree)
    case remove(path: [String])
    case replace(path: [String], Tree)
    case move(from: [String], path: [String])
    case copy(from: [String], path: [String])
    case test(path: [String], Tree)
}

/// What else is asked for with a change.
public struct ChangeOptions: Sendable {
    /// The revision the change was made for; another one active is a conflict.
    public var expected: RevisionID?
    /// Go back unless the change is confirmed within this time; `nil` confirms it at once.
    public var confirmWithin: Duration?
    /// The share of items delivered may fall because of this change, so that is no reason to go back.
    public var expectsDrop = false
    /// Why, for the audit log.
    public var reason: String?

    public init(expected: RevisionID? = nil, confirmWithin: Duration? = nil, reason: String? = nil) {
        self.expected = expected
        self.confirmWithin = confirmWithin
        self.reason = reason
    }
}

/// One configuration that was tried.
public struct Revision: Sendable {
    /// What became of it.
    public enum Status: String, Sendable, CaseIterable {
        case candidate, active, confirmed, superseded, failed, rolledBack = "rolled_back"
    }

    public let id: RevisionID
    /// Counts the revisions, from 1.
    public let number: Int
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let origin: ChangeOrigin
    public let status: Status
    /// Why it was made, or why it failed or was taken back.
    public let reason: String?

    public init(
        id: RevisionID, number: Int, time: UInt64, origin: ChangeOrigin, status: Status, reason: String?
    ) {
        self.id = id
        self.number = number
        self.time = time
        self.origin = origin
        self.status = status
        self.reason = reason
    }
}

/// Where the configuration stands.
public struct ConfigurationState: Sendable {
    public let active: Revision
    /// The revision to go back to.
    public let confirmed: Revision?
    public let lastFailed: Revision?
    /// Time left to confirm the active revision; `nil` when it is confirmed.
    public let confirmWithin: Duration?

    public init(active: Revision, confirmed: Revision?, lastFailed: Revision?, confirmWithin: Duration?) {
        self.active = active
        self.confirmed = confirmed
        self.lastFailed = lastFailed
        self.confirmWithin = confirmWithin
    }
}

/// What checking a change has found.
public struct ValidationReport: Sendable {
    /// Errors, warnings and notes; positions are those of the document that was sent.
    public let diagnostics: [Diagnostic]
    public var isValid: Bool { !diagnostics.hasErrors }

    public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

/// What a change would do.
public struct ChangePlan: Sendable {
    /// The revision the plan was made for.
    public let base: RevisionID
    /// The revision that the change would make.
    public let target: RevisionID
    public let plan: ReconfigurationPlan
    /// The effective values that differ.
    public let differences: [ConfigurationDifference]
    public let warnings: [Diagnostic]

    public init(
        base: RevisionID, target: RevisionID, plan: ReconfigurationPlan,
        differences: [ConfigurationDifference], warnings: [Diagnostic]
    ) {
        self.base = base
        self.target = target
        self.plan = plan
        self.differences = differences
        self.warnings = warnings
    }
}

/// One value that differs between two revisions; secrets are hidden.
public struct ConfigurationDifference: Sendable, Equatable {
    public let path: [String]
    public let before: Tree?
    public let after: Tree?

    public init(path: [String], before: Tree?, after: Tree?) {
        self.path = path
        self.before = before
        self.after = after
    }
}

/// A change that was made.
public struct AppliedChange: Sendable {
    public let revision: Revision
    public let plan: ChangePlan
    /// Until telemetry flowed through the new graph.
    public let swapped: Duration
    /// Time left to confirm it; `nil` when that is not needed.
    public let confirmWithin: Duration?

    public init(revision: Revision, plan: ChangePlan, swapped: Duration, confirmWithin: Duration?) {
        self.revision = revision
        self.plan = plan
        self.swapped = swapped
        self.confirmWithin = confirmWithin
    }
}

/// One value of the active configuration and where it was written.
public struct ExplainedValue: Sendable {
    public let path: [String]
    /// As text; a secret is hidden.
    public let value: String
    /// Such as `agent.yaml:12:5`, `--set`, or `default`.
    public let origin: String

    public init(path: [String], value: String, origin: String) {
        self.path = path
        self.value = value
        self.origin = origin
    }
}

/// Why a change was not made.
public enum ChangeFailure: Error, Sendable {
    /// The document is wrong.
    case invalid([Diagnostic])
    /// The local policy forbids it; one message for each thing that is forbidden.
    case forbidden([Diagnostic])
    /// A component cannot be built or started.
    case notStarted(kind: ComponentKind, id: ComponentID, message: String, key: String?)
    /// Another revision is active than the change was made for.
    case conflict(active: RevisionID)
    /// There is no such revision, component or pipeline.
    case unknown(String)
    /// Another change is under way, or one waits to be confirmed.
    case busy(String)
    /// The revision could not be kept on disk.
    case storage(String)
}
