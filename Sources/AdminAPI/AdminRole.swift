/// What a caller of the admin API may do; each role includes those before it.
public enum AdminRole: String, Sendable, CaseIterable, Comparable {
    /// Look at everything but telemetry itself.
    case read
    /// Also tap, drain, set log levels, replay and discard dead letters, collect diagnostics.
    case operate
    /// Also change the configuration.
    case configure

    public static func < (left: Self, right: Self) -> Bool {
        Self.allCases.firstIndex(of: left) ?? 0 < Self.allCases.firstIndex(of: right) ?? 0
    }
}
