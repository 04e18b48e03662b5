internal import FleetModel
internal import OpAMP

/// What lists and sums look at, one after the other: 48 bytes of each agent.
struct HotAgent: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt16

        static let isConnected = Self(rawValue: 1)
        /// Not let in yet.
        static let isWaiting = Self(rawValue: 2)
        static let hasHealth = Self(rawValue: 4)
        static let isHealthy = Self(rawValue: 8)
    }

    var profile = UInt32.absent
    var labels = UInt32.absent
    var build = UInt32.absent
    var effective = UInt32.absent
    var terms = UInt32.absent
    /// The revision in its terms.
    var revision = UInt32.absent
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    var lastSeen: UInt64 = 0
    /// Items per second between the last two reports of counters.
    var accepted: Float = 0
    var delivered: Float = 0
    var dropped: Float = 0
    var flags: Flags = []
    var drift = DriftState.unmanaged.number

    var isHealthy: Bool? { flags.contains(.hasHealth) ? flags.contains(.isHealthy) : nil }
    var isFlowing: Bool { accepted != 0 || delivered != 0 || dropped != 0 }
}

/// The rest of what is known of an agent; what others have too is a number in a table.
///
/// `@unchecked Sendable` is sound because agents are reached through `InventoryState` alone, which one thread
/// has at a time.
final class Agent: @unchecked Sendable {
    /// The offer that was made last.
    struct Offer: Sendable {
        var terms: UInt32
        var connection: UInt64
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        var time: UInt64
    }

    /// A connection that speaks for the agent while another does so already.
    struct Contender: Sendable {
        let connection: any AgentConnection
        /// On the clock that only moves forward, in seconds.
        let deadline: Double
    }

    let uid: InstanceUID
    let firstSeen: UInt64
    var session = ServerSession()
    /// Attributes outside of the profile.
    var own: [UInt32] = []
    var name = ""
    /// The one that may say that the agent has gone; `nil` when it is not connected here.
    var connection: (any AgentConnection)?
    /// The life of the other manager that has said last that it is connected there; empty for none.
    ///
    /// Whether it still is depends on whether that manager is alive.
    var owner = ""
    var contender: Contender?
    /// Whether its connection has shown that it is alive when another manager said that it has a later one.
    var isProven = false
    /// Whether it was let in over the present connection.
    var isAdmitted = false
    /// Whether the first message asks who it is, and nobody has answered yet.
    var isEnrolling = false

    var shape = UInt32.absent
    var health: CompactHealth?
    var worstSince: UInt64 = 0
    /// Whether its health is known in short only, since its shape is not kept, and it is to say it again.
    var lacksHealth = false

    var reportedHash: [UInt8] = []
    var history: [ConfigurationReport] = []
    var assignmentTime: UInt64 = 0
    var offer: Offer?
    /// A person wants it offered again although it failed.
    var mayRetry = false
    /// What it ran when it had applied what it ought to run.
    var baseline = UInt32.absent
    /// Whether it has said what it runs since it began to apply.
    var hasNewEffective = false

    /// What is known of its packages; `nil` for most agents.
    var packages: AgentPackages?

    var flow: [FlowCounters] = []
    /// Until when it reports its counters often; nanoseconds since 1970.
    var watchedUntil: UInt64 = 0

    var customs = UInt32.absent
    var components = UInt32.absent
    /// The settings that it was offered last.
    var offeredSettings: [UInt8] = []
    var settingsStatus: ConnectionSettingsStatus?

    /// What it is told with the next answers, because it polls.
    var pending: [GatewayMessage] = []
    /// The connection over which it was offered connection settings last.
    var settingsConnection: UInt64 = 0
    /// Whether the next poll gets another id, because the agent is connected otherwise.
    var rekeysPoller = false
    /// Whether it has been connected here in this life of the manager.
    var wasHere = false
    /// Since when it is connected; nanoseconds since 1970.
    var connectedSince: UInt64 = 0

    /// Whether it waits to be written.
    var isDirty = false
    /// Whether the store has it.
    var isStored = false
    /// Labels that it gets when it is written first.
    var initialLabels: [String: String]?

