internal import Pipeline
internal import Prometheus

/// An address that a service has, whichever object tells of it.
private struct EndpointAddress {
    let host: String
    let isReady: Bool
    let source: JSONValue
    /// The port; `nil` where the object has none.
    let port: JSONValue?
}

extension KubernetesTargets {
    /// The groups of all objects that tell of endpoints.
    func endpoints(_ kind: KubernetesKind) -> [TargetGroup] {
        let (pods, services) = (store.objects(.pod), store.objects(.service))
        return store.objects(kind).values.map { object in
            var group = TargetGroup(source: "\(kind.rawValue)/\(object.key)")
            group.labels["__meta_kubernetes_namespace"] = object.namespace
            group.labels["__meta_kubernetes_\(kind.rawValue)_name"] = object.name
            object.addMetadata(kind.rawValue, to: &group.labels)
            let owner =
                kind == .endpoints
                ? object.name : object.content["metadata"]?["labels"]?["kubernetes.io/service-name"]?.text
            if let owner, let service = services["\(object.namespace)/\(owner)"] {
                addService(service, to: &group.labels)
            }
            var seen: [String: Set<Int>] = [:]
            let addresses = kind == .endpoints ? Self.ofEndpoints(object) : Self.ofSlice(object)
            for address in addresses {
                group.targets.append(
                    target(address, kind, object, pods: pods, seen: &seen))
            }
            for (key, ports) in seen.sorted(by: { $0.key < $1.key }) {
                if let pod = pods[key] { addOtherPorts(of: pod, besides: ports, to: &group) }
            }
            return group
        }
    }

    private static func ofEndpoints(_ object: KubernetesObject) -> [EndpointAddress] {
        KubernetesObject.list(object.content["subsets"]).flatMap { subset in
            KubernetesObject.list(subset["ports"]).flatMap { port in
                [("addresses", true), ("notReadyAddresses", false)].flatMap { key, isReady in
                    KubernetesObject.list(subset[key]).map {
                        EndpointAddress(
                            host: $0["ip"]?.text ?? "", isReady: isReady, source: $0, port: port)
                    }
                }
            }
        }
    }

    private static func ofSlice(_ object: KubernetesObject) -> [EndpointAddress] {
        let ports = KubernetesObject.list(object.content["ports"])
        return KubernetesObject.list(object.content["endpoints"]).flatMap { endpoint in
            KubernetesObject.list(endpoint["addresses"]).compactMap(\.text).flatMap { host in
                ports.map {
                    EndpointAddress(
                        host: host, isReady: endpoint["conditions"]?["ready"] != .bool(false),
                        source: endpoint, port: $0)
                }
            }
        }
    }

    private func target(
        _ address: EndpointAddress, _ kind: KubernetesKind, _ object: KubernetesObject,
        pods: [String: KubernetesObject], seen: inout [String: Set<Int>]
    ) -> LabelSet {
        let prefix = kind == .endpoints ? "endpoint" : "endpointslice"
        let number = address.port?["port"]?.integer
        var target: LabelSet = [
            LabelNames.address: number.map { Self.join(address.host, "\($0)") } ?? address.host
        ]
        func add(_ name: String, _ value: String?) {
            target["__meta_kubernetes_\(prefix)_\(name)"] = value ?? ""
        }
        add("port_name", address.port?["name"]?.text)
        add("port_protocol", address.port?["protocol"]?.text)
        if kind == .endpoints {
            add("ready", address.isReady ? "true" : "false")
            add("node_name", address.source["nodeName"]?.text)
            add("hostname", address.source["hostname"]?.text)
        } else {
            add("address_type", object.content["addressType"]?.text)
            add("port", number.map { "\($0)" })
            add("port_app_protocol", address.port?["appProtocol"]?.text)
            for condition in ["ready", "serving", "terminating"] {
                if case .bool(let value)? = address.source["conditions"]?[condition] {
                    add("endpoint_conditions_\(condition)", value ? "true" : "false")
                }
            }
            add("endpoint_hostname", address.source["hostname"]?.text)
            add("endpoint_node_name", address.source["nodeName"]?.text)
            add("endpoint_zone", address.source["zone"]?.text)
        }
        let reference = address.source["targetRef"]
        add("address_target_kind", reference?["kind"]?.text)
        add("address_target_name", reference?["name"]?.text)
        if attachesNodes { addNode(named: address.source["nodeName"]?.text ?? "", to: &target) }
        guard reference?["kind"]?.text == "Pod", let name = reference?["name"]?.text else { return target }
        let key = "\(reference?["namespace"]?.text ?? object.namespace)/\(name)"
        guard let pod = pods[key] else { return target }
        addPod(pod, to: &target)
        if attachesNodes { addNode(of: pod, to: &target) }
        seen[key, default: []].insert(number ?? 0)
        addContainer(of: pod, port: number ?? 0, to: &target)
        return target
    }

    /// Adds the container of a pod that has a port.
    private func addContainer(of pod: KubernetesObject, port: Int, to target: inout LabelSet) {
        for (container, isInit) in Self.containers(pod) {
            for entry in KubernetesObject.list(container["ports"])
            where entry["containerPort"]?.integer == port {
                for label in Self.containerLabels(container, of: pod, isInit: isInit).labels {
                    target[label.name] = label.value
                }
                Self.addPort(entry, to: &target)
                return
            }
        }
    }

    /// Adds targets for the ports of a pod that the service does not have.
    private func addOtherPorts(
        of pod: KubernetesObject, besides known: Set<Int>, to group: inout TargetGroup
    ) {
        let status = pod.content["status"]
        guard let host = status?["podIP"]?.text, !host.isEmpty else { return }
        guard !["Succeeded", "Failed"].contains(status?["phase"]?.text) else { return }
        for (container, isInit) in Self.containers(pod) {
            for port in KubernetesObject.list(container["ports"]) {
                guard let number = port["containerPort"]?.integer, !known.contains(number) else { continue }
                var target = Self.containerLabels(container, of: pod, isInit: isInit)
                Self.addPort(port, to: &target)
                target[LabelNames.address] = Self.join(host, "\(number)")
                addPod(pod, to: &target)
                if attachesNodes { addNode(of: pod, to: &target) }
                group.targets.append(target)
            }
        }
    }
}
