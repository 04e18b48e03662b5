import Telemetry
import Testing

@testable import Prometheus

@Suite struct ScrapeTargetTests {
    @Test func `a node that several labels name is one attribute`() {
        let target = ScrapeTarget(
            labels: ["job": "j", "instance": "i:1"],
            discovered: [
                "__meta_kubernetes_pod_node_name": "n1", "__meta_kubernetes_node_name": "n1",
                "__meta_kubernetes_pod_ready": "true",
            ])
        let attributes = target.attributes(job: "j", instance: "i:1")
        #expect(attributes.filter { $0.0.name == "k8s.node.name" }.map { $0.1 } == ["n1"])
        // What no attribute shows is not kept.
        #expect(target.discovered["__meta_kubernetes_pod_ready"].isEmpty)
    }
}
