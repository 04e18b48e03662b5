public import Settings

/// Something that has happened in the fleet.
public struct FleetEvent: Sendable, Hashable {
    /// Every kind there is; what each says is in `summary`.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case agentNew = "agent.new"
        case agentConnected = "agent.connected"
        case agentDisconnected = "agent.disconnected"
        case agentRemoved = "agent.removed"
        case agentLabels = "agent.labels"
        case agentHealth = "agent.health"
        case agentApplied = "agent.applied"
        case agentFailed = "agent.failed"
        case agentRolledBack = "agent.rolled_back"
        case agentDrifted = "agent.drifted"
        case agentRestarted = "agent.restarted"
        case agentPackages = "agent.packages"
        case configurationChanged = "configuration.changed"
        case configurationDeleted = "configuration.deleted"
        case packagesChanged = "packages.changed"
        case groupChanged = "group.changed"
        case valueChanged = "value.changed"
        case planChanged = "plan.changed"
        case rollout = "rollout"
        case rolloutState = "rollout.state"
        case rolloutBreakGlass = "rollout.break_glass"
        case rolloutGate = "rollout.gate"
        case rolloutAgent = "rollout.agent"
        case fleetFrozen = "fleet.frozen"
        case fleetThawed = "fleet.thawed"
        case enrollmentWaiting = "enrollment.waiting"
        case enrollmentDecided = "enrollment.decided"
        case accessChanged = "access.changed"
        case accessRevoked = "access.revoked"
        case webhookChanged = "webhook.changed"
        case webhookFailing = "webhook.failing"
        case webhookTest = "webhook.test"
        case managerStarted = "manager.started"
        case managerStopping = "manager.stopping"

        /// What the kind says, for people.
        public var summary: String {
            switch self {
            case .agentNew: "an agent has turned up that was not known"
            case .agentConnected: "an agent has connected"
            case .agentDisconnected: "an agent has disconnected, or has been silent for too long"
            case .agentRemoved: "an agent has been forgotten"
            case .agentLabels: "somebody has changed the labels of an agent"
            case .agentHealth: "an agent has become healthy or unhealthy"
            case .agentApplied: "an agent runs a revision"
            case .agentFailed: "an agent could not run a revision"
            case .agentRolledBack: "an agent has gone back by itself"
            case .agentDrifted: "an agent runs something else than it ought to"
            case .agentRestarted: "somebody has asked an agent to begin anew"
            case .agentPackages: "an agent installs packages, has them, or could not"
            case .configurationChanged: "a configuration has a new revision"
            case .configurationDeleted: "a configuration has been deleted"
            case .packagesChanged: "a set of packages has a new version, or has been deleted"
            case .groupChanged: "a saved group of agents has been changed or deleted"
            case .valueChanged: "a value of the fleet has been changed or deleted"
            case .planChanged: "a plan of rollouts has been changed or deleted"
            case .rollout: "something has happened to a rollout that is none of the other kinds"
            case .rolloutState: "a rollout has come into another state"
            case .rolloutBreakGlass: "an admin goes on with a rollout without the second person it needs"
            case .rolloutGate: "a stage has passed, or a gate has failed or could not decide"
            case .rolloutAgent: "an agent of a rollout has failed, gone silent, or is tried once more"
            case .fleetFrozen: "much of the fleet has disconnected at once; rollouts stand still"
            case .fleetThawed: "the fleet is back; rollouts go on"
            case .enrollmentWaiting: "an agent waits to be let in"
            case .enrollmentDecided: "somebody has let an agent in or turned it away"
            case .accessChanged: "a token has been made"
            case .accessRevoked: "a token or the credentials of an agent have been revoked"
            case .webhookChanged: "a webhook has been changed or deleted"
            case .webhookFailing: "an event could not be delivered to a webhook"
            case .webhookTest: "somebody has sent a test to a webhook; no other one gets it"
            case .managerStarted: "the manager has begun"
            case .managerStopping: "the manager is about to stop"
            }
        }

        /// Whether a fleet that reconnects makes very many of them.
        var isFrequent: Bool {
            switch self {
            case .agentConnected, .agentDisconnected, .agentHealth, .agentApplied, .agentPackages: true
            default: false
            }
        }
    }

    /// Grows by 1 with each event of this manager; begins anew when it does.
    public let id: UInt64
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let kind: Kind
    /// What it is about, such as the name of a configuration.
    public let subject: String
    /// For people.
    public let message: String
    /// Who did it; `nil` when nobody did.
    public let actor: String?
    /// The rollout it belongs to.
    public let rollout: String?
    /// The agent it is about.
    public let agent: String?
    public let details: [String: String]

    /// As JSON, for streams and webhooks; `time` as the caller wants it.
    public func tree(time: Tree) -> Tree {
        var entries = [
            Tree.Entry("id", .number(id)), Tree.Entry("time", time), Tree.Entry("kind", .text(kind.rawValue)),
            Tree.Entry("subject", .text(subject)), Tree.Entry("message", .text(message)),
        ]
        for (key, value) in [("actor", actor), ("rollout", rollout), ("agent", agent)] {
            if let value { entries.append(Tree.Entry(key, .text(value))) }
        }
        if !details.isEmpty {
            let sorted = details.sorted { $0.key < $1.key }.map { Tree.Entry($0.key, .text($0.value)) }
            entries.append(Tree.Entry("details", Tree(.table(sorted))))
        }
        return Tree(.table(entries))
    }
}
