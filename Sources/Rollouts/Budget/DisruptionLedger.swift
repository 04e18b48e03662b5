/// How many agents may be disrupted at this moment, over all rollouts.
///
/// Made anew from all active rollouts before they take a step, one after the other; each takes what it uses.
public struct DisruptionLedger: Sendable {
    private var used: [String: Int] = [:]
    private var limits: [String: Int] = [:]

    /// Counts what is disrupted.
    ///
    /// - Parameters:
    ///   - rollouts: All rollouts that may have agents in the middle of a change.
    ///   - known: The agents of the whole fleet; what shares of a shared budget are of.
    public init(rollouts: [Rollout], known: Int) {
        for rollout in rollouts where rollout.state.isActive {
            add(rollout, disrupted: rollout.counts.inFlight, known: known)
        }
    }

    /// Counts what is disrupted because of a rollout that is over, as by its standing assignment.
    public mutating func add(_ rollout: Rollout, disrupted: Int, known: Int) {
        let name = Self.name(rollout)
        used[name, default: 0] += disrupted
        guard let maximum = rollout.spec.blastRadius.maximumAgents else { return }
        let isShared = rollout.spec.blastRadius.sharedBudget != nil
        let limit = max(maximum.of(isShared ? known : rollout.counts.total), 1)
        limits[name] = min(limits[name] ?? .max, limit)
    }

    /// How many more agents a rollout may change.
    public func room(for rollout: Rollout) -> Int {
        let name = Self.name(rollout)
        return max((limits[name] ?? .max) - (used[name] ?? 0), 0)
    }

    /// Notes that a rollout changes so many more.
    public mutating func take(_ count: Int, for rollout: Rollout) {
        used[Self.name(rollout), default: 0] += count
    }

    private static func name(_ rollout: Rollout) -> String {
        rollout.spec.blastRadius.sharedBudget.map { "shared \($0)" } ?? "rollout \(rollout.id)"
    }
}
