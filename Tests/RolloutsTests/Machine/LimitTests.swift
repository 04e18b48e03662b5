import FleetModel
import OpAMP
import Settings
import Testing

@testable import Rollouts

/// How many agents change at the same time, when, and how fast.
@Suite struct LimitTests {
    private let gate = "\ngate: {analysis: [], min_healthy_time: 5s}"
    private let plan = "target: edge@2\nplan: [{size: 100%, bake: 5s"

    @Test(arguments: [
        ("max_parallel: 7}]", 7), ("max_parallel: 5%}]", 5), ("}]\nblast_radius: {max_agents: 3}", 3),
        ("}]\nblast_radius: {max_agents: 10%}", 10), ("max_parallel: 50}]\nblast_radius: {max_agents: 4}", 4),
    ])
    func `never are more agents changing than allowed`(limit: String, most: Int) throws {
        let separator = limit.hasPrefix("}") ? "" : ", "
        let simulation = try Simulation((1...100).map { SimulatedAgent($0) }, plan + separator + limit + gate)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
        #expect(simulation.mostInFlight == most)
    }

    @Test func `agents with the same value of a label change one after the other`() throws {
        let fleet = (1...60).map { SimulatedAgent($0, labels: ["zone": "z\($0 % 6)"]) }
        let simulation = try Simulation(fleet, plan + "}]\nblast_radius: {max_per_label: {zone: 1}}" + gate)
        simulation.afterStep = { simulation in
            let changing = simulation.rollout.members.filter { $0.phase.isInFlight }
            let zones = changing.compactMap { simulation.agent($0.uid)?.facts.labels["zone"] }
            #expect(Set(zones).count == zones.count)
        }
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
        #expect(simulation.mostInFlight == 6)
    }

    @Test func `agents get the revision no faster than the rate`() throws {
        let simulation = try Simulation((1...100).map { SimulatedAgent($0) }, plan + ", rate: 30/m}]" + gate)
        var begun = 0
        simulation.run(1000, until: { $0.state == .running })
        simulation.afterStep = { _ in begun += 1 }
        #expect(simulation.run())
        // Half an agent each second.
        #expect(begun >= 196)
        #expect(begun < 260)
    }

    @Test func `rollouts that share a budget never disrupt more agents together`() throws {
        let more = "}]\nblast_radius: {max_agents: 6, shared_budget: prod}" + gate
        let first = try Simulation((1...40).map { SimulatedAgent($0) }, plan + more, id: "a")
        let second = try Simulation((101...140).map { SimulatedAgent($0) }, plan + more, id: "b")
        var most = 0
        for _ in 0..<600 {
            var ledger = DisruptionLedger(rollouts: [first.rollout, second.rollout], known: 80)
            first.step(&ledger)
            second.step(&ledger)
            most = max(most, first.rollout.counts.inFlight + second.rollout.counts.inFlight)
        }
        #expect(most == 6)
        #expect(first.rollout.state == .succeeded)
        #expect(second.rollout.state == .succeeded)
    }

    @Test func `outside of its window nobody is changed, but the way back is open`() throws {
        // The simulation begins on Tuesday 2023-11-14 at 22:13:20 UTC.
        let window = "}]\nwindow: Tue 22:00-22:20 UTC\nrollback: {rate: 100/s}"
        var fleet = (1...60).map { SimulatedAgent($0) }
        fleet[59].temper = .crashLoops(after: 600)
        fleet[59].facts.labels["canary"] = "true"
        let simulation = try Simulation(
            fleet,
            plan + ", max_parallel: 1" + window
                + "\ngate: {analysis: [restarts], min_healthy_time: 20s, analysis_deadline: 1s}")
        simulation.afterStep = { simulation in
            guard simulation.time > SimulatedAgent.start + 400_000_000_000 else { return }
            #expect(simulation.rollout.counts[.assigned] == 0)
        }
        simulation.run(500, until: { _ in false })
        #expect(simulation.rollout.state == .running)
        #expect(simulation.rollout.waiting.contains("window"))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.agents.allSatisfy { $0.running == SimulatedAgent.old })
    }

