/// Compares what goes through changed agents with what went through them before, and with agents that have
/// not been changed.
///
/// With fewer than `fewAgents` agents the rules for one agent decide; from there on it is a rank test,
/// because some of many agents always look bad. Too little data is a verdict of its own.
struct FlowAnalysis: Sendable {
    /// An agent before and after.
    struct Pair: Sendable {
        let before: FlowRates?
        let after: FlowRates?
    }

    /// From how many agents on a rank test is made.
    static let fewAgents = 20
    /// A difference that is less likely by chance is none of chance.
    static let chance = 0.01
    /// Items per second that must have come in before, for a fall to mean something.
    static let leastRate = 1.0
    /// The share of what came in before, below which it is a fall.
    static let acceptedShare = 0.5
    /// How far the delivered and the refused share may move, of 1.
    static let shareMove = 0.2
    /// The failed share that is always allowed.
    static let failedShare = 0.01
    /// The growth of a queue, as a share of what comes in, that is always allowed.
    static let growth = 0.1

    var changed: [Pair]
    var control: [Pair]
    let settings: GateSettings
    let expectsDrop: Bool

    /// What one agent says to one check.
    struct Reading: Sendable {
        /// Lower is worse; comparable between agents.
        let score: Double
        let before: Double?
        let after: Double
        let breaksRule: Bool
    }

    /// The checks that compare flow, of those that are wanted.
    var checks: [GateSettings.Check] {
        settings.analysis.filter { $0 != .restarts && $0 != .componentStatus }
    }

    /// The figures of all checks.
    func findings() -> [GateReport.Finding] {
        var seen: Set<GateSettings.Check> = []
        return checks.filter { seen.insert($0).inserted }.map { finding($0) }
    }

    /// What the findings come to.
    static func verdict(_ findings: [GateReport.Finding]) -> GateReport.Verdict {
        if findings.isEmpty { return .pass }
        if findings.contains(where: { $0.verdict == .fail }) { return .fail }
        let main = findings.filter { $0.check == .accepted || $0.check == .delivered }
        let deciding = main.isEmpty ? findings : main
        return deciding.contains { $0.verdict == .pass } ? .pass : .inconclusive
    }

    private func finding(_ check: GateSettings.Check) -> GateReport.Finding {
        let factor = check == .accepted ? loadFactor : 1
        let readings = changed.compactMap { reading(check, $0, factor) }
        let others = control.compactMap { reading(check, $0, 1) }
        let violations = readings.count { $0.breaksRule }
        let (isHarm, chance) = harm(check, readings, others, violations)
        let verdict: GateReport.Verdict =
            if check == .delivered, expectsDrop {
                readings.isEmpty ? .inconclusive : .pass
            } else if readings.count < max(1, changed.count / 10) {
                .inconclusive
            } else {
                isHarm ? .fail : .pass
            }
        let (before, after) = (
            RankTest.median(readings.compactMap(\.before)), RankTest.median(readings.map(\.after))
        )
        return GateReport.Finding(
            check: check, verdict: verdict, agents: readings.count, control: others.count, before: before,
            after: after, controlAfter: RankTest.median(others.map(\.after)), chance: chance,
            violations: violations,
            summary: FindingText.summary(
                check, verdict, agents: readings.count, violations: violations, before: before, after: after))
    }

    /// Whether it is harm, and how likely it would be by chance.
    private func harm(
        _ check: GateSettings.Check, _ readings: [Reading], _ others: [Reading], _ violations: Int
    ) -> (Bool, Double?) {
        let allowed = settings.maximumFailures.allowed(of: readings.count)
        guard readings.count >= Self.fewAgents else { return (violations > allowed, nil) }
        let share = Double(violations) / Double(readings.count)
        let usual = Double(others.count { $0.breaksRule }) / Double(max(others.count, 1))
        if violations >= 3, violations > allowed, share - usual >= 0.05 { return (true, nil) }
        let scores = readings.map(\.score)
        let middle = RankTest.median(scores) ?? 0
        if others.count >= Self.fewAgents {
            let chance = RankTest.chanceOfLower(scores, than: others.map(\.score))
            let usual = RankTest.median(others.map(\.score)) ?? 0
            return (chance < Self.chance && middle < usual - Self.effect(check), chance)
        }
        let normal = check == .accepted ? 1.0 : 0
        let chance = RankTest.chanceOfFall(scores.map { $0 - normal })
        return (chance < Self.chance && middle < normal - 2 * Self.effect(check), chance)
    }

