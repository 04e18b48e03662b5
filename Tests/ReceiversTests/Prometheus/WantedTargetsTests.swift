import Prometheus
import Settings
import Testing

@testable import Receivers

@Suite struct WantedTargetsTests {
    private static func builder() throws -> TargetBuilder {
        let minute = try #require(PrometheusDuration("1m"))
        return TargetBuilder(
            try JobSettings.decode(yaml: "{job_name: j}"), rules: [], interval: minute, timeout: minute)
    }

    private static func group(_ targets: [LabelSet]) -> TargetGroup {
        TargetGroup(source: "s", targets: targets)
    }

    @Test func `targets beyond the limit are told of`() throws {
        let group = Self.group((1...10).map { ["__address__": "a:\($0)"] })
        let wanted = WantedTargets([group], try Self.builder(), limit: 4)
        #expect(wanted.tasks.count == 4 && wanted.leftOut == 6)
        #expect(wanted.problem == "a job may have 4 targets; those beyond are left out")
        #expect(WantedTargets([group], try Self.builder()).problem == nil)
    }

    @Test func `the first fault is told, with how many there are`() throws {
        let group = Self.group([["__address__": "a:1"], ["__address__": ""], ["__address__": "a/b"]])
        let wanted = WantedTargets([group], try Self.builder())
        #expect(wanted.tasks.count == 1 && wanted.leftOut == 2)
        #expect(wanted.problem?.hasPrefix("the target has no address") == true)
    }

    @Test func `another pod at the same address is another target`() throws {
        func keys(_ name: String, _ value: String) throws -> [String] {
            let target: LabelSet = [
                "__address__": "a:1", "__meta_kubernetes_pod_name": "p", "__meta_kubernetes_pod_uid": "1",
            ]
            var other = target
            other[name] = value
            return WantedTargets([Self.group([target, other])], try Self.builder()).tasks.keys.sorted()
        }
        #expect(try keys("__meta_kubernetes_pod_uid", "2").count == 2)
        #expect(try keys("__meta_kubernetes_pod_node_name", "n").count == 2)
        // What the resource does not show is no reason to begin anew.
        #expect(try keys("__meta_kubernetes_pod_ready", "true").count == 1)
    }
}