    @Test func `agents that are offline hold nothing up, and get it when they return in a released stage`()
        throws
    {
        var fleet = (1...20).map { SimulatedAgent($0) }
        for index in 0..<3 { fleet[index].offlineUntil = SimulatedAgent.start + 3_000_000_000_000 }
        for index in 0..<3 { fleet[index].facts.isConnected = false }
        let simulation = try Simulation(fleet, threeStages)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
        #expect(simulation.agents.count { $0.running == SimulatedAgent.new } == 17)
        simulation.run(3000, until: { _ in false })
        #expect(simulation.agents.count { $0.running == SimulatedAgent.new } == 20)
    }

    @Test func `an agent of a stage that is not released gets nothing when it returns`() throws {
        var fleet = (1...20).map { SimulatedAgent($0) }
        fleet[0].offlineUntil = SimulatedAgent.start + 200_000_000_000
        fleet[0].facts.isConnected = false
        let simulation = try Simulation(
            fleet, threeStages.replacing("size: 10%, bake: 60s", with: "size: 10%, bake: 900s"))
        simulation.run(600, until: { _ in false })
        #expect(simulation.rollout.currentStage == 1)
        #expect(simulation.agents[0].facts.isConnected)
        #expect(simulation.agents[0].running == SimulatedAgent.old)
    }

    @Test func `the way back is limited, too`() throws {
        let yaml = plan + "}]\nrollback: {max_parallel: 4, rate: 100/s}\nvalidate: {agents: 0}" + gate
        let simulation = try Simulation((1...50).map { SimulatedAgent($0) }, yaml)
        simulation.run(until: { $0.counts[.healthy] == 50 })
        simulation.perform(
            try simulation.machine.rollBack(by: "bob", reason: "it smells", at: simulation.moment))
        var most = 0
        simulation.afterStep = { most = max(most, $0.rollout.counts[.reverting]) }
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.rollout.reason == "it smells")
        #expect(most == 4)
        #expect(simulation.agents.allSatisfy { $0.running == SimulatedAgent.old })
    }

    @Test func `agents without an earlier revision are released, and it is said which did not go back`()
        throws
    {
        let fleet = (1...3).map { SimulatedAgent($0, .breaksComponent, hasOld: false) }
        let simulation = try Simulation(fleet, threeStages)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.agents.allSatisfy { $0.facts.assignment == nil })
        #expect(simulation.rollout.counts[.stuck] == 1)
        #expect(simulation.rollout.reason.contains("1 agent did not go back"))
    }

    @Test func `a step over many agents looks at few`() throws {
        let fleet = (1...30_000).map { SimulatedAgent($0) }
        let yaml =
            "target: edge@2\nplan: [{size: 20000, bake: 1h}, {size: 100%}]\nvalidate: {agents: 0}\n"
            + "gate: {analysis: [restarts], min_healthy_time: 1s}"
        let spec = try RolloutSpec.decode(yaml: yaml)
        let rollout = try Rollout(
            id: "r1", spec: spec, author: "ada", candidates: fleet.map { Simulation.candidate($0) }, time: 1)
        var machine = RolloutMachine(rollout)
        let facts = Dictionary(uniqueKeysWithValues: fleet.map { ($0.facts.uid, $0.facts) })
        _ = try machine.begin(by: "ada", at: Moment(elapsed: .zero, time: 1))
        var most = 0
        for second in 1...30 {
            var ledger = DisruptionLedger(rollouts: [machine.rollout], known: fleet.count)
            let now = Moment(elapsed: .seconds(second), time: UInt64(second) * 1_000_000_000)
            _ = machine.step(now, isFrozen: false, ledger: &ledger) { facts[$0] }
            most = max(most, machine.lookups)
        }
        #expect(machine.rollout.counts[.assigned] == 20_000)
        #expect(most <= RolloutMachine.watchedPerStep + RolloutMachine.assignedPerStep)
        // When all have it, a second costs the agents that are watched, and no more.
        #expect(machine.lookups <= RolloutMachine.watchedPerStep + RolloutMachine.othersPerStep)
        var copy = machine
        _ = copy.takeParts()
        #expect(copy.takeParts().isEmpty)
    }
}
