internal import Engine
internal import Pipeline

/// Decides from samples of a collector, before and after a change, whether the change has done harm.
///
/// It has no clock; whoever has one brings a sample every second. What cannot be decided, because too little
/// has happened, is never a reason to go back.
struct HealthGate: Sendable {
    /// What a sample means.
    enum Decision: Sendable, Equatable {
        /// Nothing speaks against the change so far.
        case pass
        /// Too little has happened to say anything about telemetry.
        case inconclusive
        /// The change has done harm.
        case trip(String)
    }

    /// Recoverable errors that last longer are none.
    static let patience = Duration.seconds(120)
    /// How long the flow after the change is looked at before anything is said.
    static let window = Duration.seconds(10)
    /// How long after the change that begins.
    static let settling = Duration.seconds(5)
    /// What a pipeline must have accepted per second before, for a fall to mean something.
    static let leastRate = 1.0
    /// The share of that rate below which the fall is harm.
    static let acceptedShare = 0.5
    /// How far the delivered and the refused share may move, of 1.
    static let shareMove = 0.2
    /// What must have come in for a share to mean something.
    static let leastItems = 10
    /// Samples in a row that must say the same.
    static let confirmations = 3

    private let baseline: HealthBaseline
    private let before: GateSample
    private let expectsDrop: Bool
    private var samples: [GateSample] = []
    private var firstSeen: [String: Duration] = [:]
    private var strikes: [String: Int] = [:]

    /// - Parameters:
    ///   - baseline: What went through before the change.
    ///   - before: The last sample before it.
    ///   - expectsDrop: Whether a smaller share of delivered items is what the change is for.
    init(baseline: HealthBaseline, before: GateSample, expectsDrop: Bool) {
        self.baseline = baseline
        self.before = before
        self.expectsDrop = expectsDrop
    }

    /// The gate of a change that takes the place of this one, which was never confirmed: what counts as
    /// harm is compared with what was before both.
    ///
    /// - Parameters:
    ///   - sample: The last one before the later change.
    ///   - expectsDrop: Whether a smaller share of delivered items is what the later change is for.
    /// - Returns: A gate that has seen nothing yet.
    func successor(after sample: GateSample, expectsDrop: Bool) -> HealthGate {
        var known = sample
        known.faults = before.faults
        known.unplaced = before.unplaced
        return HealthGate(baseline: baseline, before: known, expectsDrop: expectsDrop)
    }

    /// Takes the next sample.
    mutating func observe(_ sample: GateSample) -> Decision {
        samples.append(sample)
        let oldest = sample.time - Self.window - .seconds(2)
        samples.removeAll { $0.time < oldest }
        if let reason = faults(sample) { return .trip(reason) }
        var suspicions = unplaced(sample)
        let flows = flowSuspicions(sample)
        suspicions += flows.reasons
        var next: [String: Int] = [:]
        for (key, _) in suspicions { next[key] = (strikes[key] ?? 0) + 1 }
        strikes = next
        if let sure = suspicions.first(where: { next[$0.key] ?? 0 >= Self.confirmations }) {
            return .trip(sure.reason)
        }
        return flows.isConclusive ? .pass : .inconclusive
    }

    private typealias Suspicion = (key: String, reason: String)

    private mutating func faults(_ sample: GateSample) -> String? {
        var seen: [String: Duration] = [:]
        for fault in sample.faults {
            let known = before.faults.first { $0.component == fault.component }
            if !fault.mayPass {
                if known?.mayPass == false { continue }
                return "the \(fault.component) has a permanent error since the change: \(fault.message)"
            }
            if known != nil { continue }
            let begin = firstSeen[fault.component] ?? sample.time
            seen[fault.component] = begin
            if sample.time - begin > Self.patience {
                let minutes = Self.patience.components.seconds / 60
                return "the \(fault.component) has had an error for \(minutes) minutes: \(fault.message)"
            }
        }
        firstSeen = seen
        return nil
    }

    private func unplaced(_ sample: GateSample) -> [Suspicion] {
        sample.unplaced.filter { before.unplaced[$0.key] == nil }.map { pipeline, items in
            ("unplaced \(pipeline)", "the ledger of \(pipeline) cannot place \(items) items since the change")
        }
    }

    private func flowSuspicions(_ sample: GateSample) -> (reasons: [Suspicion], isConclusive: Bool) {
        guard let first = samples.first(where: { $0.time >= sample.time - Self.window }),
            first.time - before.time >= Self.settling,
            sample.time - first.time >= Self.window - .seconds(2)
        else { return ([], false) }
        let elapsed = (sample.time - first.time).seconds
        var found: [Suspicion] = []
        var isConclusive = false
        for (pipeline, flow) in sample.flows {
            guard let start = first.flows[pipeline] else { continue }
            let now = flow.since(start)
            if let rate = baseline.leastAccepted(pipeline), rate >= Self.leastRate {
                isConclusive = true
                let present = Double(now.accepted) / elapsed
                if present < rate * Self.acceptedShare {
                    let reason =
                        "\(pipeline) accepts \(Self.text(present)) items per second, "
                        + "it was \(Self.text(rate)) before the change"
                    found.append(("accepted \(pipeline)", reason))
                }
            }
            if let total = baseline.total(pipeline) { found += shares(pipeline, total, now) }
        }
        return (found, isConclusive)
    }

    private func shares(
        _ pipeline: PipelineID, _ total: GateSample.Flow, _ now: GateSample.Flow
    ) -> [Suspicion] {
        var found: [Suspicion] = []
        if !expectsDrop, let old = total.deliveredShare, let new = now.deliveredShare,
            new < old - Self.shareMove
        {
            let reason =
                "\(pipeline) delivers \(Self.percent(new)) of what it accepts, "
                + "it was \(Self.percent(old)) before the change"
            found.append(("delivered \(pipeline)", reason))
        }
        if let new = now.refusedShare, new > (total.refusedShare ?? 0) + Self.shareMove {
            let old = Self.percent(total.refusedShare ?? 0)
            let reason =
                "\(pipeline) refuses \(Self.percent(new)) of what it gets, it was \(old) before the change"
            found.append(("refused \(pipeline)", reason))
        }
        return found
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    private static func text(_ rate: Double) -> String { "\((rate * 10).rounded() / 10)" }
}

extension GateSample.Flow {
    /// Delivered items of accepted ones; `nil` when there are too few.
    fileprivate var deliveredShare: Double? {
        accepted < HealthGate.leastItems ? nil : min(max(delivered, 0) / Double(accepted), 1)
    }

    /// Refused items of all that came; `nil` when there are too few.
    fileprivate var refusedShare: Double? {
        let all = accepted + refused
        return all < HealthGate.leastItems ? nil : Double(refused) / Double(all)
    }
}
