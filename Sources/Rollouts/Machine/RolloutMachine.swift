public import FleetModel
public import OpAMP

/// Moves a rollout: facts about agents in, what is to be done out.
///
/// It has no clock, no sockets and no store.
///
/// A step looks at a bounded number of agents, however large the rollout is, and goes round; so it costs
/// about the same each second.
public struct RolloutMachine: Sendable {
    /// Agents in the middle of a change that one step looks at.
    static let watchedPerStep = 8192
    /// Agents that one step may give the revision, or look at to find some.
    static let assignedPerStep = 16_384
    /// Agents of released stages that were offline, of which one step sees whether they are back.
    static let waitingPerStep = 1024
    /// Other agents that one step looks at.
    static let othersPerStep = 512
    /// Agents that may be held back by limits for labels before the rest of the stage is looked at.
    static let maximumDeferred = 4096
    /// The longest time that one step may pass, so that a machine that slept misses no deadline.
    static let longestStep = Duration.seconds(5)
    /// Agents whose failure is an event of its own.
    static let notedFailures = 20
    /// How long a rollout waits for its agents after a restart of the manager.
    static let recoveryDeadline = Duration.seconds(120)
    /// The share of the agents, of 1, that ends the wait.
    static let recoveryShare = 0.95

    public internal(set) var rollout: Rollout
    /// Agents that the last step asked about; for tests of its cost.
    public internal(set) var lookups = 0
    /// Whether the last step brought the rollout further, so that the next one need not wait.
    public private(set) var isMoving = false

    /// What the step wants so far.
    var actions: [RolloutAction] = []
    var now = Moment(elapsed: .zero, time: 0)
    var lastStep: Duration?
    /// Agents that every round looks at.
    var watched: [Int32] = []
    var watchedPlace = 0
    /// Agents of released stages that are offline.
    var waiting: [Int32] = []
    var waitingPlace = 0
    /// Agents that a limit for a label holds back.
    var deferred: [Int32] = []
    var othersPlace = 0
    /// Disrupted agents for each limited label and value.
    var disruptedByLabel: [[Int]] = []
    /// How long the recovery has lasted, how many agents it has seen, and how many of them connected.
    var recovery = Recovery()

    struct Recovery: Sendable {
        var elapsed = Duration.zero
        var place = 0
        var connected = 0
    }

    /// Takes a rollout as it was made, or as it was kept.
    public init(_ rollout: Rollout) {
        self.rollout = rollout
        rebuildLists()
    }

    /// Takes what has to be written; it is then regarded as written.
    public mutating func takeParts(all: Bool = false) -> [RolloutPart] { rollout.takeParts(all: all) }

    /// Agents that are in the middle of the change and disconnected; the fleet need not miss them.
    public var excused: Int {
        rollout.state.isActive
            ? watched.count { !rollout.members[Int($0)].isConnected } : 0
    }

    /// Whether what agents say next may bring the rollout further.
    public var waitsForAgents: Bool {
        switch rollout.state {
        case .validating, .running, .rollingBack: true
        default: false
        }
    }

    /// Where a rollout is, as far as it gets there without waiting for anybody.
    private struct Place: Equatable {
        let state: RolloutState
        let stage: Int
        let phase: StagePhase
        let cursor: Int
        let isAsked: Bool
        let isReleased: Bool

        init(_ rollout: Rollout) {
            state = rollout.state
            stage = rollout.currentStage
            phase = rollout.stagePhase
            cursor = rollout.cursor
            isAsked = rollout.validation.askedAt > 0
            isReleased = rollout.phaseSince > 0
        }
    }

    /// Moves the rollout on; to be called once a second at least, and as often as anybody likes.
    ///
    /// - Parameters:
    ///   - now: The moment.
    ///   - isFrozen: Whether much of the fleet has just disconnected at once.
    ///   - ledger: How many agents may be disrupted, which the step takes from.
    ///   - facts: What is known of an agent; `nil` for one that is not known any more.
    /// - Returns: What is to be done, once what `takeParts` gives is kept.
    public mutating func step(
        _ now: Moment, isFrozen: Bool, ledger: inout DisruptionLedger, facts: (InstanceUID) -> AgentFacts?
    ) -> [RolloutAction] {
        lookups = 0
        let before = Place(rollout)
        defer { isMoving = waitsForAgents && before != Place(rollout) }
        let elapsed = min(max(now.elapsed - (lastStep ?? now.elapsed), .zero), Self.longestStep)
        lastStep = now.elapsed
        self.now = now
        let isTimed = rollout.state.isTimed
        if isTimed {
            rollout.clock += UInt64(elapsed.nanoseconds)
            rollout.changes.head = true
        }
        switch rollout.state {
        case .validating, .running, .pausedRecovery:
            if isFrozen {
                freeze()
            } else if rollout.state == .validating {
                stepValidation(facts)
            } else if rollout.state == .running {
                stepRunning(elapsed, &ledger, facts)
            } else {
                stepRecovery(elapsed, facts)
            }
        case .frozen: if !isFrozen { thaw(by: RolloutEvent.manager, "the agents are back") }
        case .paused: sweep(facts)
        case .rollingBack: stepRollback(elapsed, &ledger, facts)
        case .draft, .awaitingApproval, .succeeded, .rolledBack, .aborted, .superseded: break
        }
        return takeActions()
    }

    /// What has collected since the last time.
    mutating func takeActions() -> [RolloutAction] {
        defer { actions = [] }
        return actions
    }

    private mutating func stepRunning(
        _ elapsed: Duration, _ ledger: inout DisruptionLedger, _ facts: (InstanceUID) -> AgentFacts?
    ) {
        if rollout.phaseSince == 0 { beginStage(0, facts) }
        sweep(facts)
        sweepOthers(facts)
        if let reason = brokenLimit {
            failGate(reason, findings: [], facts)
            return
        }
        assignMore(elapsed, &ledger, facts)
        progress(facts)
    }

    /// Seconds of the rollout's own time.
    var seconds: UInt32 { UInt32(truncatingIfNeeded: rollout.clock / 1_000_000_000) }

    /// How long ago something was, on the rollout's own clock.
    func age(of moment: UInt64) -> Duration {
        .nanoseconds(Int64(rollout.clock - min(moment, rollout.clock)))
    }

    /// How long ago something was that is kept in whole seconds.
    func age(ofSecond moment: UInt32) -> Duration { .seconds(Int64(seconds) - Int64(min(moment, seconds))) }

    /// What is known of a member; counted, because that is what a step costs.
    mutating func look(_ index: Int, _ facts: (InstanceUID) -> AgentFacts?) -> AgentFacts? {
        lookups += 1
        return facts(rollout.members[index].uid)
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
