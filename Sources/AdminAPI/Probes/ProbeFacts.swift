public import Pipeline

/// What probes are answered from.
public struct ProbeFacts: Sendable {
    /// How long ago the slowest event loop last answered.
    public let loopLag: Duration
    /// The lag from which on the process counts as hung.
    public let lagLimit: Duration
    /// Whether a configuration is in force.
    public let hasConfiguration: Bool
    /// The collector's own account of itself.
    public let health: CollectorHealth

    public init(loopLag: Duration, lagLimit: Duration, hasConfiguration: Bool, health: CollectorHealth) {
        self.loopLag = loopLag
        self.lagLimit = lagLimit
        self.hasConfiguration = hasConfiguration
        self.health = health
    }
}
