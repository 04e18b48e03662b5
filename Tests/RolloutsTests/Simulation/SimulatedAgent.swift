import FleetModel
import OpAMP

/// An agent as a rollout sees it: it gets a revision and does with it what its temper is.
struct SimulatedAgent {
    /// What the new revision makes of it.
    enum Temper: Hashable {
        case good
        /// Says at once that it cannot run it.
        case refuses
        /// The process ends, and begins anew with the revision before.
        case crashes
        /// It applies the revision, and its process begins anew again and again, so many seconds later.
        case crashLoops(after: Int)
        /// A filter that lets nothing through.
        case dropsEverything
        /// Its receiver listens where nobody sends.
        case wrongPort
        /// Its exporter is refused.
        case wrongCredentials
        /// It cannot reach the manager any more, and goes back by itself after two minutes.
        case cutsPath
        /// It never says anything about the revision.
        case hangs
        /// One of its components has a permanent error.
        case breaksComponent
        /// Nothing is known of its flow.
        case mute
    }

    static let start: UInt64 = 1_700_000_000_000_000_000
    static let old = RevisionReference("edge", 1)
    static let new = RevisionReference("edge", 2)

    var temper: Temper
    var facts: AgentFacts
    /// Items per second that come in.
    var rate = 100.0
    var running: RevisionReference?
    /// When it got what it is applying.
    var applying: (revision: RevisionReference, since: UInt64)?
    /// Until when it is disconnected, in nanoseconds since 1970.
    var offlineUntil: UInt64 = 0
    private var counters = FlowCounters()
    private var crashAt: UInt64 = 0
    private var failedHashes: Set<[UInt8]> = []

    init(_ number: UInt64, _ temper: Temper = .good, labels: [String: String] = [:], hasOld: Bool = true) {
        self.temper = temper
        facts = AgentFacts(uid: InstanceUID(high: number &* 0x9e37_79b9_7f4a_7c15, low: number))
        facts.isConnected = true
        facts.acceptsRemoteConfig = true
        facts.speaksCustom = temper != .mute
        facts.build = "apus 1"
        facts.labels = labels
        facts.isHealthy = true
        facts.started = Self.start - 1_000_000_000_000
        guard hasOld else { return }
        running = Self.old
        facts.assignment = Assignment(
            uid: facts.uid, revision: Self.old, hash: Self.hash(Self.old), rollout: "earlier",
            time: Self.start - 900_000_000_000)
        report(.applied, Self.old, "", at: Self.start - 890_000_000_000)
    }

    static func hash(_ revision: RevisionReference) -> ContentHash {
        ContentHash(of: Array("\(revision)".utf8))
    }

    /// One second.
    mutating func tick(_ time: UInt64) {
        if crashAt > 0, time >= crashAt {
            facts.started = time
            counters = FlowCounters()
            if case .crashLoops(let after) = temper { crashAt = time + UInt64(after) * 1_000_000_000 }
        }
        facts.isConnected = time >= offlineUntil
        guard facts.isConnected else { return }
        flow(time)
        if let applying {
            if time >= applying.since + 2_000_000_000 { finish(applying.revision, time) }
            return
        }
        guard let assignment = facts.assignment, facts.history.last?.hash != assignment.hash.bytes,
            !failedHashes.contains(assignment.hash.bytes)
        else { return }
        if temper == .hangs, assignment.revision == Self.new { return }
        applying = (assignment.revision, time)
        report(.applying, assignment.revision, "", at: time)
    }

    /// Forgets that it failed with a revision, as it does when a person asks for it.
    mutating func forgive(_ revision: RevisionReference) {
        failedHashes.remove(Self.hash(revision).bytes)
        facts.history.removeAll { $0.hash == Self.hash(revision).bytes }
    }

    private mutating func finish(_ revision: RevisionReference, _ time: UInt64) {
        applying = nil
        guard revision == Self.new else {
            running = revision
            facts.worst = .ok
            facts.healthError = nil
            crashAt = 0
            report(.applied, revision, "", at: time)
            return
        }
        switch temper {
        case .refuses:
            failedHashes.insert(Self.hash(revision).bytes)
            report(.failed, revision, "receivers::otlp: unknown key 'protocol'", at: time)
        case .crashes:
            failedHashes.insert(Self.hash(revision).bytes)
            facts.started = time
            offlineUntil = time + 10_000_000_000
            report(.rolledBack, revision, "the process ended with signal 11", at: time)
        case .cutsPath:
            failedHashes.insert(Self.hash(revision).bytes)
            offlineUntil = time + 120_000_000_000
            report(.rolledBack, revision, "the manager could not be reached", at: time)
        default:
            running = revision
            report(.applied, revision, "", at: time)
            if case .crashLoops(let after) = temper { crashAt = time + UInt64(after) * 1_000_000_000 }
            if temper == .breaksComponent {
                facts.worst = .permanent
                facts.healthError = "exporter 'otlp': certificate has expired"
            }
            if temper == .wrongCredentials {
                facts.worst = .recoverable
                facts.healthError = "exporter 'otlp': 401 Unauthorized"
            }
        }
    }

    private mutating func flow(_ time: UInt64) {
        guard temper != .mute else { return }
        let isNew = running == Self.new
        var accepted = rate
        var (delivered, failed, queued) = (1.0, 0.0, 0.0)
        if isNew {
            switch temper {
            case .dropsEverything: delivered = 0
            case .wrongPort: accepted = 0
            case .wrongCredentials: (delivered, failed, queued) = (0, 1, 1)
            default: break
            }
        }
        counters.accepted += UInt64(accepted)
        counters.delivered += UInt64(accepted * delivered)
        counters.exportFailures += UInt64(accepted * failed)
        counters.queued += UInt64(accepted * queued)
        if delivered == 0, failed == 0 { counters.filtered += UInt64(accepted) }
        guard time / 1_000_000_000 % 5 == 0 else { return }
        counters.time = time
        facts.flow.add(counters)
    }

    private mutating func report(
        _ outcome: ConfigurationReport.Outcome, _ revision: RevisionReference, _ message: String,
        at time: UInt64
    ) {
        facts.history.append(
            ConfigurationReport(
                hash: Self.hash(revision).bytes, outcome: outcome, message: message, time: time))
        if facts.history.count > 16 { facts.history.removeFirst() }
    }
}
