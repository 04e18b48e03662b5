import FleetModel
import OpAMP
import Testing

@testable import Rollouts

/// What people say to rollouts, and what interrupts them.
@Suite struct CommandTests {
    private func simulation(
        _ tempers: [SimulatedAgent.Temper] = [], count: Int = 10, more: String = "", begun: Bool = true
    ) throws -> Simulation {
        let fleet = (1...UInt64(count)).map { number in
            SimulatedAgent(number, tempers.isEmpty ? .good : tempers[Int(number) % tempers.count])
        }
        return try Simulation(fleet, threeStages + "\n" + more, begun: begun)
    }

    @Test func `a paused rollout changes nobody, and goes on when it is resumed`() throws {
        let simulation = try simulation()
        simulation.run(until: { $0.counts[.healthy] == 1 })
        simulation.perform(try simulation.machine.pause(by: "bob", reason: "lunch", at: simulation.moment))
        simulation.run(600, until: { _ in false })
        #expect(simulation.rollout.state == .paused)
        #expect(simulation.rollout.reason == "lunch")
        #expect(simulation.rollout.counts[.healthy] == 1)
        simulation.perform(try simulation.machine.resume(by: "bob", at: simulation.moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
    }

    @Test func `too little data pauses, and a person may promote`() throws {
        let simulation = try simulation([.mute])
        #expect(simulation.run())
        #expect(simulation.rollout.state == .paused)
        #expect(simulation.rollout.reason.contains("too little data"))
        #expect(simulation.rollout.reports.last?.verdict == .inconclusive)
        simulation.perform(try simulation.machine.promote(by: "bob", at: simulation.moment))
        simulation.run(until: { $0.currentStage == 1 })
        #expect(simulation.run())
        #expect(simulation.rollout.state == .paused)
        simulation.perform(try simulation.machine.promote(by: "bob", all: true, at: simulation.moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
    }

    @Test(arguments: [("pass", RolloutState.succeeded), ("fail", .rolledBack)])
    func `too little data is what the gate says it is`(word: String, state: RolloutState) throws {
        let simulation = try simulation([.mute], more: "gate: {on_inconclusive: \(word)}")
        #expect(simulation.run())
        #expect(simulation.rollout.state == state)
    }

    @Test func `an aborted rollout leaves agents as they are, for ever`() throws {
        let simulation = try simulation()
        simulation.run(until: { $0.counts[.healthy] == 1 })
        simulation.perform(try simulation.machine.abort(by: "bob", reason: "", at: simulation.moment))
        let before = simulation.rollout
        simulation.run(600, until: { _ in false })
        #expect(simulation.rollout == before)
        #expect(simulation.agents.count { $0.running == SimulatedAgent.new } == 1)
        let moment = simulation.moment
        #expect(throws: RolloutError.self) { try simulation.machine.resume(by: "bob", at: moment) }
        #expect(throws: RolloutError.self) { try simulation.machine.abort(by: "bob", reason: "", at: moment) }
        #expect(throws: RolloutError.self) { try simulation.machine.promote(by: "bob", at: moment) }
        #expect(throws: RolloutError.self) {
            try simulation.machine.rollBack(by: "bob", reason: "", at: moment)
        }
        #expect(simulation.machine.supersede(by: "r2", actor: "bob", at: moment).isEmpty)
    }

    @Test func `in an emergency the author goes on alone with a reason, which stays for ever`() throws {
        let simulation = try simulation(more: "approval: true")
        let moment = simulation.moment
        #expect(throws: RolloutError.self) {
            try simulation.machine.breakGlass(by: "ada-pc", owner: "ada", reason: " \n", at: moment)
        }
        #expect(simulation.rollout.state == .awaitingApproval)
        simulation.perform(
            try simulation.machine.breakGlass(by: "ada-pc", owner: "ada", reason: "fire", at: moment))
        #expect(throws: RolloutError.self) {
            try simulation.machine.breakGlass(by: "ada-pc", owner: "ada", reason: "again", at: moment)
        }
        #expect(simulation.rollout.approver == nil)
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
        let glass = BrokenGlass(actor: "ada-pc", owner: "ada", reason: "fire", time: moment.time)
        #expect(simulation.rollout.brokenGlass == glass)
        #expect(simulation.rollout.events.count { $0.kind == .brokenGlass && $0.actor == "ada-pc" } == 1)
        #expect(try Rollout(head: simulation.rollout.headTree).brokenGlass == glass)
    }

    @Test func `the author cannot approve, and nothing happens before somebody else does`() throws {
        let simulation = try simulation(more: "approval: true")
        #expect(simulation.rollout.state == .awaitingApproval)
        simulation.run(100, until: { _ in false })
        #expect(simulation.asked.isEmpty)
        let moment = simulation.moment
        #expect(throws: RolloutError.self) { try simulation.machine.approve(by: "ada", at: moment) }
        simulation.perform(try simulation.machine.approve(by: "bob", at: moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
        #expect(simulation.rollout.approver == "bob")
    }

    @Test func `an agent that could not run it ends the rollout before anybody has it`() throws {
        let simulation = try simulation()
        simulation.refusal = "exporters::kafka: unknown component"
        #expect(simulation.run())
        #expect(simulation.rollout.state == .aborted)
        #expect(simulation.rollout.reason.contains("unknown component"))
        #expect(simulation.agents.allSatisfy { $0.facts.assignment?.revision == SimulatedAgent.old })
    }

    @Test func `agents that do not answer pause the rollout, and it may go on without their answer`() throws {
        let simulation = try simulation()
        simulation.answers = false
        #expect(simulation.run())
        #expect(simulation.rollout.state == .paused)
        #expect(simulation.rollout.reason.contains("did not say"))
        simulation.perform(try simulation.machine.resume(by: "bob", at: simulation.moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
    }

    @Test func `a failed agent is tried again when a person asks for it, and not before`() throws {
        let simulation = try simulation([.refuses], more: "on_failure: pause")
        #expect(simulation.run())
        let uid = try #require(simulation.rollout.members.first).uid
        let index = try #require(simulation.agents.firstIndex { $0.facts.uid == uid })
        simulation.run(300, until: { _ in false })
        #expect(simulation.agents[index].running == SimulatedAgent.old)
        for place in simulation.agents.indices { simulation.agents[place].temper = .good }
        simulation.perform(try simulation.machine.retry(uid, by: "bob", at: simulation.moment))
        simulation.perform(try simulation.machine.resume(by: "bob", at: simulation.moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
    }

    @Test func `a stage that was taken back may be tried again`() throws {
        var fleet = (1...20).map { SimulatedAgent($0, .dropsEverything) }
        fleet[0].temper = .good
        fleet[0].facts.labels["canary"] = "true"
        let simulation = try Simulation(fleet, threeStages + "\non_failure: rollback_stage")
        #expect(simulation.run())
        #expect(simulation.rollout.state == .paused)
        for index in simulation.agents.indices { simulation.agents[index].temper = .good }
        simulation.perform(try simulation.machine.resume(by: "bob", at: simulation.moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
    }

    @Test func `a frozen rollout stands still, and blames no agent for its silence`() throws {
        let simulation = try simulation(count: 40)
        simulation.run(until: { $0.currentStage == 1 && $0.counts[.applying] > 0 })
        simulation.isFrozen = true
        for index in simulation.agents.indices {
            simulation.agents[index].offlineUntil = simulation.time + 900_000_000_000
        }
        simulation.run(900, until: { _ in false })
        #expect(simulation.rollout.state == .frozen)
        simulation.isFrozen = false
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
    }

    @Test func `late agents join the last stage, or at once where their stage has passed`() throws {
        for (word, isAtOnce) in [("wait", false), ("join_if_passed", true)] {
            let fleet = (1...10).map { SimulatedAgent($0) }
            let yaml = """
                target: edge@2
                plan: [{size: 90%, bake: 900s}, {size: 100%, bake: 5s}]
                late_joiners: \(word)
                """
            let simulation = try Simulation(fleet, yaml)
            simulation.run(until: { $0.counts[.healthy] == 9 })
            let late = (11...30).map { SimulatedAgent($0) }
            for agent in late { simulation.add(agent) }
            simulation.perform(
                simulation.machine.join(late.map { Simulation.candidate($0) }, at: simulation.moment))
            simulation.run(100, until: { _ in false })
            let running = simulation.agents.suffix(20).count { $0.running == SimulatedAgent.new }
            #expect(isAtOnce ? running > 10 : running == 0)
            #expect(simulation.run())
            #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
            #expect(simulation.agents.allSatisfy { $0.running == SimulatedAgent.new })
        }
    }

    @Test func `a draft does nothing until it is begun`() throws {
        let simulation = try simulation(begun: false)
        simulation.run(100, until: { _ in false })
        #expect(simulation.rollout.state == .draft)
        simulation.perform(try simulation.machine.begin(by: "ada", at: simulation.moment))
        #expect(simulation.run())
        #expect(simulation.rollout.state == .succeeded)
    }
}
