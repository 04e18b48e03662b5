import FleetModel
import OpAMP
import Testing

@testable import Rollouts

/// Revisions that do harm, each in its way; the fleet ends on the old one, and the rollout says why.
@Suite struct FailureTests {
    static let harms: [(SimulatedAgent.Temper, String)] = [
        (.refuses, "unknown key 'protocol'"), (.crashes, "signal 11"),
        (.crashLoops(after: 20), "began anew"), (.dropsEverything, "delivers 0 % of what it accepts"),
        (.wrongPort, "accepts 0 items per second, it was 100"), (.wrongCredentials, "401 Unauthorized"),
        (.cutsPath, "could not be reached"), (.hangs, "has not said anything"),
        (.breaksComponent, "certificate has expired"),
    ]

    @Test(arguments: harms)
    func `harm on the canary takes the fleet back to the old revision`(
        temper: SimulatedAgent.Temper, reason: String
    ) throws {
        let fleet = (1...20).map { SimulatedAgent($0, temper) }
        let simulation = try Simulation(fleet, threeStages)
        var touched: Set<InstanceUID> = []
        simulation.afterStep = { simulation in
            for agent in simulation.agents where agent.facts.assignment?.revision == SimulatedAgent.new {
                touched.insert(agent.facts.uid)
            }
        }
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.rollout.reason.contains(reason), "\(simulation.rollout.reason)")
        #expect(touched.count == 1)
        simulation.run(200, until: { _ in false })
        #expect(simulation.agents.allSatisfy { $0.running == SimulatedAgent.old })
        #expect(simulation.agents.allSatisfy { $0.facts.assignment?.revision == SimulatedAgent.old })
        #expect(simulation.bad.entry(SimulatedAgent.new, on: "apus 1") != nil)
        #expect(simulation.events.contains { $0.kind == .gateFailed })
        #expect(simulation.rollout.reports.contains { $0.verdict == .fail })
    }

    @Test func `a good revision reaches everybody, and each is told to stay`() throws {
        let simulation = try Simulation((1...50).map { SimulatedAgent($0) }, threeStages)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
        #expect(simulation.agents.allSatisfy { $0.running == SimulatedAgent.new })
        #expect(simulation.confirmed.count == 50)
        #expect(simulation.events.count { $0.kind == .stagePassed } == 3)
        #expect(simulation.rollout.reports.map(\.verdict) == [.pass, .pass, .pass])
    }

    @Test func `harm that only some agents suffer stops the rollout at the stage that has them`() throws {
        var fleet = (1...100).map { SimulatedAgent($0) }
        for index in 0..<100 where index % 4 == 0 { fleet[index].temper = .dropsEverything }
        fleet[50].facts.labels["canary"] = "true"
        let simulation = try Simulation(fleet, threeStages)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.rollout.currentStage > 0)
        #expect(simulation.agents.allSatisfy { $0.running == SimulatedAgent.old })
    }

    @Test func `a drop that is expected is no harm`() throws {
        let fleet = (1...10).map { SimulatedAgent($0, .dropsEverything) }
        let simulation = try Simulation(fleet, threeStages + "\nexpect: drop")
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
    }

    @Test func `with on_failure pause nobody goes back, and nobody else gets it`() throws {
        let fleet = (1...10).map { SimulatedAgent($0, .refuses) }
        let simulation = try Simulation(fleet, threeStages + "\non_failure: pause")
        #expect(simulation.run())
        #expect(simulation.rollout.state == .paused)
        #expect(simulation.agents.count { $0.facts.assignment?.revision == SimulatedAgent.new } == 1)
    }

    @Test func `with on_failure rollback_stage the agents of the stage go back and a person decides`() throws
    {
        var fleet = (1...20).map { SimulatedAgent($0, .refuses) }
        fleet[0].temper = .good
        fleet[0].facts.labels["canary"] = "true"
        let simulation = try Simulation(fleet, threeStages + "\non_failure: rollback_stage")
        #expect(simulation.run())
        #expect(simulation.rollout.state == .paused)
        #expect(simulation.rollout.reason.contains("stage 'small' was taken back"))
        #expect(simulation.agents.count { $0.facts.assignment?.revision == SimulatedAgent.new } == 1)
    }

    @Test func `what fails long after its stage stops the rollout, too`() throws {
        var fleet = (1...100).map { SimulatedAgent($0) }
        fleet[7].temper = .crashLoops(after: 150)
        fleet[7].facts.labels["canary"] = "true"
        let plan = threeStages.replacing("size: 10%, bake: 60s", with: "size: 10%, bake: 600s")
        let simulation = try Simulation(fleet, plan)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.rollout.currentStage == 1)
        #expect(simulation.rollout.reason.contains("began anew"))
    }

    @Test func `a few failures within the limit do not stop it`() throws {
        var fleet = (1...100).map { SimulatedAgent($0) }
        fleet[5].temper = .refuses
        let yaml = threeStages + "\ngate: {max_failures: 10% | 3}"
        let simulation = try Simulation(fleet, yaml)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
        #expect(simulation.rollout.counts[.failed] == 1)
    }

    @Test func `an error budget counts over all stages`() throws {
        var fleet = (1...100).map { SimulatedAgent($0) }
        for index in stride(from: 3, to: 100, by: 10) { fleet[index].temper = .refuses }
        let yaml = threeStages + "\ngate: {max_failures: 50%, error_budget: 5}"
        let simulation = try Simulation(fleet, yaml)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .rolledBack)
        #expect(simulation.rollout.reason.contains("error budget"))
    }
}
