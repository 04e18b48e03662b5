public import FleetModel
public import OpAMP

/// An agent as the store has it.
public struct StoredAgent: Sendable, Equatable {
    public let uid: InstanceUID
    /// Where it stands among all changes.
    public let mark: ChangeMark
    /// The replica that it is connected to; empty for none.
    public let owner: String
    /// What operators have set.
    public let labels: [String: String]
    /// The word of whoever decides about enrollment.
    public let approval: String
    /// What it runs, by content.
    public let effective: ContentHash?
    /// What has to outlive the process, as the inventory writes it.
    public let state: [UInt8]
    /// What other replicas want to know, as the inventory writes it.
    public let live: [UInt8]
}

/// What is written of an agent.
public struct AgentSave: Sendable {
    public var uid: InstanceUID
    public var owner: String
    /// Only for an agent that the store does not know yet; later `saveLabels` changes them.
    public var initialLabels: [String: String]
    /// Only for an agent that the store does not know yet; later `saveApproval` changes it.
    public var initialApproval: String
    public var effective: ContentHash?
    public var state: [UInt8]
    public var live: [UInt8]

    public init(
        uid: InstanceUID, owner: String, initialLabels: [String: String] = [:], initialApproval: String = "",
        effective: ContentHash? = nil, state: [UInt8] = [], live: [UInt8] = []
    ) {
        self.uid = uid
        self.owner = owner
        self.initialLabels = initialLabels
        self.initialApproval = initialApproval
        self.effective = effective
        self.state = state
        self.live = live
    }
}

/// A place in the order of all changes of agents or of assignments.
public struct ChangeMark: Sendable, Hashable {
    public let change: Int64
    public let uid: InstanceUID

    public init(change: Int64, uid: InstanceUID) {
        self.change = change
        self.uid = uid
    }

    /// Before everything.
    public static let beginning = ChangeMark(change: 0, uid: InstanceUID(high: 0, low: 0))
}

/// The assignment of an agent as the store has it.
public struct StoredAssignment: Sendable, Equatable {
    public let uid: InstanceUID
    public let mark: ChangeMark
    /// `nil` where it was taken away.
    public let assignment: Assignment?
}

/// When an agent was heard last, and with what number.
public struct SeenMark: Sendable, Hashable {
    public var uid: InstanceUID
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var time: UInt64
    /// The `sequence_num` of its last message.
    public var sequence: UInt64

    public init(uid: InstanceUID, time: UInt64, sequence: UInt64) {
        self.uid = uid
        self.time = time
        self.sequence = sequence
    }
}
