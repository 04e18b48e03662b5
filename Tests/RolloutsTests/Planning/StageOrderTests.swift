import FleetModel
import OpAMP
import Settings
import Testing

@testable import Rollouts

@Suite struct StageOrderTests {
    private func rollout(
        _ plan: String, id: String = "r1", count: Int = 1000,
        labels: (Int) -> [String: String] = { _ in [:] },
        offline: (Int) -> Bool = { _ in false }
    ) throws -> Rollout {
        let spec = try RolloutSpec.decode(yaml: "{target: edge@2, plan: \(plan)}")
        let candidates = (1...count).map { number in
            Candidate(
                uid: InstanceUID(high: 1, low: UInt64(number)), isConnected: !offline(number),
                labels: labels(number), previous: nil)
        }
        return try Rollout(id: id, spec: spec, author: "ada", candidates: candidates, time: 1)
    }

    private func uids(_ rollout: Rollout, upTo stage: Int) -> [InstanceUID] {
        rollout.members.filter { $0.stage <= stage }.map(\.uid)
    }

    @Test func `a larger share keeps those who are in already`() throws {
        let plan = "[{size: 1}, {size: 1%}, {size: 10%→50%→100%}]"
        let rollout = try rollout(plan)
        #expect(rollout.stages.map(\.size) == [1, 9, 90, 400, 500])
        #expect(rollout.stages.map(\.name) == ["stage 1", "stage 2", "stage 3", "stage 4", "stage 5"])
        // A plan that goes further at once begins with the same agents.
        let coarse = try self.rollout("[{size: 10%}, {size: 100%}]")
        #expect(Set(uids(coarse, upTo: 0)) == Set(uids(rollout, upTo: 2)))
    }

    @Test func `the order is the same each time, and another for another rollout`() throws {
        let first = try rollout("[{size: 100%}]").members.map(\.uid)
        #expect(try rollout("[{size: 100%}]").members.map(\.uid) == first)
        let other = try rollout("[{size: 100%}]", id: "r2").members.map(\.uid)
        #expect(other != first)
        #expect(Set(other) == Set(first))
        // Not the same agents are always the first.
        let canaries = try (1...200).map {
            try rollout("[{size: 1}]", id: "r\($0)", count: 20).members[0].uid
        }
        #expect(Set(canaries).count > 15)
    }

    @Test func `canaries come first, and those that are offline last`() throws {
        let rollout = try rollout(
            "[{size: 3}, {size: 100%}]", count: 100,
            labels: { [5, 50, 70].contains($0) ? ["canary": "true"] : [:] }, offline: { $0 % 10 == 0 })
        #expect(rollout.members[0].uid == InstanceUID(high: 1, low: 5))
        #expect(rollout.members.prefix(90).allSatisfy { $0.isConnected })
        #expect(Set(rollout.members[90...91].map(\.uid.low)) == [50, 70])
    }

    @Test func `a stage grows until each value of a label has its agents`() throws {
        let rollout = try rollout(
            "[{size: 1, min_per_label: {region: 2}}, {size: 100%}]", count: 300,
            labels: { ["region": ["eu", "us", "asia"][$0 % 3]] })
        #expect(rollout.stages.map(\.size) == [6, 294])
        let regions = Dictionary(grouping: rollout.members.prefix(6)) { $0.uid.low % 3 }
        #expect(regions.values.allSatisfy { $0.count == 2 })
    }

    @Test func `a stage with a selector adds those that it chooses`() throws {
        let rollout = try rollout(
            "[{size: 10}, {size: 'region=eu'}, {size: 100%}]", count: 100,
            labels: { ["region": $0 <= 40 ? "eu" : "us"] })
        let eu = Set((1...40).map { InstanceUID(high: 1, low: UInt64($0)) })
        #expect(eu.isSubset(of: uids(rollout, upTo: 1)))
        #expect(rollout.stages.map(\.size).reduce(0, +) == 100)
    }

    @Test func `agents that cannot take part are listed with their reason and belong to no number`() throws {
        let spec = try RolloutSpec.decode(yaml: "{target: edge@2, plan: [{size: 100%}]}")
        let candidates = (1...4).map { number in
            Candidate(
                uid: InstanceUID(high: 1, low: UInt64(number)), isConnected: true, labels: [:], previous: nil,
                exclusion: number == 2 ? "does not take configurations" : nil)
        }
        let rollout = try Rollout(id: "r", spec: spec, author: "ada", candidates: candidates, time: 1)
        #expect(rollout.counts.total == 3)
        #expect(rollout.counts[.excluded] == 1)
        #expect(rollout.reason(ofMember: 3) == "does not take configurations")
        #expect(throws: RolloutError.self) {
            try Rollout(id: "r", spec: spec, author: "ada", candidates: [candidates[1]], time: 1)
        }
        #expect(throws: RolloutError.self) {
            try Rollout(id: "r", spec: spec, author: "ada", candidates: [], time: 1)
        }
    }
}
