internal import Pipeline
internal import Settings

/// The local policy file: what changes that come from elsewhere may contain.
struct PolicySettings: SettingGroup {
    var components = ComponentRules()
    var endpoints = EndpointRules()
    var paths: PathRules?
    var environment: NameRules?
    var providers = ProviderRules()
    var tls = TLSRules()

    init() {}

    static var fields: [Field<PolicySettings>] {
        [
            Field("components", \.components, "Types of components, for each kind."),
            Field("endpoints", \.endpoints, "Where telemetry may be sent and fetched from."),
            Field(
                "paths", \.paths,
                "Files and directories; without this section only those that are configured already."),
            Field(
                "environment", \.environment,
                "Variables; without this section only those that the configuration uses already."),
            Field("providers", \.providers, "What may stand before the colon of ${scheme:…}."),
            Field("tls", \.tls, "How connections are secured."),
        ]
    }
}

/// Types of components by kind.
struct ComponentRules: SettingGroup {
    var receivers = TypeRules()
    var processors = TypeRules()
    var exporters = TypeRules()
    var connectors = TypeRules()
    var extensions = TypeRules()

    init() {}

    static var fields: [Field<ComponentRules>] {
        [
            Field("receivers", \.receivers, "Receivers."),
            Field("processors", \.processors, "Processors."),
            Field("exporters", \.exporters, "Exporters."),
            Field("connectors", \.connectors, "Connectors."),
            Field("extensions", \.extensions, "Extensions."),
        ]
    }

    func rules(_ kind: ComponentKind) -> TypeRules {
        switch kind {
        case .receiver: receivers
        case .processor: processors
        case .exporter: exporters
        case .connector: connectors
        case .extension: extensions
        }
    }
}

/// Which types of one kind may be configured.
struct TypeRules: SettingGroup {
    var allow: [String]?
    var deny: [String] = []

    init() {}

    static var fields: [Field<TypeRules>] {
        [
            Field("allow", \.allow, "The only types that are allowed; all are without this key."),
            Field("deny", \.deny, "Types that are not allowed; wins over allow."),
        ]
    }
}

/// Which addresses may be used.
struct EndpointRules: SettingGroup {
    var allow: [String]?
    var deny: [String] = []

    init() {}

    static var fields: [Field<EndpointRules>] {
        [
            Field(
                "allow", \.allow,
                """
                The only endpoints that are allowed: host, *.domain, address or CIDR, each with an optional \
                :port, or unix:///path; all are without this key.
                """
            ) { EndpointRule.problem(in: $0 ?? []) },
            Field("deny", \.deny, "Endpoints that are not allowed; wins over allow.") {
                EndpointRule.problem(in: $0)
            },
        ]
    }
}

/// Which files and directories may be named.
struct PathRules: SettingGroup {
    var allow: [String] = []
    var deny: [String] = []

    init() {}

    static var fields: [Field<PathRules>] {
        [
            Field("allow", \.allow, "Directories and files; what is below them is allowed, too.") {
                PathRule.problem(in: $0)
            },
            Field("deny", \.deny, "Directories and files that are not allowed; wins over allow.") {
                PathRule.problem(in: $0)
            },
        ]
    }
}

/// Which environment variables may be read.
struct NameRules: SettingGroup {
    var allow: [String] = []

    init() {}

    static var fields: [Field<NameRules>] {
        [Field("allow", \.allow, "Names; a * at the end stands for any rest.")]
    }
}

/// Which providers may be used.
struct ProviderRules: SettingGroup {
    var allow = ["env"]

    init() {}

    static var fields: [Field<ProviderRules>] {
        [Field("allow", \.allow, "Schemes, such as env, file, http, https and yaml.")]
    }
}

/// How connections are secured.
struct TLSRules: SettingGroup {
    var allowsUnverified = false

    init() {}

    static var fields: [Field<TLSRules>] {
        [
            Field(
                "allow_insecure_skip_verify", \.allowsUnverified,
                "Whether the certificate of a server may go unchecked.")
        ]
    }
}
