internal import Pipeline
internal import Prometheus

/// Makes targets of objects, with the labels that Prometheus gives them.
///
/// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
struct KubernetesTargets: Sendable {
    let store: KubernetesStore
    let attachesNodes: Bool

    /// The groups of a role, one for each object.
    func groups(_ role: KubernetesDiscoverySettings.Role) -> [TargetGroup] {
        switch role {
        case .node: store.objects(.node).values.map(node)
        case .pod: store.objects(.pod).values.map(pod)
        case .service: store.objects(.service).values.map(service)
        case .endpoints: endpoints(.endpoints)
        case .endpointslice: endpoints(.endpointslice)
        case .ingress: store.objects(.ingress).values.map(ingress)
        }
    }

    private func node(_ object: KubernetesObject) -> TargetGroup {
        var group = TargetGroup(source: "node/\(object.key)")
        group.labels["__meta_kubernetes_node_name"] = object.name
        group.labels["__meta_kubernetes_node_provider_id"] = object.content["spec"]?["providerID"]?.text ?? ""
        object.addMetadata("node", to: &group.labels)
        let addresses = KubernetesObject.list(object.content["status"]?["addresses"])
        func address(_ type: String) -> String? {
            addresses.first { $0["type"]?.text == type }?["address"]?.text
        }
        let kinds = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"]
        guard let host = kinds.lazy.compactMap({ address($0) }).first else { return group }
        let endpoint = object.content["status"]?["daemonEndpoints"]?["kubeletEndpoint"]
        let port = endpoint?["Port"]?.integer ?? 10250
        var target: LabelSet = [
            LabelNames.address: Self.join(host, "\(port)"), LabelNames.instance: object.name,
        ]
        for entry in addresses {
            guard let type = entry["type"]?.text, let value = entry["address"]?.text else { continue }
            let name = "__meta_kubernetes_node_address_\(KubernetesObject.sanitized(type))"
            if target[name].isEmpty { target[name] = value }
        }
        group.targets = [target]
        return group
    }

    private func service(_ object: KubernetesObject) -> TargetGroup {
        var group = TargetGroup(source: "svc/\(object.key)")
        addService(object, to: &group.labels)
        let spec = object.content["spec"]
        let host = "\(object.name).\(object.namespace).svc"
        for port in KubernetesObject.list(spec?["ports"]) {
            var target: LabelSet = [
                LabelNames.address: Self.join(host, "\(port["port"]?.integer ?? 0)"),
                "__meta_kubernetes_service_port_name": port["name"]?.text ?? "",
                "__meta_kubernetes_service_port_number": "\(port["port"]?.integer ?? 0)",
                "__meta_kubernetes_service_port_protocol": port["protocol"]?.text ?? "",
                "__meta_kubernetes_service_type": spec?["type"]?.text ?? "",
            ]
            if spec?["type"]?.text == "ExternalName" {
                target["__meta_kubernetes_service_external_name"] = spec?["externalName"]?.text ?? ""
            } else {
                target["__meta_kubernetes_service_cluster_ip"] = spec?["clusterIP"]?.text ?? ""
            }
            if spec?["type"]?.text == "LoadBalancer" {
                target["__meta_kubernetes_service_loadbalancer_ip"] = spec?["loadBalancerIP"]?.text ?? ""
            }
            group.targets.append(target)
        }
        return group
    }

    func addService(_ object: KubernetesObject, to labels: inout LabelSet) {
        labels["__meta_kubernetes_namespace"] = object.namespace
        labels["__meta_kubernetes_service_name"] = object.name
        object.addMetadata("service", to: &labels)
    }

    private func ingress(_ object: KubernetesObject) -> TargetGroup {
        var group = TargetGroup(source: "ingress/\(object.key)")
        group.labels["__meta_kubernetes_namespace"] = object.namespace
        group.labels["__meta_kubernetes_ingress_name"] = object.name
        group.labels["__meta_kubernetes_ingress_class_name"] =
            object.content["spec"]?["ingressClassName"]?.text ?? ""
        object.addMetadata("ingress", to: &group.labels)
        let spec = object.content["spec"]
        let hosts = KubernetesObject.list(spec?["tls"]).flatMap {
            KubernetesObject.list($0["hosts"]).compactMap(\.text)
        }
        for rule in KubernetesObject.list(spec?["rules"]) {
            let host = rule["host"]?.text ?? ""
            let scheme = hosts.contains { Self.matches(host, $0) } ? "https" : "http"
            let paths = KubernetesObject.list(rule["http"]?["paths"]).map { $0["path"]?.text ?? "/" }
            for path in paths.isEmpty ? ["/"] : paths {
                group.targets.append([
                    LabelNames.address: host, "__meta_kubernetes_ingress_scheme": scheme,
                    "__meta_kubernetes_ingress_host": host, "__meta_kubernetes_ingress_path": path,
                ])
            }
        }
        return group
    }

    /// Whether a host is one that a certificate is for, which may begin with `*.`.
    private static func matches(_ host: String, _ pattern: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return host == pattern }
        guard let point = host.firstIndex(of: "."), point > host.startIndex else { return false }
        return host[point...] == pattern.dropFirst()
    }

    static func join(_ host: String, _ port: String) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
