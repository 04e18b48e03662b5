public import FleetModel
public import OpAMP

/// A rollout with its whole state: what is kept, and all that is needed to go on after a restart.
///
/// Only `RolloutMachine` changes it. A terminal state is never left.
public struct Rollout: Sendable, Hashable {
    /// The most agents of one rollout.
    public static let maximumMembers = 400_000
    /// Events that are remembered; the oldest after the first are forgotten.
    public static let maximumEvents = 200
    /// Agents whose reason is kept.
    public static let maximumReasons = 2000
    /// Reports of gates that are kept for one stage.
    public static let maximumReports = 3

    public let id: String
    /// The plan in it is a list of stages.
    public let spec: RolloutSpec
    public let target: RevisionReference
    public let author: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64

    public internal(set) var state: RolloutState
    /// Why it is in its state, for people.
    public internal(set) var reason = ""
    /// When it came into its state; nanoseconds since 1970-01-01T00:00:00Z.
    public internal(set) var stateSince: UInt64
    /// What a recovery, a freeze or a validation leads back to.
    var resumeTo = RolloutState.running
    /// Who approved it.
    public internal(set) var approver: String?
    /// Who went on in an emergency without the yes of a second person; stays for ever.
    public internal(set) var brokenGlass: BrokenGlass?
    /// Whether its state has been changed by a person or a gate; grows by 1 with each change.
    public internal(set) var version = 1
    /// What it waits for, for people; empty when it does not wait.
    public internal(set) var waiting = ""

    public internal(set) var stages: [RolloutStage]
    /// The index of the present stage.
    public internal(set) var currentStage = 0
    public internal(set) var stagePhase = StagePhase.applying
    /// The rollout's own time in nanoseconds: it stands still while the rollout is frozen or the manager is
    /// away, and no change of the clock of the machine moves it.
    public internal(set) var clock: UInt64 = 1_000_000_000
    /// When the phase of the stage began, on `clock`.
    public internal(set) var phaseSince: UInt64 = 0
    /// When an agent became healthy last, on `clock`.
    var progressAt: UInt64 = 0
    /// When the comparison was made last, on `clock`.
    var analysedAt: UInt64 = 0
    /// How often in a row a comparison has failed.
    var strikes: [GateSettings.Check: Int] = [:]
    /// How many more agents the rate allows at this moment.
    var tokens = 1.0
    /// The place in the present stage up to which agents have been looked at; in a rollback, in all agents.
    var cursor = 0
    /// Whether a rollback takes back the agents of the present stage only.
    var rollsBackStageOnly = false
    /// Whether a person said that the present stage needs no gate.
    var isPromoted = false
    /// Members that were connected when that was looked at last; what a recovery waits for.
    var connected = 0

    public internal(set) var members: [RolloutMember]
    /// The revisions that members had before.
    public internal(set) var revisions: [RevisionReference]
    /// Why members are in their phase, by their index.
    var reasons: [Int: String] = [:]
    /// For each label of `max_per_label`, by name, the values that members have.
    var labelValues: [[String]] = []
    /// For each member and each of those labels, the index of its value.
    var labelIndices: [UInt16] = []

    /// The events, the oldest first.
    public internal(set) var events: [RolloutEvent] = []
    /// What gates have seen, the oldest first.
    public internal(set) var reports: [GateReport] = []
    var validation = ValidationState()
    var sample = AnalysisSample()
    /// The builds of agents that failed, with the first reason.
    var failedBuilds: [String: String] = [:]
    /// Whether a person said that no gate is needed any more.
    var isFullyPromoted = false
    /// What has to be written.
    var changes = RolloutChanges()

    /// The agents of all stages by phase.
    public var counts: PhaseCounts { stages.reduce(PhaseCounts()) { $0 + $1.counts } }

    /// The labels of `max_per_label`, in order.
    var limitedLabels: [String] { spec.blastRadius.maximumPerLabel.keys.sorted() }

    /// The revision that a member had, and goes back to; `nil` when it had none.
    public func previous(_ member: RolloutMember) -> RevisionReference? {
        member.previous == 0 ? nil : revisions[Int(member.previous) - 1]
    }

    /// Why the member at an index is in its phase; `nil` when there is nothing to say, or it is forgotten.
    public func reason(ofMember index: Int) -> String? { reasons[index] }

    /// The member of an agent.
    public func index(of uid: InstanceUID) -> Int? { members.firstIndex { $0.uid == uid } }

    /// Whether the revision has proved itself with an agent, so that later rollouts may go back to it.
    public func isProven(_ member: RolloutMember) -> Bool {
        switch state {
        // Those who were offline at the end got it when they came back.
        case .succeeded: member.phase == .healthy || member.phase == .assigned
        default: member.phase == .healthy && member.stage < currentStage
        }
    }
}

/// That somebody went on without the yes of a second person, where one was needed.
public struct BrokenGlass: Sendable, Hashable {
    /// As in the audit log, such as the name of a token.
    public let actor: String
    /// The person.
    public let owner: String
    /// Why, in their own words; at most 1000 characters.
    public let reason: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
}

/// What agents said about the revision before anybody got it.
struct ValidationState: Sendable, Hashable {
    /// Those who were asked, and what they said; `nil` while they have not.
    var answers: [InstanceUID: Answer?] = [:]
    /// When they were asked, on the rollout's clock; 0 before.
    var askedAt: UInt64 = 0

    struct Answer: Sendable, Hashable {
        let isValid: Bool
        let message: String
    }
}

/// What has to be written since it was last.
struct RolloutChanges: Sendable, Hashable {
    var head = true
    /// Whether it must be written before anything is done.
    var isUrgent = true
    var sample = true
    /// Chunks whose agents are new.
    var chunks: Set<Int> = []
    /// Chunks whose agents have changed.
    var states: Set<Int> = []

    // What has to be written is not what the rollout is.
    static func == (left: Self, right: Self) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

/// The agents whose flow is compared; at most `AnalysisSample.limit` in each group.
struct AnalysisSample: Sendable, Hashable {
    static let limit = 256

    struct Subject: Sendable, Hashable {
        /// The place in the list of the rollout.
        let member: Int
        /// What went through before; `nil` when it is not known.
        let before: FlowRates?
    }

    var changed: [Subject] = []
    var control: [Subject] = []
}
