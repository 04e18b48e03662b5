import Pipeline
import PipelineTesting
import Prometheus
import Settings
import Synchronization
import Testing
import Transport

@testable import Receivers

@Suite(.timeLimit(.minutes(2))) struct KubernetesDiscoveryTests {
    /// An API server with fixed lists and events, by path.
    private static func server(
        _ lists: [String: String], events: [String: String] = [:]
    ) async throws -> PageServer {
        try await PageServer { request, _ in
            if request.query?.contains("watch=true") == true {
                // Once; later watches are silent.
                let isFirst = request.query?.contains("resourceVersion=1&") == true
                return PageServer.page(isFirst ? events[request.path] ?? "" : "", type: "application/json")
            }
            guard let items = lists[request.path] else {
                return PageServer.page("{\"message\":\"not found\"}", type: "application/json", status: 404)
            }
            return PageServer.page(
                "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[\(items)]}", type: "application/json")
        }
    }

    /// What is found, when that is what is waited for.
    private static func look(
        _ yaml: String, _ server: PageServer, until isDone: ([TargetGroup]) -> Bool = { _ in true }
    ) async throws -> [TargetGroup] {
        let surroundings = Harness()
        let settings = try KubernetesDiscoverySettings.decode(
            yaml: "{api_server: 'http://\(server.address)', \(yaml)}")
        let discovery = try KubernetesDiscovery(settings, in: surroundings.context(.receiver, "prometheus"))
        let (updates, update) = AsyncStream<DiscoveryUpdate>.makeStream()
        let work = Task { await discovery.run { update.yield($0) } }
        var groups: [TargetGroup] = []
        for await next in updates {
            guard case .all(let found) = next else { continue }
            groups = found
            if isDone(found) { break }
            // What came in the meantime is told after a pause.
            await surroundings.clock.waitForSleepers(2)
            surroundings.clock.advance(by: .seconds(5))
        }
        work.cancel()
        await work.value
        return groups
    }

    private static let pod = """
        {"metadata":{"name":"web-1","namespace":"prod","uid":"u1","labels":{"app":"web","a.b/c":"d"},\
        "annotations":{"x":"y"},"ownerReferences":[{"kind":"ReplicaSet","name":"web","controller":true}]},\
        "spec":{"nodeName":"n1","containers":[{"name":"main","image":"i:1","ports":[\
        {"name":"http","containerPort":8080,"protocol":"TCP"},{"name":"m","containerPort":9090}]},\
        {"name":"side","image":"s"}]},\
        "status":{"podIP":"10.0.0.5","hostIP":"192.168.0.1","phase":"Running",\
        "conditions":[{"type":"Ready","status":"True"}],\
        "containerStatuses":[{"name":"main","containerID":"containerd://1"}]}}
        """
    private static let node = """
        {"metadata":{"name":"n1","labels":{"zone":"z"}},"spec":{"providerID":"p"},"status":{"addresses":[\
        {"type":"Hostname","address":"n1.local"},{"type":"InternalIP","address":"192.168.0.1"}],\
        "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}
        """
    private static let service = """
        {"metadata":{"name":"web","namespace":"prod","labels":{"tier":"front"}},"spec":{"type":"ClusterIP",\
        "clusterIP":"10.1.0.1","ports":[{"name":"http","port":80,"protocol":"TCP"}]}}
        """

    @Test func `pods have a target for each port of each container`() async throws {
        let server = try await Self.server(["/api/v1/pods": Self.pod])
        let group = try #require(try await Self.look("role: pod", server).first)
        #expect(
            group.targets.map { $0["__address__"] } == ["10.0.0.5:8080", "10.0.0.5:9090", "10.0.0.5"])
        #expect(group.labels["__meta_kubernetes_namespace"] == "prod")
        #expect(group.labels["__meta_kubernetes_pod_label_app"] == "web")
        #expect(group.labels["__meta_kubernetes_pod_labelpresent_a_b_c"] == "true")
        #expect(group.labels["__meta_kubernetes_pod_annotation_x"] == "y")
        #expect(group.labels["__meta_kubernetes_pod_controller_kind"] == "ReplicaSet")
        #expect(group.labels["__meta_kubernetes_pod_ready"] == "true")
        #expect(group.targets[0]["__meta_kubernetes_pod_container_port_name"] == "http")
        #expect(group.targets[0]["__meta_kubernetes_pod_container_id"] == "containerd://1")
        #expect(group.targets[2]["__meta_kubernetes_pod_container_name"] == "side")
        await server.stop()
    }

    @Test func `nodes are scraped at their kubelets`() async throws {
        let server = try await Self.server(["/api/v1/nodes": Self.node])
        let group = try #require(try await Self.look("role: node", server).first)
        #expect(group.targets.map { $0["__address__"] } == ["192.168.0.1:10250"])
        #expect(group.targets.first?["instance"] == "n1")
        #expect(group.targets.first?["__meta_kubernetes_node_address_Hostname"] == "n1.local")
        #expect(group.labels["__meta_kubernetes_node_label_zone"] == "z")
        await server.stop()
    }

    @Test func `services have their names in the cluster`() async throws {
        let server = try await Self.server(["/api/v1/namespaces/prod/services": Self.service])
        let groups = try await Self.look("role: service, namespaces: {names: [prod]}", server)
        let target = try #require(groups.first?.targets.first)
        #expect(target["__address__"] == "web.prod.svc:80")
        #expect(target["__meta_kubernetes_service_cluster_ip"] == "10.1.0.1")
        #expect(groups.first?.labels["__meta_kubernetes_service_label_tier"] == "front")
        await server.stop()
    }

    @Test func `endpoints have the labels of their service, pod and node`() async throws {
        let endpoints = """
            {"metadata":{"name":"web","namespace":"prod"},"subsets":[{"addresses":[{"ip":"10.0.0.5",\
            "nodeName":"n1","targetRef":{"kind":"Pod","name":"web-1","namespace":"prod"}}],\
            "notReadyAddresses":[{"ip":"10.0.0.6"}],"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}]}
            """
        let server = try await Self.server([
            "/api/v1/endpoints": endpoints, "/api/v1/pods": Self.pod, "/api/v1/services": Self.service,
            "/api/v1/nodes": Self.node,
        ])
        let groups = try await Self.look("role: endpoints, attach_metadata: {node: true}", server)
        let group = try #require(groups.first)
        #expect(
            group.targets.map { $0["__address__"] } == ["10.0.0.5:8080", "10.0.0.6:8080", "10.0.0.5:9090"])
        let first = group.targets[0]
        #expect(first["__meta_kubernetes_endpoint_ready"] == "true")
        #expect(first["__meta_kubernetes_pod_container_name"] == "main")
        #expect(first["__meta_kubernetes_node_label_zone"] == "z")
        #expect(group.targets[1]["__meta_kubernetes_endpoint_ready"] == "false")
        #expect(group.labels["__meta_kubernetes_service_name"] == "web")
        await server.stop()
    }

    @Test func `slices of endpoints belong to the service that they name`() async throws {
        let slice = """
            {"metadata":{"name":"web-x","namespace":"prod","labels":{"kubernetes.io/service-name":"web"}},\
            "addressType":"IPv4","ports":[{"name":"http","port":8080}],\
            "endpoints":[{"addresses":["10.0.0.5"],\
            "conditions":{"ready":true,"serving":true},"targetRef":{"kind":"Pod","name":"web-1"}}]}
            """
        let server = try await Self.server([
            "/apis/discovery.k8s.io/v1/endpointslices": slice, "/api/v1/pods": Self.pod,
            "/api/v1/services": Self.service,
        ])
        let group = try #require(try await Self.look("role: endpointslice", server).first)
        #expect(group.labels["__meta_kubernetes_service_label_tier"] == "front")
        #expect(group.targets.first?["__meta_kubernetes_endpointslice_endpoint_conditions_ready"] == "true")
        #expect(group.targets.first?["__meta_kubernetes_pod_name"] == "web-1")
        await server.stop()
    }

    @Test func `paths of an ingress are targets`() async throws {
        let ingress = """
            {"metadata":{"name":"i","namespace":"prod"},"spec":{"ingressClassName":"nginx",\
            "tls":[{"hosts":["*.example.org"]}],"rules":[{"host":"a.example.org","http":{"paths":[\
            {"path":"/x"},{"path":"/y"}]}},{"host":"other.org"}]}}
            """
        let server = try await Self.server(["/apis/networking.k8s.io/v1/ingresses": ingress])
        let group = try #require(try await Self.look("role: ingress", server).first)
        #expect(
            group.targets.map {
                $0["__meta_kubernetes_ingress_scheme"] + " " + $0["__meta_kubernetes_ingress_path"]
            } == ["https /x", "https /y", "http /"])
        await server.stop()
    }

    @Test func `what changes is watched`() async throws {
        let gone = "{\"type\":\"DELETED\",\"object\":\(Self.node)}\n"
        let added = Self.node.replacing("\"n1\"", with: "\"n2\"")
        let events = "{\"type\":\"ADDED\",\"object\":\(added)}\n" + gone
        let server = try await Self.server(
            ["/api/v1/nodes": Self.node], events: ["/api/v1/nodes": events])
        let groups = try await Self.look(
            "role: node, selectors: [{role: node, label: 'a=b'}]", server
        ) { $0.map(\.source) == ["node/n2"] }
        #expect(groups.first?.targets.count == 1)
        let first = try #require(server.asked.first?.query)
        #expect(first == "labelSelector=a%3Db&limit=500")
        await server.stop()
    }

    @Test func `a server that refuses is told of`() async throws {
        let server = try await Self.server([:])
        let surroundings = Harness()
        let settings = try KubernetesDiscoverySettings.decode(
            yaml: "{role: pod, api_server: 'http://\(server.address)'}")
        let discovery = try KubernetesDiscovery(settings, in: surroundings.context(.receiver, "prometheus"))
        let (updates, update) = AsyncStream<DiscoveryUpdate>.makeStream()
        let work = Task { await discovery.run { update.yield($0) } }
        var iterator = updates.makeAsyncIterator()
        guard case .failed(let reason)? = await iterator.next() else { throw Missing() }
        #expect(reason == "pod: the API server answers with the status 404, not 200: not found")
        work.cancel()
        await work.value
        await server.stop()
    }

    @Test func `a namespace that is named twice is looked at once`() async throws {
        let server = try await Self.server(["/api/v1/namespaces/prod/services": Self.service])
        let groups = try await Self.look("role: service, namespaces: {names: [prod, prod]}", server)
        #expect(groups.map(\.source) == ["svc/prod/web"])
        #expect(KubernetesDiscovery.places(["a", "b"], own: "a") == ["a", "b"])
        #expect(KubernetesDiscovery.places([], own: "a") == ["a"])
        #expect(KubernetesDiscovery.places([], own: nil) == [nil])
        await server.stop()
    }

    @Test func `a watch that gets no answer is begun again`() async throws {
        let server = try await PageServer { request, _ in
            if request.query?.contains("watch=true") == true { return nil }
            let list = "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[\(Self.node)]}"
            return PageServer.page(list, type: "application/json")
        }
        let surroundings = Harness()
        let settings = try KubernetesDiscoverySettings.decode(
            yaml: "{role: node, api_server: 'http://\(server.address)'}")
        let discovery = try KubernetesDiscovery(settings, in: surroundings.context(.receiver, "prometheus"))
        let (updates, update) = AsyncStream<DiscoveryUpdate>.makeStream()
        let work = Task { await discovery.run { update.yield($0) } }
        var iterator = updates.makeAsyncIterator()
        guard case .all(let groups)? = await iterator.next() else { throw Missing() }
        #expect(groups.map(\.source) == ["node/n1"])
        // The one who waits for more changes, and the one who waits for the answer.
        await surroundings.clock.waitForSleepers(2)
        surroundings.clock.advance(by: .seconds(60))
        guard case .failed(let reason)? = await iterator.next() else { throw Missing() }
        #expect(reason.contains("has not answered in time"), "\(reason)")
        work.cancel()
        await work.value
        await server.stop()
    }

    @Test func `of objects only what targets are made of is kept, up to a number of bytes`() throws {
        let long = String(repeating: "x", count: 1000)
        let pod = Self.pod.replacing("\"image\":\"i:1\"", with: "\"image\":\"i:1\",\"env\":[\"\(long)\"]")
        let (slim, full) = (try Self.object(Self.pod), try Self.object(pod))
        #expect(slim == full)
        let store = KubernetesStore(limits: .init(objects: 10, bytes: slim.byteCount * 2))
        store.put(.pod, slim)
        store.put(.pod, slim)
        #expect(!store.isFull)
        for number in 0..<3 {
            store.put(.pod, try Self.object(Self.pod.replacing("web-1", with: "web-\(number)")))
        }
        #expect(store.objects(.pod).count == 2 && store.isFull)
        store.remove(.pod, slim)
        store.put(.pod, try Self.object(Self.pod.replacing("web-1", with: "web-7")))
        #expect(store.objects(.pod).keys.sorted() == ["prod/web-0", "prod/web-7"])
    }

    private static func object(_ text: String) throws -> KubernetesObject {
        KubernetesObject(try JSONParser.parse(Array(text.utf8), limit: 1 << 20))
    }

    private struct Missing: Error {}
}
