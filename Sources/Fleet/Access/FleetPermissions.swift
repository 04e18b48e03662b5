/// What somebody may do with the fleet manager; each route of the API asks for one of these.
public struct FleetPermissions: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// See agents, configurations, rollouts and events; no secret and no token is ever among them.
    public static let look = Self(rawValue: 1 << 0)
    /// Make configurations and their revisions, and delete those that nobody runs.
    public static let editConfigurations = Self(rawValue: 1 << 1)
    /// Set what variables are filled in with.
    public static let editValues = Self(rawValue: 1 << 2)
    /// Make named plans, and drafts of rollouts.
    public static let editPlans = Self(rawValue: 1 << 3)
    /// Give agents labels.
    public static let editLabels = Self(rawValue: 1 << 4)
    /// Make groups.
    public static let editGroups = Self(rawValue: 1 << 5)
    /// Start, pause, resume, promote, abort and undo rollouts.
    public static let runRollouts = Self(rawValue: 1 << 6)
    /// Say yes to the rollout of somebody else.
    public static let approveRollouts = Self(rawValue: 1 << 7)
    /// Restart agents, and forget those that are gone.
    public static let operateAgents = Self(rawValue: 1 << 8)
    /// Let agents in that wait, and turn them away.
    public static let approveEnrollments = Self(rawValue: 1 << 9)
    /// Take away the credentials of an agent.
    public static let revokeAgents = Self(rawValue: 1 << 10)
    /// Make and revoke the tokens of people and programs.
    public static let manageTokens = Self(rawValue: 1 << 11)
    /// Make and revoke the tokens that new agents come with.
    public static let manageEnrollmentTokens = Self(rawValue: 1 << 12)
    /// Say where events are sent.
    public static let manageWebhooks = Self(rawValue: 1 << 13)
    /// Change the settings of the fleet manager, such as who has to approve what.
    public static let manageSettings = Self(rawValue: 1 << 14)
    /// Read, check and export the audit log.
    public static let readAudit = Self(rawValue: 1 << 15)

    /// Everything there is.
    public static let all = Self(rawValue: (1 << 16) - 1)

    /// The permissions with the names that messages use, in the order of their bits.
    public static let names: [(permission: FleetPermissions, name: String)] = [
        (.look, "look"), (.editConfigurations, "edit-configurations"), (.editValues, "edit-values"),
        (.editPlans, "edit-plans"), (.editLabels, "edit-labels"), (.editGroups, "edit-groups"),
        (.runRollouts, "run-rollouts"), (.approveRollouts, "approve-rollouts"),
        (.operateAgents, "operate-agents"), (.approveEnrollments, "approve-enrollments"),
        (.revokeAgents, "revoke-agents"), (.manageTokens, "manage-tokens"),
        (.manageEnrollmentTokens, "manage-enrollment-tokens"), (.manageWebhooks, "manage-webhooks"),
        (.manageSettings, "manage-settings"), (.readAudit, "read-audit"),
    ]
}

extension FleetPermissions: CustomStringConvertible {
    public var description: String {
        Self.names.filter { contains($0.permission) }.map { $0.name }.joined(separator: ", ")
    }
}

/// What a token is made for; a token may have several roles and then has the permissions of all.
public enum FleetRole: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Looks.
    case viewer
    /// Looks, and writes what may be rolled out; rolls out nothing.
    case editor
    /// Looks, and says yes to the rollouts of others.
    case approver
    /// Writes, and changes what runs.
    case `operator`
    /// Everything, tokens and the audit log included.
    case admin

    /// The table of roles and permissions.
    public var permissions: FleetPermissions {
        switch self {
        case .viewer: [.look]
        case .editor: [.look, .editConfigurations, .editValues, .editPlans]
        case .approver: [.look, .approveRollouts]
        case .operator:
            Self.editor.permissions.union([
                .editLabels, .editGroups, .runRollouts, .operateAgents, .approveEnrollments, .revokeAgents,
            ])
        case .admin: .all
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        Self.allCases.firstIndex(of: left) ?? 0 < Self.allCases.firstIndex(of: right) ?? 0
    }
}

extension Set<FleetRole> {
    /// What somebody with all of these roles may do.
    public var permissions: FleetPermissions { reduce(into: []) { $0.formUnion($1.permissions) } }
}

/// Who makes a request of the fleet API, once that is known.
public struct FleetUser: Sendable, Hashable {
    /// For the audit log and for authors: `token:deploy`.
    public let name: String
    /// The person or program that the token was made for; what "another person" is decided by.
    public let owner: String
    /// The id of the token; empty for those who came in without one.
    public let token: String
    public let roles: Set<FleetRole>
    public let permissions: FleetPermissions

    public init(name: String, owner: String, token: String, roles: Set<FleetRole>) {
        self.name = name
        self.owner = owner
        self.token = token
        self.roles = roles
        permissions = roles.permissions
    }
}
