import FleetModel
import OpAMP
import Rollouts
import Synchronization

@testable import Fleet
@testable import FleetAPI

/// Rollouts that never go on.
final class FakeRollouts: RolloutControl {
    private struct State {
        var rollouts: [Rollout] = []
        var calls: [String] = []
        var failure: RolloutServiceError?
        var authors: [String: String] = [:]
        var standing: [String: StandingAssignment] = [:]
    }

    private let state = Mutex(State())

    /// What was asked for, but for looks.
    var calls: [String] { state.withLock { $0.calls } }

    /// From now on no command is done.
    func fail(_ error: RolloutServiceError?) { state.withLock { $0.failure = error } }

    /// Says who wrote what a rollout gives out.
    func note(author: String, of target: String) { state.withLock { $0.authors[target] = author } }

    /// A rollout has succeeded, and promises something to later agents.
    func promise(_ id: String) {
        state.withLock { state in
            let rollout = state.rollouts.first { $0.id == id }
            state.standing[id] = rollout.flatMap { StandingAssignment($0, at: 2) }
        }
    }

    /// What it promises comes to an end.
    func endPromise(_ id: String) {
        let now = Moment(elapsed: .zero, time: 3)
        state.withLock { $0.standing[id]?.end(by: "olaf", "enough", at: now) }
    }

    func author(of target: RevisionReference) async -> String? {
        state.withLock { $0.authors[target.description] }
    }

    func list() async -> [Rollout] { state.withLock { $0.rollouts.reversed() } }

    func rollout(_ id: String) async -> Rollout? { state.withLock { $0.rollouts.first { $0.id == id } } }

    func standing(_ id: String) async -> StandingAssignment? { state.withLock { $0.standing[id] } }

    func standingAssignments() async -> [String: StandingAssignment] { state.withLock { $0.standing } }

    func activeRollout(of uid: InstanceUID) async -> String? { nil }

    func agents(
        of id: String, phase: MemberPhase?, stage: Int?, after index: Int, limit: Int
    ) async throws(RolloutServiceError) -> [RolloutService.Agent] {
        guard let rollout = await rollout(id) else { throw .notFound("there is no rollout \(id)") }
        let found = rollout.members.indices.filter { place in
            let member = rollout.members[place]
            return place > index && (phase == nil || member.phase == phase)
                && (stage == nil || member.stage == stage)
        }
        return found.prefix(limit).map { place in
            let member = rollout.members[place]
            return RolloutService.Agent(
                index: place, uid: member.uid, phase: member.phase, stage: member.stage,
                isConnected: member.isConnected, previous: rollout.previous(member)?.description,
                reason: rollout.reason(ofMember: place))
        }
    }

    func preview(
        _ spec: RolloutSpec, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> RolloutPreview {
        let draft = try make("preview", spec, actor)
        return RolloutPreview(
            target: draft.target, agents: draft.counts.total, stages: [], changes: [], excluded: [],
            excludedCount: 1, conflicts: [], mostDisrupted: 1, needsApproval: false,
            problems: ["it is Friday"])
    }

    func start(
        _ spec: RolloutSpec, by actor: RolloutActor, asDraft: Bool
    ) async throws(RolloutServiceError) -> Rollout {
        let rollout = try make("r\(state.withLock { $0.rollouts.count } + 1)", spec, actor)
        state.withLock { state in
            state.rollouts.append(rollout)
            state.calls.append("\(asDraft ? "draft" : "start") \(rollout.target)")
        }
        return rollout
    }

    func command(
        _ id: String, _ command: RolloutCommand, by actor: RolloutActor,
        ifVersion version: RolloutVersion?
    ) async throws(RolloutServiceError) -> Rollout {
        let (failure, rollout) = state.withLock { state in
            let seen = version.map { ", seen as \($0)" } ?? ""
            state.calls.append("\(command) by \(actor.owner)\(seen)")
            return (state.failure, state.rollouts.first { $0.id == id })
        }
        if let failure { throw failure }
        guard let rollout else { throw .notFound("there is no rollout \(id)") }
        return rollout
    }

    private func make(
        _ id: String, _ spec: RolloutSpec, _ actor: RolloutActor
    ) throws(RolloutServiceError) -> Rollout {
        var spec = spec
        if case .named = spec.plan { spec.plan = .stages([StageSettings()]) }
        let candidates = (1...3).map { number in
            Candidate(
                uid: InstanceUID(high: 1, low: UInt64(number)), isConnected: number < 3, labels: [:],
                previous: RevisionReference("edge", 1), exclusion: number == 2 ? "it is another's" : nil)
        }
        do throws(RolloutError) {
            return try Rollout(id: id, spec: spec, author: actor.owner, candidates: candidates, time: 1)
        } catch {
            throw .invalid(["\(error)"])
        }
    }
}
