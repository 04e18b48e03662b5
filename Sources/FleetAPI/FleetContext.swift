public import Fleet
public import FleetStore
public import HTTPAPI
public import Pipeline

/// Everything that the fleet API shows and changes.
public struct FleetContext: Sendable {
    /// The agents.
    public var agents: any AgentDirectory
    public var library: ConfigurationLibrary
    public var packages: PackageLibrary
    public var groups: FleetGroups
    public var values: FleetValues
    /// Brings in what a directory describes.
    public var imports: FleetImport
    public var rollouts: any RolloutControl
    /// Who may do what, and which agents are let in.
    public var access: AccessControl
    public var audit: AuditTrail
    /// What has happened and what happens next.
    public var events: FleetEvents
    /// Where events are sent.
    public var webhooks: Webhooks
    /// Named plans, and the contents of effective configurations.
    public var store: FleetStore
    public var clock: any PipelineClock
    /// The version of the program.
    public var version: String
    /// Names, beside localhost and IP addresses, that requests may be addressed to.
    public var hosts: Set<String> = []
    /// The web page; `nil` is none.
    public var page: WebFiles?
    /// Who may do what without a token, with a client certificate.
    public var certificates = CertificateUsers()
    /// The manager's own metrics in the Prometheus text format.
    public var metrics: @Sendable () -> String = { "" }
    /// Hears of writes that could not be noted in the audit log.
    public var auditFailed: @Sendable (StoreError) -> Void = { _ in }
    /// Why the manager is not ready; `nil` when it is.
    public var readiness: @Sendable () async -> String? = { nil }

    public init(
        agents: any AgentDirectory, library: ConfigurationLibrary, packages: PackageLibrary,
        groups: FleetGroups, values: FleetValues,
        imports: FleetImport, rollouts: any RolloutControl, access: AccessControl, audit: AuditTrail,
        events: FleetEvents, webhooks: Webhooks, store: FleetStore, clock: any PipelineClock,
        version: String
    ) {
        self.agents = agents
        self.library = library
        self.packages = packages
        self.groups = groups
        self.values = values
        self.imports = imports
        self.rollouts = rollouts
        self.access = access
        self.audit = audit
        self.events = events
        self.webhooks = webhooks
        self.store = store
        self.clock = clock
        self.version = version
    }
}