    init(uid: InstanceUID, firstSeen: UInt64) {
        self.uid = uid
        self.firstSeen = firstSeen
    }
}

extension Agent {
    /// Reports of one agent that are kept.
    static let historyLimit = 16
    /// The longest message of a report, in bytes; of older ones less is kept.
    static let longestMessage = 4096
    static let longestOldMessage = 256
    /// Samples of counters that are kept while nobody watches, and how far apart they are at least.
    static let flowLimit = 24
    static let flowDistance: UInt64 = 15 * 1_000_000_000

    /// Takes down what it said about a configuration, unless it said the same before.
    ///
    /// - Returns: Whether that is news.
    func note(_ report: ConfigurationReport) -> Bool {
        if isKnown(report) { return false }
        var report = report
        report.message = report.message.cut(toBytes: Self.longestMessage)
        report.time = max(report.time, history.last?.time ?? 0)
        if report.time < assignmentTime { report.time = assignmentTime }
        history.append(report)
        if history.count > Self.historyLimit { history.removeFirst(history.count - Self.historyLimit) }
        if history.count > 4 {
            let old = history.count - 5
            history[old].message = history[old].message.cut(toBytes: Self.longestOldMessage)
        }
        return true
    }

    /// Whether it has said the same before, and nothing has happened since that could have changed it.
    private func isKnown(_ report: ConfigurationReport) -> Bool {
        func isSame(_ old: ConfigurationReport) -> Bool {
            old.hash == report.hash && old.outcome == report.outcome && old.message == report.message
        }
        guard let last = history.last else { return false }
        // It may fail again in the same way with what was offered again.
        let wasOfferedSince = offer.map { $0.time >= last.time } ?? false
        if report.outcome == .applying || wasOfferedSince && report.outcome != .applied {
            return isSame(last) && report.outcome == .applying
        }
        for old in history.reversed() {
            guard old.hash == report.hash, old.outcome != .applying else { return false }
            if isSame(old) { return true }
        }
        return false
    }

    /// The last that it said of a configuration.
    func lastReport(_ hash: ContentHash) -> ConfigurationReport? { history.last { $0.hash == hash.bytes } }

    /// Adds counters; one of a process that began anew forgets those before.
    func add(_ sample: FlowCounters, isWatched: Bool) {
        if let last = flow.last, sample.accepted < last.accepted { flow.removeAll() }
        let count = flow.count
        let isClose =
            count >= 2 && sample.time - min(flow[count - 2].time, sample.time) < Self.flowDistance
        if isClose, !isWatched { flow.removeLast() }
        flow.append(sample)
        let limit = isWatched ? FlowHistory.limit : Self.flowLimit
        if flow.count > limit { flow.removeFirst(flow.count - limit) }
    }

    /// How what it runs compares with what it ought to run.
    func drift(_ terms: AssignmentTerms?, effective: UInt32, _ running: ContentHash?) -> DriftState {
        guard let terms, session.capabilities.contains(.acceptsRemoteConfig) || session.capabilities.isEmpty
        else { return .unmanaged }
        let isReported = reportedHash == terms.hash.bytes
        guard let last = lastReport(terms.hash) else { return isReported ? .inSync : .pending }
        switch last.outcome {
        case .failed, .rolledBack: return last.time >= assignmentTime ? .failed : .pending
        case .applying: return .applying
        case .applied:
            guard isReported || reportedHash.isEmpty else {
                return last.time >= assignmentTime ? .drifted : .pending
            }
            guard baseline != .absent, effective != baseline, running != terms.hash else { return .inSync }
            return .drifted
        }
    }

    /// Whether it is to be offered what it ought to run, as far as what it said goes.
    func wants(_ terms: AssignmentTerms) -> Bool {
        guard session.capabilities.contains(.acceptsRemoteConfig) else { return false }
        let last = lastReport(terms.hash)
        if mayRetry { return true }
        if let last, last.time >= assignmentTime, last.outcome == .failed || last.outcome == .rolledBack {
            return false
        }
        guard reportedHash == terms.hash.bytes else { return true }
        return last.map { $0.outcome == .failed || $0.outcome == .rolledBack } ?? false
    }
}
