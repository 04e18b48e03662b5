public import OpAMP

/// What rollouts and gates know of one agent; cheap to make, read every second.
public struct AgentFacts: Sendable, Hashable {
    public var uid: InstanceUID
    /// Whether it is connected, or has polled in time.
    public var isConnected = false
    /// Whether it takes configurations at all.
    public var acceptsRemoteConfig = false
    /// Whether it is an Apus of our kind: it knows our custom messages.
    public var speaksCustom = false
    /// The name and version of its program, such as `apus 0.1.0`; what a revision may be bad for.
    public var build = ""
    /// What it said about configurations, the newest last; at most 16.
    public var history: [ConfigurationReport] = []
    /// What it said about its own health last; `nil` when it has not said anything.
    public var isHealthy: Bool?
    /// The first error of its health tree.
    public var healthError: String?
    /// How its worst component is.
    public var worst: ComponentState = .ok
    /// When `worst` became what it is; nanoseconds since 1970-01-01T00:00:00Z.
    public var worstSince: UInt64 = 0
    /// When its process began, in nanoseconds since 1970-01-01T00:00:00Z; 0 when it is not known.
    public var started: UInt64 = 0
    /// Its counters; the newest last, at most a few.
    public var flow: FlowHistory = FlowHistory()
    /// What it ought to run.
    public var assignment: Assignment?
    public var labels: [String: String] = [:]

    public init(uid: InstanceUID) { self.uid = uid }
}

/// The states of otelcol's components, the worst last.
public enum ComponentState: String, Sendable, Hashable, Comparable, CaseIterable {
    case ok, starting, stopping, stopped, recoverable, permanent, fatal

    public static func < (left: Self, right: Self) -> Bool {
        Self.allCases.firstIndex(of: left) ?? 0 < Self.allCases.firstIndex(of: right) ?? 0
    }
}

/// One thing that an agent said about one configuration.
public struct ConfigurationReport: Sendable, Hashable {
    /// What became of it.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case applying, applied, failed
        /// The agent went back to an earlier one by itself.
        case rolledBack = "rolled_back"
    }

    /// The `config_hash`, whatever server made it.
    public var hash: [UInt8]
    public var outcome: Outcome
    /// The reason, as the agent gave it.
    public var message: String
    /// Nanoseconds since 1970-01-01T00:00:00Z, by the clock of the manager.
    public var time: UInt64

    public init(hash: [UInt8], outcome: Outcome, message: String, time: UInt64) {
        self.hash = hash
        self.outcome = outcome
        self.message = message
        self.time = time
    }
}

/// What went through all pipelines of an agent since its process began.
public struct FlowCounters: Sendable, Hashable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, by the clock of the manager.
    public var time: UInt64 = 0
    /// Items that receivers took.
    public var accepted: UInt64 = 0
    /// Items that destinations took.
    public var delivered: UInt64 = 0
    /// Items that processors left out on purpose.
    public var filtered: UInt64 = 0
    /// Items that were given up.
    public var dropped: UInt64 = 0
    /// Items that receivers refused.
    public var refused: UInt64 = 0
    /// Items of attempts to export that failed.
    public var exportFailures: UInt64 = 0
    /// Items that wait in queues now.
    public var queued: UInt64 = 0

    public init() {}
}

/// Counters over time: at most `limit` samples, the oldest first.
public struct FlowHistory: Sendable, Hashable {
    public static let limit = 64

    public private(set) var samples: [FlowCounters] = []

    public init() {}

    /// Adds a sample; one of a process that began anew forgets those before it.
    public mutating func add(_ sample: FlowCounters) {
        if let last = samples.last, sample.accepted < last.accepted { samples.removeAll() }
        samples.append(sample)
        if samples.count > Self.limit { samples.removeFirst(samples.count - Self.limit) }
    }
}