    /// How large a difference of the middles has to be to matter.
    private static func effect(_ check: GateSettings.Check) -> Double {
        switch check {
        case .accepted: 0.2
        case .delivered: 0.1
        case .exportFailures: failedShare
        default: growth
        }
    }

    private func reading(_ check: GateSettings.Check, _ pair: Pair, _ factor: Double) -> Reading? {
        guard let after = pair.after else { return nil }
        switch check {
        case .accepted:
            guard let before = pair.before, before.accepted >= Self.leastRate else { return nil }
            let ratio = after.accepted / before.accepted
            let refuses = (after.refusedShare ?? 0) > (before.refusedShare ?? 0) + Self.shareMove
            return Reading(
                score: ratio, before: before.accepted, after: after.accepted,
                breaksRule: ratio < Self.acceptedShare * factor || refuses)
        case .delivered:
            guard let old = pair.before?.deliveredShare, let new = after.deliveredShare else { return nil }
            return Reading(
                score: new - old, before: old, after: new, breaksRule: new < old - Self.shareMove)
        case .exportFailures:
            guard let new = after.failedShare else { return nil }
            let old = pair.before?.failedShare ?? 0
            return Reading(
                score: old - new, before: pair.before?.failedShare, after: new,
                breaksRule: new > max(Self.failedShare, 2 * old))
        case .queueGrowth:
            return Reading(
                score: -after.queueGrowth, before: pair.before?.queueGrowth, after: after.queueGrowth,
                breaksRule: after.queueGrowth > Self.growth)
        case .restarts, .componentStatus: return nil
        }
    }

    /// How much less comes in everywhere, as the control group tells; 1 when it does not, or is too small.
    private var loadFactor: Double {
        let ratios = control.compactMap { reading(.accepted, $0, 1)?.score }
        guard ratios.count >= 3, let middle = RankTest.median(ratios) else { return 1 }
        return min(max(middle, 0.1), 1)
    }
}

/// Findings in words.
enum FindingText {
    static func summary(
        _ check: GateSettings.Check, _ verdict: GateReport.Verdict, agents: Int, violations: Int,
        before: Double?, after: Double?
    ) -> String {
        guard agents > 0, let after else { return nothing(check) }
        let old = before.map { check == .accepted ? "\(rate($0))" : percent($0) } ?? "unknown"
        let many = agents == 1 ? "1 agent" : "\(agents) agents"
        let broken = verdict == .fail ? " (\(violations) of \(many))" : ""
        switch check {
        case .accepted:
            return "accepts \(rate(after)) items per second, it was \(old) before\(broken)"
        case .delivered:
            return "delivers \(percent(after)) of what it accepts, it was \(old) before\(broken)"
        case .exportFailures:
            return "\(percent(after)) of what exporters send fails, it was \(old) before\(broken)"
        case .queueGrowth:
            return after > 0 || verdict == .fail
                ? "queues grow by \(percent(after)) of what comes in\(broken)" : "queues do not grow"
        case .restarts, .componentStatus: return ""
        }
    }

    private static func nothing(_ check: GateSettings.Check) -> String {
        switch check {
        case .accepted:
            "no agent has accepted at least 1 item per second before the change and reported since"
        case .delivered: "no agent has accepted enough items before and after the change"
        case .exportFailures: "no agent has exported enough since the change"
        default: "no agent has reported since the change"
        }
    }

    static func percent(_ share: Double) -> String { "\(rate(share * 100)) %" }

    /// With one digit after the point where that says something.
    static func rate(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() || rounded >= 100
            ? "\(Int(rounded.rounded()))" : "\(rounded)"
    }
}
