internal import Logging
internal import Pipeline
internal import Telemetry

/// All policies of a processor on one lane, and how one decision comes of what they say.
struct PolicyList {
    /// A policy with its name and its series.
    struct Member {
        let name: String
        let isDrop: Bool
        let policy: any TracePolicy
        let meters: PolicyMeters
    }

    let members: [Member]
    let stopsAtFirst: Bool
    let clock: any PipelineClock
    let logger: Logger
    let errors: Counter

    /// Decides about a trace of which all spans are there.
    ///
    /// What is dropped is dropped; then a policy with `invert_match` that is against it overrules those that
    /// sample; then one that samples decides; then one that would sample unless somebody is against it.
    func decide(_ trace: inout TraceCase) -> TraceDecision {
        var first = Votes()
        ask(&trace) { member, vote, part in
            first.note(vote, member.name, part)
            return vote != .dropped && !(stopsAtFirst && vote == .sampled)
        }
        return first.decision
    }

    /// Decides about spans as they come; `nil` as long as it may become otherwise.
    ///
    /// A drop policy that does not match these spans may match later ones, so nothing is sampled then.
    func decideEarly(_ trace: inout TraceCase) -> TraceDecision? {
        var decision: TraceDecision?
        ask(&trace) { member, vote, part in
            switch vote {
            case .dropped: decision = TraceDecision(verdict: .dropped, policy: member.name)
            case _ where member.isDrop: return true
            case .sampled: decision = TraceDecision(verdict: .sampled, policy: member.name, part: part)
            default: break
            }
            return decision == nil
        }
        if decision?.verdict == .sampled, members.contains(where: { $0.isDrop }) { return nil }
        return decision
    }

    private func ask(
        _ trace: inout TraceCase, _ hear: (Member, Vote, _ part: String?) -> Bool
    ) {
        var time = clock.unixNanoseconds
        for member in members {
            trace.part = nil
            do throws(PolicyFailure) {
                let vote = try member.policy.vote(&trace)
                let now = clock.unixNanoseconds
                member.meters.count(vote, spans: trace.spanCount, nanoseconds: now &- min(time, now))
                time = now
                guard hear(member, vote, trace.part) else { return }
            } catch {
                errors.add(1)
                time = clock.unixNanoseconds
                logger.warning(
                    "a policy could not say anything about a trace",
                    metadata: ["policy": "\(member.name)", "reason": "\(error.reason)"])
            }
        }
    }

    /// The first policies that voted in each way.
    private struct Votes {
        var dropped: String?
        var invertNotSampled: String?
        var sampled: (name: String, part: String?)?
        var invertSampled: String?
        var hasNotSampled = false

        mutating func note(_ vote: Vote, _ name: String, _ part: String?) {
            switch vote {
            case .dropped: dropped = dropped ?? name
            case .invertNotSampled: invertNotSampled = invertNotSampled ?? name
            case .sampled: sampled = sampled ?? (name, part)
            case .invertSampled: invertSampled = invertSampled ?? name
            case .notSampled: hasNotSampled = true
            }
        }

        var decision: TraceDecision {
            if let dropped { return TraceDecision(verdict: .dropped, policy: dropped) }
            if let invertNotSampled { return TraceDecision(verdict: .notSampled, policy: invertNotSampled) }
            if let sampled {
                return TraceDecision(verdict: .sampled, policy: sampled.name, part: sampled.part)
            }
            if let invertSampled, !hasNotSampled {
                return TraceDecision(verdict: .sampled, policy: invertSampled)
            }
            return .notSampled
        }
    }
}
