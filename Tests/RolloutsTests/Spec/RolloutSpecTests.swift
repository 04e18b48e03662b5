import FleetModel
import Settings
import Testing

@testable import Rollouts

@Suite struct RolloutSpecTests {
    private static let full = """
        selector: env=prod, region in (eu, us)
        target: config/edge-logs@17
        plan:
          - {stage: canary, size: 1, bake: 5m}
          - {name: small, size: 1%, bake: 10m, min_per_label: {region: 1}}
          - {name: ramp, size: 10%→50%→100%, bake: 15m, max_parallel: 200, rate: 50/s}
        gate:
          min_healthy_time: 30s
          healthy_deadline: 3m
          progress_deadline: 30m
          max_failures: 1% | 3
          max_lost: 5
          error_budget: 2%
          analysis: [accepted, delivered, export_failures]
          on_inconclusive: pass
          offline: ignore
        on_failure: rollback_stage
        rollback: {max_parallel: 10%, rate: 10/m}
        confirm: {mode: server, deadline: 90s}
        validate: {agents: 2, timeout: 10s}
        window: ["Mon-Thu 08:00-16:00 Europe/Berlin", "Sat 22:00-04:00"]
        blast_radius: {max_agents: 5%, max_per_label: {zone: 1}, shared_budget: prod}
        late_joiners: join_if_passed
        expect: drop
        approval: true
        supersedes: [r1]
        ignore_bad: true
        note: because
        """

    @Test func `everything that can be written is read, and written again the same`() throws {
        let spec = try RolloutSpec.decode(yaml: Self.full)
        #expect(spec.reference == RevisionReference("edge-logs", 17))
        #expect(spec.gate.maximumFailures.allowed(of: 1000) == 3)
        #expect(spec.gate.maximumFailures.allowed(of: 100) == 1)
        #expect(spec.gate.maximumFailures.allowed(of: 99) == 0)
        #expect(spec.windows.texts.count == 2)
        let tree = try #require(spec.tree(.revealed))
        let text = try Tree(json: tree.json(), source: ConfigurationSource(.builtIn, "test"))
        #expect(RolloutSpec.decode(text).value == spec)
    }

    @Test(arguments: [
        ("plan: [{size: 1}]", "target"), ("target: edge@2", "plan"),
        ("{target: edge@latest, plan: [{size: 1}]}", "must name a configuration"),
        ("{target: edge@2, plan: []}", "no stages"),
        ("{target: edge@2, plan: [{size: 10%}, {size: 5%}]}", "become smaller"),
        ("{target: edge@2, plan: [{size: 10}, {size: 5}]}", "become smaller"),
        ("{target: edge@2, plan: [{size: 0}]}", "without agents"),
        ("{target: edge@2, plan: [{size: 120%}]}", "size of a stage"),
        ("{target: edge@2, plan: [{size: 10%→x}]}", "ramp"),
        ("{target: edge@2, plan: [{size: 1, rate: fast}]}", "rate"),
        ("{target: edge@2, plan: [{size: 1}], window: sometimes}", "window"),
        ("{target: edge@2, plan: [{size: 1}], selector: 'a=(b'}", "selector"),
        ("{target: edge@2, plan: [{size: 1}], gate: {max_failures: many}}", "share"),
        ("{target: edge@2, plan: [{size: 1}], gate: {min_healthy_time: 10m}}", "shorter than"),
        ("{target: edge@2, plan: [{size: 1}], blast_radius: {max_agents: 0}}", "lets no agent change"),
        ("{target: edge@2, plan: [{size: 1}], gates: {}}", "unknown key"),
    ])
    func `what cannot be meant is refused with its place`(yaml: String, part: String) throws {
        let error = #expect(throws: InvalidSettings.self) { try RolloutSpec.decode(yaml: yaml) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("7%", 100, 7), ("1%", 1, 1), ("50%", 3, 2), ("100%", 17, 17), ("3", 2, 2), ("0.5%", 1000, 5),
    ])
    func `shares are rounded up and never more than there are`(text: String, total: Int, number: Int) throws {
        #expect(try #require(AgentCount(text)).of(total) == number)
    }

    @Test(arguments: [("50/s", 50.0), ("120/m", 2), ("3600/h", 1), ("2.5", 2.5)])
    func `rates have units`(text: String, perSecond: Double) throws {
        #expect(try #require(AssignmentRate(text)).perSecond == perSecond)
    }

    @Test(arguments: ["", "0", "-1/s", "5/d", "x/s", "1/2/s", "1000000/s"])
    func `what is no rate is none`(text: String) { #expect(AssignmentRate(text) == nil) }
}
