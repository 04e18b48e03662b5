import FleetModel
import OpAMP
import Settings
import Testing

@testable import Rollouts

/// What a rollout that has succeeded goes on to promise.
@Suite struct StandingAssignmentTests {
    private func rollout(_ more: String = "", stage: String = "") throws -> Rollout {
        let spec = try RolloutSpec.decode(
            yaml: "{target: edge@2, selector: env=prod, plan: [{size: 100%\(stage)}]\(more)}")
        return try Rollout(
            id: "r1", spec: spec, author: "ada",
            candidates: (1...4).map { Simulation.candidate(SimulatedAgent($0)) }, time: 5)
    }

    private func moment(_ seconds: Int) -> Moment {
        Moment(elapsed: .seconds(seconds), time: SimulatedAgent.start + UInt64(seconds) * 1_000_000_000)
    }

    /// An agent that was given the revision at the beginning, and said this about it.
    private func facts(_ uid: InstanceUID, _ outcome: ConfigurationReport.Outcome?, at seconds: Int = 1)
        -> AgentFacts
    {
        var facts = AgentFacts(uid: uid)
        facts.isConnected = true
        let hash = SimulatedAgent.hash(SimulatedAgent.new)
        facts.assignment = Assignment(
            uid: uid, revision: SimulatedAgent.new, hash: hash, rollout: "r1", time: moment(0).time)
        if let outcome {
            facts.history = [
                ConfigurationReport(
                    hash: hash.bytes, outcome: outcome, message: "no such key", time: moment(seconds).time)
            ]
        }
        return facts
    }

    private func uids(_ count: Int) -> [InstanceUID] {
        (0..<count).map { InstanceUID(high: 9, low: UInt64($0)) }
    }

    @Test func `a rollout that ignores late joiners promises nothing`() throws {
        #expect(StandingAssignment(try rollout(", late_joiners: ignore"), at: 7) == nil)
        for rule in ["wait", "join_if_passed"] {
            let standing = try #require(StandingAssignment(try rollout(", late_joiners: \(rule)"), at: 7))
            #expect(standing.state == .active)
            #expect(standing.selector.description == "env=prod")
            #expect(standing.created == 5 && standing.since == 7)
        }
    }

    @Test(arguments: [
        // Without a rate 50 a second, and one at once to begin with.
        ("", "", 0, 1), ("", "", 1, 50), ("", "", 1000, 50),
        (", rate: 2/s", "", 1, 2), (", rate: 300/s, max_parallel: 3", "", 1, 3),
        (", rate: 9000/s", "", 1, 500),
    ])
    func `agents that come get it no faster than the last stage allows`(
        stage: String, more: String, seconds: Int, room: Int
    ) throws {
        let rollout = try rollout(more, stage: stage)
        var standing = try #require(StandingAssignment(rollout, at: 7))
        _ = standing.room(rollout, budget: .max, at: moment(0))
        #expect(standing.room(rollout, budget: .max, at: moment(seconds)) == room)
    }

    @Test func `it keeps to the disruption budget, to its windows, and to those who are changing`() throws {
        let open = try rollout(stage: ", rate: 9000/s")
        var standing = try #require(StandingAssignment(open, at: 7))
        _ = standing.room(open, budget: .max, at: moment(0))
        #expect(standing.room(open, budget: 2, at: moment(1)) == 2)
        #expect(standing.room(open, budget: 0, at: moment(2)) == 0)
        #expect(standing.waiting.contains("budget"))
        standing.assign(uids(499), at: moment(2))
        #expect(standing.room(open, budget: .max, at: moment(3)) == 1)
        // The moment is a Tuesday.
        let closed = try rollout(", window: Wed 10:00-11:00 UTC")
        var later = try #require(StandingAssignment(closed, at: 7))
        _ = later.room(closed, budget: .max, at: moment(0))
        #expect(later.room(closed, budget: .max, at: moment(1)) == 0)
        #expect(later.waiting == "a window")
    }

