internal import Pipeline
internal import Prometheus

extension KubernetesTargets {
    func pod(_ object: KubernetesObject) -> TargetGroup {
        var group = TargetGroup(source: "pod/\(object.key)")
        let status = object.content["status"]
        // A pod that has no address yet cannot be scraped.
        guard let host = status?["podIP"]?.text, !host.isEmpty else { return group }
        addPod(object, to: &group.labels)
        group.labels["__meta_kubernetes_namespace"] = object.namespace
        if attachesNodes { addNode(of: object, to: &group.labels) }
        for (container, isInit) in Self.containers(object) {
            let ports = KubernetesObject.list(container["ports"])
            if ports.isEmpty {
                var target = Self.containerLabels(container, of: object, isInit: isInit)
                target[LabelNames.address] = host.contains(":") ? "[\(host)]" : host
                group.targets.append(target)
            }
            for port in ports {
                var target = Self.containerLabels(container, of: object, isInit: isInit)
                Self.addPort(port, to: &target)
                target[LabelNames.address] = Self.join(host, "\(port["containerPort"]?.integer ?? 0)")
                group.targets.append(target)
            }
        }
        return group
    }

    /// The containers of a pod, and whether they run before the others.
    static func containers(_ object: KubernetesObject) -> [(JSONValue, isInit: Bool)] {
        let spec = object.content["spec"]
        return KubernetesObject.list(spec?["containers"]).map { ($0, false) }
            + KubernetesObject.list(spec?["initContainers"]).map { ($0, true) }
    }

    static func containerLabels(
        _ container: JSONValue, of object: KubernetesObject, isInit: Bool
    ) -> LabelSet {
        let name = container["name"]?.text ?? ""
        let statuses = KubernetesObject.list(
            object.content["status"]?[isInit ? "initContainerStatuses" : "containerStatuses"])
        let id = statuses.first { $0["name"]?.text == name }?["containerID"]?.text
        return [
            "__meta_kubernetes_pod_container_name": name,
            "__meta_kubernetes_pod_container_image": container["image"]?.text ?? "",
            "__meta_kubernetes_pod_container_id": id ?? "",
            "__meta_kubernetes_pod_container_init": isInit ? "true" : "false",
        ]
    }

    static func addPort(_ port: JSONValue, to target: inout LabelSet) {
        target["__meta_kubernetes_pod_container_port_name"] = port["name"]?.text ?? ""
        target["__meta_kubernetes_pod_container_port_number"] = "\(port["containerPort"]?.integer ?? 0)"
        target["__meta_kubernetes_pod_container_port_protocol"] = port["protocol"]?.text ?? "TCP"
    }

    /// Adds what is known of a pod.
    func addPod(_ object: KubernetesObject, to labels: inout LabelSet) {
        let (spec, status) = (object.content["spec"], object.content["status"])
        labels["__meta_kubernetes_pod_name"] = object.name
        labels["__meta_kubernetes_pod_ip"] = status?["podIP"]?.text ?? ""
        let ready = KubernetesObject.list(status?["conditions"]).first { $0["type"]?.text == "Ready" }
        labels["__meta_kubernetes_pod_ready"] = (ready?["status"]?.text ?? "unknown").lowercased()
        labels["__meta_kubernetes_pod_phase"] = status?["phase"]?.text ?? ""
        labels["__meta_kubernetes_pod_node_name"] = spec?["nodeName"]?.text ?? ""
        labels["__meta_kubernetes_pod_host_ip"] = status?["hostIP"]?.text ?? ""
        labels["__meta_kubernetes_pod_uid"] = object.content["metadata"]?["uid"]?.text ?? ""
        let owner = KubernetesObject.list(object.content["metadata"]?["ownerReferences"]).first {
            $0["controller"] == .bool(true)
        }
        labels["__meta_kubernetes_pod_controller_kind"] = owner?["kind"]?.text ?? ""
        labels["__meta_kubernetes_pod_controller_name"] = owner?["name"]?.text ?? ""
        object.addMetadata("pod", to: &labels)
    }

    func addNode(of pod: KubernetesObject, to labels: inout LabelSet) {
        addNode(named: pod.content["spec"]?["nodeName"]?.text ?? "", to: &labels)
    }

    func addNode(named name: String, to labels: inout LabelSet) {
        guard let node = store.objects(.node)[name] else { return }
        labels["__meta_kubernetes_node_name"] = name
        node.addMetadata("node", to: &labels)
    }
}
