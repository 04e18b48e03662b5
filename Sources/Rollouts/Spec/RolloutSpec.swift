public import FleetModel
public import Settings

/// What somebody wants to be rolled out, to whom, and how carefully.
public struct RolloutSpec: SettingGroup, Hashable {
    /// What to do when a gate fails.
    public enum OnFailure: String, SettingChoice, Hashable {
        /// Nobody else gets the revision, and a person decides.
        case pause
        /// The agents of the stage go back; then a person decides.
        case rollbackStage = "rollback_stage"
        /// All agents go back.
        case rollbackAll = "rollback_all"
    }

    /// What happens to agents that turn up, or begin to match, after the start.
    ///
    /// When the rollout has succeeded, both that do not ignore them give them the revision; see
    /// `StandingAssignment`.
    public enum LateJoiners: String, SettingChoice, Hashable {
        /// They become part of the last stage.
        case wait
        /// They get the revision at once when the stage that they fall into has been released.
        case joinIfPassed = "join_if_passed"
        /// They get nothing because of this rollout, neither while it goes on nor afterwards.
        case ignore
    }

    /// What the revision is meant to do to the flow of items.
    public enum Expectation: String, SettingChoice, Hashable {
        /// As much is delivered as before.
        case same
        /// Fewer items may be delivered, as from a new filter.
        case drop
    }

    public var selector = Selector.everything
    /// The configuration and the number of its revision, such as `edge-logs@17`; or a set of packages and the
    /// number of its version, such as `packages/agent@3`.
    public var target = ""
    public var plan = PlanChoice.stages([])
    public var gate = GateSettings()
    public var onFailure = OnFailure.rollbackAll
    public var rollback = RollbackSettings()
    public var confirm = ConfirmSettings()
    public var validation = ValidationSettings()
    public var windows = Windows()
    public var blastRadius = BlastRadius()
    public var lateJoiners = LateJoiners.wait
    public var expectation = Expectation.same
    public var needsApproval = false
    public var supersedes: [String] = []
    public var ignoresBad = false
    public var note = ""

    public init() {}

    public static var fields: [Field<RolloutSpec>] {
        [
            Field("selector", \.selector, "Which agents; late_joiners is about those that match only later."),
            Field(
                "target", \.target,
                "The configuration and its revision, such as edge-logs@17, or packages/agent@3.",
                required: true
            ) {
                Self.reference(in: $0) == nil
                    ? "must name a configuration and the number of a revision, such as edge-logs@17" : nil
            },
            Field("plan", \.plan, "The stages, or the name of a plan.", required: true) {
                StagePlan.problem(in: $0)
            },
            Field("gate", \.gate, "What has to hold before a stage counts as passed."),
            Field("on_failure", \.onFailure, "What to do when a gate fails."),
            Field("rollback", \.rollback, "How agents are taken back."),
            Field("confirm", \.confirm, "Who says that the revision may stay."),
            Field("validate", \.validation, "Asking agents before anybody gets the revision."),
            Field(
                "window", \.windows,
                "When agents may be changed, such as Mon-Thu 08:00-16:00 Europe/Berlin; always without it."),
            Field("blast_radius", \.blastRadius, "How much may be in the middle of a change."),
            Field(
                "late_joiners", \.lateJoiners,
                "What happens to agents that turn up later, also when the rollout has succeeded."),
            Field("expect", \.expectation, "What the revision is meant to do to the flow of items."),
            Field("approval", \.needsApproval, "Whether a second person has to approve it."),
            Field(
                "supersedes", \.supersedes,
                "The rollouts that end because of this one; without it agents of another one are refused."
            ) { $0.count > 100 ? "has more than 100 entries" : nil },
            Field(
                "ignore_bad", \.ignoresBad,
                "Whether agents get it although it failed on the same build before."),
            Field("note", \.note, "Why, for people.") {
                $0.utf8.count <= 4096 ? nil : "has more than 4096 bytes"
            },
        ]
    }

    /// What is rolled out; `nil` when `target` does not say it.
    public var reference: RevisionReference? { Self.reference(in: target) }

    private static func reference(in text: String) -> RevisionReference? {
        RevisionReference(parsing: text.hasPrefix("config/") ? String(text.dropFirst(7)) : text)
    }
}
