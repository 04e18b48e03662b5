public import Control
public import Engine
public import HTTPAPI
public import Pipeline

/// Everything that the admin API shows and changes.
public struct AdminContext: Sendable {
    /// Changes the configuration.
    public var control: any ConfigurationControl
    /// The collector at this moment.
    public var snapshot: @Sendable () -> CollectorSnapshot
    /// What has happened and what happens next.
    public var events: EventLog
    /// Where the levels of the log are set.
    public var log: LogOutput
    /// What this build consists of.
    public var catalog: ComponentCatalog
    public var clock: any PipelineClock
    /// The version of the program.
    public var version: String
    /// The collector's own metrics in the Prometheus text format.
    public var metrics: @Sendable () -> String = { "" }
    /// What passes an edge of the graph per second; `nil` while that is not known.
    public var rates: @Sendable (EdgeRates.Edge) -> EdgeRates? = { _ in nil }
    /// Begins to drain: nothing new is accepted, what was accepted is delivered.
    ///
    /// `nil` where that cannot be.
    public var drain: (@Sendable () async -> Void)?
    /// What backends refused for good.
    public var deadLetters: (any DeadLetterControl)?
    /// Lets somebody look at telemetry as it passes; `nil` where that cannot be.
    public var tap: (@Sendable (TapPoint, Tap.Limits) async throws(TapFailure) -> Tap)?
    /// Why telemetry did not get where it was meant to go.
    public var drops: @Sendable () -> [DropGroup] = { [] }
    /// Parts of the names of attributes whose values are hidden, beside those that always are.
    public var maskedAttributes: [String] = []
    /// The web page; `nil` is none.
    public var page: WebFiles?
    public var tokens: TokenStore
    public var access: AdminAccess
    public var audit: any AdminAudit

    public init(
        control: any ConfigurationControl, snapshot: @escaping @Sendable () -> CollectorSnapshot,
        events: EventLog, log: LogOutput, catalog: ComponentCatalog, clock: any PipelineClock,
        version: String, tokens: TokenStore, access: AdminAccess, audit: any AdminAudit
    ) {
        self.control = control
        self.snapshot = snapshot
        self.events = events
        self.log = log
        self.catalog = catalog
        self.clock = clock
        self.version = version
        self.tokens = tokens
        self.access = access
        self.audit = audit
    }
}
