internal import Telemetry

/// A target as its telemetry shows it.
public struct ScrapeTarget: Sendable, Hashable {
    /// The labels that its series get: those without `__` after relabeling.
    public let labels: LabelSet
    /// `http` or `https`.
    public let scheme: String
    /// What discovery found out about it, as far as the resource shows it: some labels of Kubernetes.
    public let discovered: LabelSet

    public init(labels: LabelSet, scheme: String = "http", discovered: LabelSet = LabelSet()) {
        self.labels = labels
        self.scheme = scheme
        self.discovered = LabelSet(discovered.labels.filter { Self.shown.contains($0.name) })
    }

    /// Attributes of the resource for some job and instance, as otelcol gives them.
    func attributes(job: String, instance: String) -> [(AttributeKey, String)] {
        let (host, port) = Self.split(instance)
        var attributes: [(AttributeKey, String)] = [("service.name", job)]
        if Self.isDiscernible(host) { attributes.append(("server.address", host)) }
        attributes.append(("service.instance.id", instance))
        attributes.append(("server.port", port))
        attributes.append(("url.scheme", scheme))
        for (label, attribute) in Self.kubernetes where !discovered[label].isEmpty {
            // Several say which node it is; the first counts.
            let isThere = attributes.contains { $0.0 == attribute }
            if !isThere { attributes.append((attribute, discovered[label])) }
        }
        if let controller = Self.controllers[discovered[Self.controllerKind]] {
            attributes.append((controller, discovered[Self.controllerName]))
        }
        return attributes.filter { !$0.1.isEmpty }
    }

    private static let controllerKind = "__meta_kubernetes_pod_controller_kind"
    private static let controllerName = "__meta_kubernetes_pod_controller_name"
    private static let shown = Set(kubernetes.map { $0.0 } + [controllerKind, controllerName])

    private static let kubernetes: [(String, AttributeKey)] = [
        ("__meta_kubernetes_pod_name", "k8s.pod.name"), ("__meta_kubernetes_pod_uid", "k8s.pod.uid"),
        ("__meta_kubernetes_pod_container_name", "k8s.container.name"),
        ("__meta_kubernetes_namespace", "k8s.namespace.name"),
        ("__meta_kubernetes_pod_node_name", "k8s.node.name"),
        ("__meta_kubernetes_node_name", "k8s.node.name"),
        ("__meta_kubernetes_endpoint_node_name", "k8s.node.name"),
    ]

    private static let controllers: [String: AttributeKey] = [
        "ReplicaSet": "k8s.replicaset.name", "DaemonSet": "k8s.daemonset.name",
        "StatefulSet": "k8s.statefulset.name", "Job": "k8s.job.name", "CronJob": "k8s.cronjob.name",
    ]

    /// Host and port of an address; the whole is the host when there is no port.
    static func split(_ address: String) -> (host: String, port: String) {
        guard let colon = address.lastIndex(of: ":") else { return (address, "") }
        let (host, port) = (address[..<colon], address[address.index(after: colon)...])
        if host.hasPrefix("["), host.hasSuffix("]") {
            return (String(host.dropFirst().dropLast()), String(port))
        }
        return host.contains(":") ? (address, "") : (String(host), String(port))
    }

    /// Whether a host tells the target from others: not one that every machine has.
    private static func isDiscernible(_ host: String) -> Bool {
        !["", "localhost", "0.0.0.0", "::", "::1"].contains(host) && !isLoopback(host)
    }

    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
