import FleetModel
import OpAMP
import Settings
import Testing

@testable import Rollouts

/// A rollout is what is kept of it.
@Suite struct RestartTests {
    /// Fleets of every kind, some with offline agents and labels.
    private static func fleet(_ seed: UInt64) -> [SimulatedAgent] {
        var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % bound
        }
        let tempers: [SimulatedAgent.Temper] = [
            .refuses, .crashes, .crashLoops(after: 30), .dropsEverything, .wrongPort, .cutsPath, .hangs,
            .breaksComponent,
        ]
        let harm = next(3) == 0 ? nil : tempers[Int(next(UInt64(tempers.count)))]
        return (1...12 + next(20)).map { number in
            var agent = SimulatedAgent(
                number, harm != nil && next(4) == 0 ? harm ?? .good : .good,
                labels: ["zone": "z\(next(3))"])
            if next(8) == 0 {
                agent.offlineUntil = SimulatedAgent.start + (200 + next(600)) * 1_000_000_000
                agent.facts.isConnected = false
            }
            return agent
        }
    }

    private static func yaml(_ seed: UInt64) -> String {
        let failure = ["pause", "rollback_stage", "rollback_all"][Int(seed % 3)]
        return threeStages + """

            on_failure: \(failure)
            blast_radius: {max_per_label: {zone: \(1 + seed % 3)}}
            """
    }

    @Test(arguments: 1...10)
    func `written and read again and again, a rollout comes to the same end`(seed: UInt64)
        throws
    {
        let plain = try Simulation(Self.fleet(seed), Self.yaml(seed))
        let kept = try Simulation(Self.fleet(seed), Self.yaml(seed))
        kept.keptEvery = 7
        plain.run(2000)
        kept.run(2000)
        #expect(kept.rollout.state == plain.rollout.state)
        #expect(kept.rollout.currentStage == plain.rollout.currentStage)
    }

    @Test(arguments: 1...8)
    func `a manager that begins anew at any moment brings the fleet to the same state`(seed: UInt64) throws {
        let plain = try Simulation(Self.fleet(seed), Self.yaml(seed))
        plain.run(3000)
        let restarted = try Simulation(Self.fleet(seed), Self.yaml(seed))
        var step: UInt64 = 0
        restarted.afterStep = { simulation in
            step += 1
            if step % (20 + seed) == 0, !simulation.rollout.state.isTerminal { simulation.restart() }
        }
        restarted.run(3000)
        #expect(restarted.rollout.state == plain.rollout.state, "\(restarted.rollout.reason)")
    }

    @Test(arguments: 11...18)
    func `the share of agents that have it never falls before a way back`(seed: UInt64) throws {
        let simulation = try Simulation(Self.fleet(seed), Self.yaml(seed))
        var least = 0
        simulation.afterStep = { simulation in
            guard simulation.rollout.state == .running else { return }
            let has = simulation.rollout.members.count { $0.phase.hasTarget }
            #expect(has >= least)
            least = has
        }
        simulation.run(2000)
    }

    @Test func `what was kept but not done before a crash is done after it`() throws {
        let simulation = try Simulation((1...5).map { SimulatedAgent($0) }, threeStages)
        simulation.losesActions = true
        #expect(simulation.run())
        #expect(!simulation.losesActions)
        #expect(simulation.rollout.state == .succeeded, "\(simulation.rollout.reason)")
    }

    @Test func `after a restart nobody is changed before the agents are back, or two minutes have passed`()
        throws
    {
        let simulation = try Simulation((1...20).map { SimulatedAgent($0) }, threeStages)
        simulation.run(until: { $0.currentStage == 1 })
        for index in 2..<20 { simulation.agents[index].offlineUntil = simulation.time + 60_000_000_000 }
        simulation.restart()
        #expect(simulation.rollout.state == .pausedRecovery)
        simulation.run(55, until: { _ in false })
        #expect(simulation.rollout.state == .pausedRecovery)
        simulation.run(10, until: { $0.state == .running })
        #expect(simulation.rollout.state == .running)
        for index in 2..<20 { simulation.agents[index].offlineUntil = simulation.time + 400_000_000_000 }
        simulation.restart()
        simulation.run(115, until: { _ in false })
        #expect(simulation.rollout.state == .pausedRecovery)
        simulation.run(10, until: { $0.state != .pausedRecovery })
        #expect(simulation.rollout.state == .running)
    }

    @Test func `text of another version, or with pieces missing, is refused`() throws {
        let simulation = try Simulation((1...5).map { SimulatedAgent($0) }, threeStages)
        var machine = simulation.machine
        let parts = machine.takeParts(all: true)
        #expect(throws: RolloutUnreadable.self) { try Rollout(parts: [:]) }
        #expect(throws: RolloutUnreadable.self) { try Rollout(parts: [RolloutPart.head: .empty]) }
        var byName = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.body) })
        byName["members-0000"] = .table(["uids": .text("x"), "stages": .text("0"), "previous": .text("0")])
        #expect(throws: RolloutUnreadable.self) { try Rollout(parts: byName) }
    }
}
