internal import Pipeline
internal import Prometheus

/// An object of the API, as far as discovery looks at it.
struct KubernetesObject: Sendable, Equatable {
    let content: JSONValue
    /// Bytes that it takes, about.
    let byteCount: Int

    /// Keeps of an object what targets are made of: environment, volumes and managed fields of a pod are
    /// many times as long.
    init(_ content: JSONValue) {
        self.content = content.reduced(to: Self.kept)
        byteCount = self.content.byteCount
    }

    var name: String { content["metadata"]?["name"]?.text ?? "" }
    var namespace: String { content["metadata"]?["namespace"]?.text ?? "" }
    var version: String { content["metadata"]?["resourceVersion"]?.text ?? "" }
    /// What tells it from others of its kind.
    var key: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// The members of an object in it, as texts, in the order of their names.
    static func texts(_ value: JSONValue?) -> [(name: String, value: String)] {
        guard case .object(let members)? = value else { return [] }
        return members.compactMap { name, value in value.text.map { (name, $0) } }.sorted { $0.0 < $1.0 }
    }

    /// The elements of a list.
    static func list(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let elements)? = value { elements } else { [] }
    }

    /// Adds labels for the labels and annotations of the object: `__meta_kubernetes_pod_label_app`, and
    /// `…_labelpresent_app` beside it.
    func addMetadata(_ kind: String, annotations: Bool = true, to labels: inout LabelSet) {
        let metadata = content["metadata"]
        let parts =
            [("label", metadata?["labels"])] + (annotations ? [("annotation", metadata?["annotations"])] : [])
        for (part, values) in parts {
            for (name, value) in Self.texts(values) {
                let name = Self.sanitized(name)
                labels["__meta_kubernetes_\(kind)_\(part)_\(name)"] = value
                labels["__meta_kubernetes_\(kind)_\(part)present_\(name)"] = "true"
            }
        }
    }

    /// A name with `_` for everything that the name of a label cannot have.
    static func sanitized(_ name: String) -> String {
        String(
            decoding: name.utf8.map { byte in
                let isFine =
                    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F
                return isFine ? byte : 0x5F
            }, as: UTF8.self)
    }
}

/// The kinds of objects that are listed and watched.
enum KubernetesKind: String, Sendable, CaseIterable {
    case node, pod, service, endpoints, endpointslice, ingress

    /// The path of the list in a namespace; of all namespaces with `nil`.
    func path(in namespace: String?) -> String {
        let place = namespace.map { "namespaces/\($0)/" } ?? ""
        return switch self {
        case .node: "/api/v1/nodes"
        case .pod: "/api/v1/\(place)pods"
        case .service: "/api/v1/\(place)services"
        case .endpoints: "/api/v1/\(place)endpoints"
        case .endpointslice: "/apis/discovery.k8s.io/v1/\(place)endpointslices"
        case .ingress: "/apis/networking.k8s.io/v1/\(place)ingresses"
        }
    }
}
