public import FleetModel
public import OpAMP
internal import Settings

/// What a rollout that has succeeded goes on to promise: agents that its selector chooses from now on get the
/// revision, too, as fast as its last stage allowed.
///
/// It ends when a later rollout over the same selector succeeds, or a person ends it. Of several that choose
/// an agent the one of the newest rollout counts, so that an agent gets what it would have if it had been
/// there all the time. It stops by itself when `mostFailures` agents in a row cannot run the revision, and
/// keeps to the windows and the disruption budget of the rollout.
public struct StandingAssignment: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case active
        /// Agents could not run the revision; a person has to decide.
        case stopped
        /// Nobody gets anything because of it any more; never left.
        case ended
    }

    /// Agents in a row that fail before nobody else gets the revision.
    public static let mostFailures = 3
    /// The most agents in the middle of the change at the same time.
    public static let mostChanging = 500
    /// Agents for which there is no revision that are remembered; the oldest are forgotten.
    static let mostUnable = 1000
    /// After so many nanoseconds such an agent is tried again.
    static let unablePatience: UInt64 = 600 * 1_000_000_000
    /// How fast agents get the revision where the last stage has no rate.
    static let usualRate = 50.0
    /// After so many seconds an agent that has not become healthy is left alone, at least.
    private static let shortestPatience: UInt64 = 60

    public let rollout: String
    public let selector: Selector
    public let target: RevisionReference
    /// When the rollout was made; nanoseconds since 1970-01-01T00:00:00Z, as all times.
    public let created: UInt64
    /// When the rollout had succeeded.
    public let since: UInt64

    public internal(set) var state = State.active
    /// Grows by 1 with each change of its state.
    public internal(set) var version = 1
    /// Why it is in its state.
    public internal(set) var reason = ""
    /// Who brought it there.
    public internal(set) var actor = RolloutEvent.manager
    public internal(set) var stateSince: UInt64
    /// Agents that have got the revision because of it.
    public internal(set) var assigned = 0
    /// Those of them that became healthy with it.
    public internal(set) var healthy = 0
    public internal(set) var failed = 0
    /// What it waits for, for people; not kept.
    public internal(set) var waiting = ""
    /// Failures without a success in between.
    var failuresInRow = 0
    /// Those who got the revision, and have to prove themselves, with the time.
    var newcomers: [InstanceUID: UInt64] = [:]
    /// Those for which there is no revision, because a variable has no value for them for example, with the
    /// time when that was seen last.
    var unable: [InstanceUID: UInt64] = [:]
    /// How many more agents the rate allows.
    var tokens = 1.0
    var refilled: Duration?

    /// What a rollout leaves that succeeds now; `nil` when it does not want agents that come later.
    public init?(_ rollout: Rollout, at time: UInt64) {
        guard rollout.spec.lateJoiners != .ignore else { return nil }
        self.rollout = rollout.id
        selector = rollout.spec.selector
        target = rollout.target
        created = rollout.created
        since = time
        stateSince = time
    }

    /// Agents that are in the middle of the change.
    public var changing: Int { newcomers.count }

    /// How many more agents may get the revision now, and takes note of why there are none.
    public mutating func room(_ rollout: Rollout, budget: Int, at now: Moment) -> Int {
        let rate = rollout.stages.last?.settings.rate?.perSecond ?? Self.usualRate
        let elapsed = refilled.map { now.elapsed - $0 } ?? .zero
        refilled = now.elapsed
        tokens = min(tokens + rate * Double(max(elapsed, .zero).nanoseconds) / 1e9, max(rate, 1))
        guard state == .active else { return 0 }
        guard rollout.spec.windows.areOpen(at: now.time) else {
            waiting = "a window"
            return 0
        }
        let parallel = rollout.stages.last.flatMap { $0.settings.maximumParallel?.of($0.size) } ?? .max
        let most = min(max(parallel, 1), Self.mostChanging) - newcomers.count
        waiting = budget <= 0 ? "room in the disruption budget" : ""
        return max(min(most, budget, Int(tokens)), 0)
    }

    /// Agents get the revision; it is to be written before they do.
    public mutating func assign(_ uids: [InstanceUID], at now: Moment) {
        tokens -= Double(uids.count)
        assigned += uids.count
        for uid in uids { newcomers[uid] = now.time }
    }

    /// What the revision did to an agent that could not get it at all.
    ///
    /// It is tried again after `unablePatience`, and counts as a failure once.
    public mutating func rejected(_ uid: InstanceUID, _ reason: String, at now: Moment) {
        guard newcomers.removeValue(forKey: uid) != nil else { return }
        assigned -= 1
        let isKnown = unable.updateValue(now.time, forKey: uid) != nil
        if unable.count > Self.mostUnable,
            let oldest = unable.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
        {
            unable[oldest.key] = nil
        }
        if !isKnown { fail("\(uid) \(reason)", at: now) }
    }

    /// Agents have not got the revision after all, and may get it later.
    public mutating func missed(_ uids: [InstanceUID]) {
        for uid in uids where newcomers.removeValue(forKey: uid) != nil { assigned -= 1 }
    }

    /// Whether an agent is in the middle of the change.
    public func isChanging(_ uid: InstanceUID) -> Bool { newcomers[uid] != nil }

    /// Whether an agent may be given the revision, as far as it is known that there is one for it.
    public func mayTry(_ uid: InstanceUID, at now: Moment) -> Bool {
        guard let last = unable[uid] else { return true }
        return now.time >= last &+ Self.unablePatience
    }

    /// Looks at those in the middle of the change.
    ///
    /// - Returns: Those that have proved themselves, to be told that the revision may stay.
    public mutating func look(
        _ gate: GateSettings, at now: Moment, facts: (InstanceUID) -> AgentFacts?
    ) -> [InstanceUID] {
        var proven: [InstanceUID] = []
        for (uid, begun) in newcomers.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            guard let known = facts(uid), let assignment = known.assignment, assignment.rollout == rollout
            else {
                newcomers[uid] = nil
                continue
            }
            let last = known.history.last {
                $0.hash == assignment.hash.bytes && $0.time >= assignment.time
            }
            switch last?.outcome {
            case .failed, .rolledBack:
                newcomers[uid] = nil
                let message = last?.message ?? ""
                fail("\(uid) could not run it\(message.isEmpty ? "" : ": \(message)")", at: now)
            case .applied where known.isHealthy != false && isOver(last?.time, gate.minimumHealthyTime, now):
                newcomers[uid] = nil
                unable[uid] = nil
                healthy += 1
                failuresInRow = 0
                proven.append(uid)
            default:
                let patience = max(gate.healthyDeadline, .seconds(Int64(Self.shortestPatience)))
                guard isOver(begun, patience, now) else { break }
                newcomers[uid] = nil
                if known.isConnected {
                    fail("\(uid) did not become healthy within \(patience.goSyntax)", at: now)
                }
            }
        }
        return proven
    }

    private func isOver(_ begin: UInt64?, _ duration: Duration, _ now: Moment) -> Bool {
        guard let begin else { return false }
        return now.time >= begin &+ UInt64(max(duration.nanoseconds, 0))
    }

    private mutating func fail(_ reason: String, at now: Moment) {
        failed += 1
        failuresInRow += 1
        guard failuresInRow >= Self.mostFailures, state == .active else { return }
        let text = "\(failuresInRow) agents in a row failed, the last: \(reason)"
        change(to: .stopped, by: RolloutEvent.manager, text, at: now)
    }

    /// Nobody gets anything because of it any more.
    public mutating func end(by actor: String, _ reason: String, at now: Moment) {
        guard state != .ended else { return }
        change(to: .ended, by: actor, reason, at: now)
        (newcomers, unable) = ([:], [:])
    }

    /// Goes on after it has stopped.
    public mutating func resume(by actor: String, at now: Moment) throws(RolloutError) {
        guard state == .stopped else {
            throw .wrongState(
                "what rollout \(rollout) promises to later agents is \(state.rawValue), not stopped")
        }
        failuresInRow = 0
        change(to: .active, by: actor, "resumed by \(actor)", at: now)
    }

    private mutating func change(to state: State, by actor: String, _ reason: String, at now: Moment) {
        self.state = state
        version += 1
        self.actor = actor
        self.reason = String(reason.prefix(1000))
        stateSince = now.time
        waiting = ""
    }
}
