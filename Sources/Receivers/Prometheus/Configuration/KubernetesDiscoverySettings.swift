internal import Pipeline
public import Settings

/// One entry of `kubernetes_sd_configs`.
public struct KubernetesDiscoverySettings: SettingGroup, Equatable {
    /// What becomes a target.
    public enum Role: String, CaseIterable, SettingChoice {
        case node, pod, service, endpoints, endpointslice, ingress
    }

    public var role = Role.pod
    public var apiServer = ""
    public var namespaces = KubernetesNamespaces()
    public var selectors: [KubernetesSelector] = []
    public var attachMetadata = KubernetesAttachedMetadata()
    public var access = HTTPAccessSettings()

    public init() {}

    public static var fields: [Field<KubernetesDiscoverySettings>] {
        [
            Field(
                "role", \.role, "What is scraped: node, pod, service, endpoints, endpointslice or ingress.",
                required: true),
            Field(
                "api_server", \.apiServer,
                "URL of the API server; empty in a pod, with the account of the pod."
            ) { url in
                guard !url.isEmpty else { return nil }
                do throws(ComponentError) {
                    let scheme = try Endpoint(parsing: url, defaultPort: 443).scheme
                    return scheme == .http || scheme == .https ? nil : "must be an http:// or https:// URL"
                } catch {
                    return error.description
                }
            },
            .unsupported("kubeconfig_file", "write api_server, tls_config and authorization"),
            Field("namespaces", \.namespaces, "Where to look; everywhere unless configured."),
            Field("selectors", \.selectors, "Which objects of a kind are looked at."),
            Field("attach_metadata", \.attachMetadata, "What else becomes labels."),
            Field(embedding: \.access),
        ]
    }
}

/// `namespaces`.
public struct KubernetesNamespaces: SettingGroup, Equatable {
    public var own = false
    public var names: [String] = []

    public init() {}

    public static var fields: [Field<KubernetesNamespaces>] {
        [
            Field("own_namespace", \.own, "Whether the namespace of the collector's pod is looked at."),
            Field("names", \.names, "Namespaces that are looked at.") {
                $0.contains { $0.isEmpty || $0.contains("/") } ? "has a name that is none" : nil
            },
        ]
    }
}

/// One entry of `selectors`.
public struct KubernetesSelector: SettingGroup, Equatable {
    /// The kind of objects.
    public enum Role: String, CaseIterable, SettingChoice {
        case node, pod, service, endpoints, endpointslice, ingress
    }

    public var role = Role.pod
    public var label = ""
    public var field = ""

    public init() {}

    public static var fields: [Field<KubernetesSelector>] {
        [
            Field("role", \.role, "The kind of objects that are chosen.", required: true),
            Field("label", \.label, "A selector of labels, such as app=web."),
            Field("field", \.field, "A selector of fields, such as spec.nodeName=a."),
        ]
    }
}

/// `attach_metadata`.
public struct KubernetesAttachedMetadata: SettingGroup, Equatable {
    public var node = false
    public var namespace = false

    public init() {}

    public static var fields: [Field<KubernetesAttachedMetadata>] {
        [
            Field("node", \.node, "Whether pods and endpoints have the labels of their node."),
            .unsupported("namespace", "labels of namespaces are not part of this version"),
        ]
    }
}
