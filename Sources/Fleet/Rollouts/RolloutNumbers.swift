internal import Rollouts
internal import Synchronization

/// What rollouts count, for Prometheus.
final class RolloutNumbers: Sendable {
    private let states = Mutex<[RolloutState: Int]>([:])
    private let verdicts: [RolloutEvent.Kind: FleetMetrics.Counter]
    /// How long a second's step of all rollouts takes, writing and assigning included.
    let steps: FleetMetrics.Timer
    /// Rollouts that went on without the yes that they needed.
    let brokenGlass: FleetMetrics.Counter
    /// What this manager has handed on to the one that moves the rollouts, and what it gave up.
    let asked: FleetMetrics.Counter
    let unanswered: FleetMetrics.Counter
    /// What this manager did because another was told so, and what it did not do.
    let granted: FleetMetrics.Counter
    let refused: FleetMetrics.Counter

    init(_ metrics: FleetMetrics) {
        let help = "What gates of rollouts have decided."
        verdicts = [
            .stagePassed: metrics.counter(
                "apus_fleet_rollout_gates_total", help, labels: [("verdict", "pass")]),
            .gateFailed: metrics.counter(
                "apus_fleet_rollout_gates_total", help, labels: [("verdict", "fail")]),
            .inconclusive: metrics.counter(
                "apus_fleet_rollout_gates_total", help, labels: [("verdict", "inconclusive")]),
        ]
        brokenGlass = metrics.counter(
            "apus_fleet_break_glass_total", "Rollouts that went on without the second person they needed.")
        let requests = "Commands that managers hand on to the one that moves the rollouts."
        (asked, unanswered, granted, refused) = (
            metrics.counter("apus_fleet_rollout_requests_total", requests, labels: [("what", "asked")]),
            metrics.counter("apus_fleet_rollout_requests_total", requests, labels: [("what", "unanswered")]),
            metrics.counter("apus_fleet_rollout_requests_total", requests, labels: [("what", "done")]),
            metrics.counter("apus_fleet_rollout_requests_total", requests, labels: [("what", "refused")])
        )
        steps = metrics.timer(
            "apus_fleet_rollout_step_seconds", "How long the step of all rollouts takes each second.")
        metrics.gauge("apus_fleet_rollouts", "Rollouts by their state.") { [weak self] in
            guard let counts = self?.states.withLock({ $0 }) else { return [] }
            return RolloutState.allCases.map { state in
                FleetMetrics.Sample(Double(counts[state] ?? 0), [("state", state.rawValue)])
            }
        }
    }

    func note(_ event: RolloutEvent.Kind) {
        verdicts[event]?.add()
        if event == .brokenGlass { brokenGlass.add() }
    }

    func note(_ rollouts: some Sequence<Rollout>) {
        var counts: [RolloutState: Int] = [:]
        for rollout in rollouts { counts[rollout.state, default: 0] += 1 }
        states.withLock { $0 = counts }
    }
}
