/// Something that happened to the collector and that people or programs may want to know.
public struct Event: Sendable, Equatable {
    /// What happened, in words that programs can rely on.
    public enum Kind: String, Sendable, CaseIterable {
        case componentStatus = "component.status"
        case configurationApplied = "config.applied"
        case configurationFailed = "config.failed"
        case configurationConfirmed = "config.confirmed"
        case configurationRolledBack = "config.rolled_back"
        case drainBegan = "drain.began"
        case logLevelChanged = "log_level.changed"
        case tapBegan = "tap.began"
        case tapEnded = "tap.ended"
        case accessDenied = "access.denied"
    }

    /// Position in the log; grows by one.
    public let id: UInt64
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let kind: Kind
    /// What it happened to, such as `exporter/otlp` or a revision.
    public let subject: String
    /// For people: one sentence.
    public let message: String
    /// For programs: a few more facts, none of them secret.
    public let details: [String: String]
}
