internal import FleetModel
public import OpAMP

/// One agent of a rollout; small, because there may be 100,000.
public struct RolloutMember: Sendable, Hashable {
    public let uid: InstanceUID
    public internal(set) var phase = MemberPhase.pending
    /// The index of its stage.
    public let stage: Int
    /// Whether it was connected when it was looked at last.
    public internal(set) var isConnected = false
    /// How its components were when it got the revision.
    var worstBefore = ComponentState.ok
    /// The place of its earlier revision in the list of the rollout, from 1; 0 for none.
    let previous: UInt16
    /// When it got the revision, in seconds of the rollout's own time.
    var assigned: UInt32 = 0
    /// Since when it has been in its phase; healthy without a break, when it is `applied`.
    var since: UInt32 = 0
    /// Since when it has been disconnected; 0 when it is not.
    var silent: UInt32 = 0
    /// Since when a component has had an error that may pass; 0 when there is none.
    var trouble: UInt32 = 0
    /// When its process began, as it said when it had applied the revision; 0 when it is not known.
    var started: UInt64 = 0

    init(uid: InstanceUID, stage: Int, previous: UInt16) {
        self.uid = uid
        self.stage = stage
        self.previous = previous
    }
}