    @Test func `who is healthy for long enough may keep it, and not before`() throws {
        let rollout = try rollout(", gate: {min_healthy_time: 20s}")
        var standing = try #require(StandingAssignment(rollout, at: 7))
        standing.assign(uids(1), at: moment(0))
        let gate = rollout.spec.gate
        #expect(standing.look(gate, at: moment(20)) { facts($0, .applied) }.isEmpty)
        #expect(standing.look(gate, at: moment(21)) { facts($0, .applied) } == uids(1))
        #expect(standing.healthy == 1 && standing.changing == 0)
    }

    @Test(arguments: [ConfigurationReport.Outcome.failed, .rolledBack])
    func `three that fail in a row end it, and a person may have it go on`(
        outcome: ConfigurationReport.Outcome
    ) throws {
        let rollout = try rollout(", gate: {min_healthy_time: 0s}")
        var standing = try #require(StandingAssignment(rollout, at: 7))
        let gate = rollout.spec.gate
        for round in 0..<3 {
            let outcomes = [outcome, round < 2 ? .applied : outcome, outcome]
            for (uid, outcome) in zip(uids(3), outcomes) {
                standing.assign([uid], at: moment(0))
                _ = standing.look(gate, at: moment(2)) { facts($0, outcome) }
            }
            // One that could run it in between is a sign that the others are to blame.
            #expect(standing.state == (round < 2 ? .active : .stopped))
        }
        #expect(standing.failed == 7 && standing.healthy == 2)
        #expect(standing.reason.contains("3 agents in a row") && standing.reason.contains("no such key"))
        #expect(standing.room(rollout, budget: .max, at: moment(10)) == 0)
        try standing.resume(by: "bob", at: moment(11))
        #expect(standing.state == .active && standing.actor == "bob")
        #expect(standing.room(rollout, budget: .max, at: moment(12)) > 0)
        #expect(throws: RolloutError.self) { try standing.resume(by: "bob", at: moment(13)) }
    }

    @Test func `who never says anything has failed while it is connected, and is let go when it is not`()
        throws
    {
        let rollout = try rollout(", gate: {min_healthy_time: 0s, healthy_deadline: 90s}")
        var standing = try #require(StandingAssignment(rollout, at: 7))
        standing.assign(uids(2), at: moment(0))
        let gate = rollout.spec.gate
        let silent: (InstanceUID) -> AgentFacts? = { uid in
            var facts = facts(uid, nil)
            facts.isConnected = uid.low == 0
            return facts
        }
        _ = standing.look(gate, at: moment(89), facts: silent)
        #expect(standing.changing == 2)
        _ = standing.look(gate, at: moment(91), facts: silent)
        #expect(standing.changing == 0 && standing.failed == 1)
    }

    @Test func `an agent that has something else by now is none of its business`() throws {
        let rollout = try rollout()
        var standing = try #require(StandingAssignment(rollout, at: 7))
        standing.assign(uids(2), at: moment(0))
        _ = standing.look(rollout.spec.gate, at: moment(2)) { uid in
            var facts = facts(uid, .failed)
            facts.assignment = nil
            return uid.low == 0 ? facts : nil
        }
        #expect(standing.changing == 0 && standing.failed == 0)
    }

    @Test func `it is read as it was written`() throws {
        let rollout = try rollout()
        var standing = try #require(StandingAssignment(rollout, at: 7))
        standing.assign(uids(3), at: moment(0))
        standing.rejected(uids(1)[0], "has no value for 'region'", at: moment(1))
        for _ in 0..<2 {
            let tree = try Tree(
                json: standing.tree.json(), source: ConfigurationSource(.builtIn, "store"))
            let read = try StandingAssignment(tree)
            #expect(read.tree == standing.tree)
            #expect(read.changing == 2 || read.state == .ended)
            standing.end(by: "bob", "enough", at: moment(2))
        }
        #expect(standing.reason == "enough")
        #expect(throws: RolloutUnreadable.self) { try StandingAssignment(.table(["format": .text("x")])) }
    }
}
