public import Settings

/// What has to hold before a stage counts as passed.
public struct GateSettings: SettingGroup, Hashable {
    /// What is compared between before and after, and between the changed agents and the others.
    public enum Check: String, SettingChoice, Hashable {
        /// Receivers take at least half of what they took.
        case accepted
        /// The delivered share of what is accepted does not fall, unless the change is expected to drop.
        case delivered
        /// Exporters do not fail more often.
        case exportFailures = "export_failures"
        /// Queues do not grow all the time.
        case queueGrowth = "queue_growth"
        /// No process begins anew after the change.
        case restarts
        /// No component has a new permanent or lasting error.
        case componentStatus = "component_status"
    }

    /// What to do when there is too little data for a verdict.
    public enum Inconclusive: String, SettingChoice, Hashable { case pause, pass, fail }

    /// What agents mean that went silent after they got the revision.
    public enum Offline: String, SettingChoice, Hashable {
        /// They count against `max_lost` after `healthy_deadline`.
        case fail
        /// They are waited for, and hold nothing up.
        case ignore
    }

    public var minimumHealthyTime = Duration.seconds(30)
    public var healthyDeadline = Duration.seconds(180)
    public var progressDeadline = Duration.seconds(1800)
    public var maximumFailures = FailureLimit([.percent(1), .count(3)])
    public var maximumLost = FailureLimit([.percent(5), .count(20)])
    public var errorBudget: FailureLimit?
    public var analysis = Check.allCases
    public var analysisDeadline = Duration.seconds(120)
    public var onInconclusive = Inconclusive.pause
    public var offline = Offline.fail

    public init() {}

    public static var fields: [Field<GateSettings>] {
        [
            Field(
                "min_healthy_time", \.minimumHealthyTime,
                "How long an agent has to be healthy with the new revision.", check: bounds),
            Field(
                "healthy_deadline", \.healthyDeadline,
                "Within what time after it got the revision an agent has to be healthy.", check: bounds),
            Field(
                "progress_deadline", \.progressDeadline,
                "Within what time at least one more agent has to become healthy.", check: bounds),
            Field(
                "max_failures", \.maximumFailures,
                "How many agents of a stage may fail; of several limits the first that is reached counts."),
            Field(
                "max_lost", \.maximumLost,
                "How many agents of a stage may go silent after they got the revision."),
            Field(
                "error_budget", \.errorBudget,
                "How many of all agents may fail or go silent over the whole rollout; no limit without it."),
            Field("analysis", \.analysis, "What is compared; an empty list compares nothing."),
            Field(
                "analysis_deadline", \.analysisDeadline,
                "How long after the bake time the comparison may wait for more data.", check: bounds),
            Field("on_inconclusive", \.onInconclusive, "What to do when there is too little data."),
            Field("offline", \.offline, "What agents mean that go silent after they got the revision."),
        ]
    }

    public func check() -> [Problem] {
        guard minimumHealthyTime > healthyDeadline else { return [] }
        return [Problem("healthy_deadline", "is shorter than min_healthy_time, so no agent can pass")]
    }

    private static let bounds: @Sendable (Duration) -> String? = {
        $0 < .zero || $0 > .seconds(7 * 86_400) ? "must be from 0s to 168h" : nil
    }
}
