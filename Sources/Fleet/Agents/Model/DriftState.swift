/// How what an agent runs compares with what it ought to run.
public enum DriftState: String, Sendable, Hashable, CaseIterable {
    /// It runs what it ought to.
    case inSync = "in_sync"
    /// It has not said anything about what it ought to run yet.
    case pending
    /// It is about to run it.
    case applying
    /// It could not run it, or went back from it.
    case failed
    /// It ran what it ought to, and runs something else now.
    case drifted
    /// Nobody has said what it ought to run, or it takes no configurations.
    case unmanaged

    /// A small number for tables; the place in `allCases`.
    var number: UInt8 {
        switch self {
        case .inSync: 0
        case .pending: 1
        case .applying: 2
        case .failed: 3
        case .drifted: 4
        case .unmanaged: 5
        }
    }

    init(number: UInt8) { self = Self.allCases[min(Int(number), Self.allCases.count - 1)] }
}
