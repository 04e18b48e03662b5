internal import Pipeline

/// What is kept of a value: all of it, or some members, of each element where it is a list.
indirect enum KeptMembers: Sendable {
    case all
    case members([String: KeptMembers])

    static func names(_ names: String...) -> KeptMembers {
        .members(Dictionary(names.map { ($0, .all) }) { $1 })
    }
}

extension KubernetesObject {
    /// What `KubernetesTargets` reads, of objects of all kinds.
    static let kept = KeptMembers.members([
        "metadata": .members([
            "name": .all, "namespace": .all, "resourceVersion": .all, "uid": .all, "labels": .all,
            "annotations": .all, "ownerReferences": .names("controller", "kind", "name"),
        ]),
        "spec": .members([
            // Of nodes and pods.
            "providerID": .all, "nodeName": .all, "containers": container, "initContainers": container,
            // Of services.
            "type": .all, "clusterIP": .all, "externalName": .all, "loadBalancerIP": .all,
            "ports": .names("name", "port", "protocol"),
            // Of an ingress.
            "ingressClassName": .all, "tls": .names("hosts"),
            "rules": .members(["host": .all, "http": .members(["paths": .names("path")])]),
        ]),
        "status": .members([
            "addresses": .all, "daemonEndpoints": .all, "podIP": .all, "hostIP": .all, "phase": .all,
            "conditions": .names("type", "status"), "containerStatuses": .names("name", "containerID"),
            "initContainerStatuses": .names("name", "containerID"),
        ]),
        "subsets": .members([
            "addresses": address, "notReadyAddresses": address, "ports": .names("name", "port", "protocol"),
        ]),
        "addressType": .all, "ports": .names("name", "port", "protocol", "appProtocol"),
        "endpoints": .members([
            "addresses": .all, "conditions": .all, "hostname": .all, "nodeName": .all, "zone": .all,
            "targetRef": .names("kind", "name", "namespace"),
        ]),
    ])

    private static let container = KeptMembers.members([
        "name": .all, "image": .all, "ports": .names("name", "containerPort", "protocol"),
    ])
    private static let address = KeptMembers.members([
        "ip": .all, "hostname": .all, "nodeName": .all, "targetRef": .names("kind", "name", "namespace"),
    ])
}

extension JSONValue {
    /// The value without what is not kept.
    func reduced(to kept: KeptMembers) -> JSONValue {
        guard case .members(let names) = kept else { return self }
        switch self {
        case .object(let members):
            var rest: [String: JSONValue] = [:]
            for (name, kept) in names {
                if let value = members[name] { rest[name] = value.reduced(to: kept) }
            }
            return .object(rest)
        case .array(let elements): return .array(elements.map { $0.reduced(to: kept) })
        case .string, .number, .bool, .null: return self
        }
    }

    /// Bytes that the value takes, about.
    var byteCount: Int {
        switch self {
        case .object(let members):
            members.reduce(64) { $0 + 48 + $1.key.utf8.count + $1.value.byteCount }
        case .array(let elements): elements.reduce(32) { $0 + $1.byteCount }
        case .string(let text), .number(let text): 32 + text.utf8.count
        case .bool, .null: 17
        }
    }
}
