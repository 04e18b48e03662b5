public import Fleet
public import FleetModel
public import OpAMP
public import Rollouts

/// What the API asks of whoever runs rollouts; `RolloutService` does.
public protocol RolloutControl: Sendable {
    /// All rollouts that are remembered without their agents, the newest first.
    func list() async -> [Rollout]
    /// One of them without its agents.
    func rollout(_ id: String) async -> Rollout?
    /// What a rollout that has succeeded goes on to promise to agents that come later.
    func standing(_ id: String) async -> StandingAssignment?
    /// All of them that have not ended, by rollout.
    func standingAssignments() async -> [String: StandingAssignment]
    /// The rollout that an agent belongs to now.
    func activeRollout(of uid: InstanceUID) async -> String?
    /// The agents of a rollout behind a place, in the order in which they get the revision.
    func agents(
        of id: String, phase: MemberPhase?, stage: Int?, after index: Int, limit: Int
    ) async throws(RolloutServiceError) -> [RolloutService.Agent]
    /// The owner of who wrote what a rollout gives out, revision or set of packages; `nil` when it is gone.
    func author(of target: RevisionReference) async -> String?
    /// What a rollout would do; nothing is kept, and no agent is asked.
    func preview(
        _ spec: RolloutSpec, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> RolloutPreview
    /// Begins a rollout or asks for approval; a draft is only written down.
    func start(
        _ spec: RolloutSpec, by actor: RolloutActor, asDraft: Bool
    ) async throws(RolloutServiceError) -> Rollout
    /// Tells a rollout to do something, if it and its promise are what is given.
    func command(
        _ id: String, _ command: RolloutCommand, by actor: RolloutActor,
        ifVersion version: RolloutVersion?
    ) async throws(RolloutServiceError) -> Rollout
}

extension RolloutService: RolloutControl {}
