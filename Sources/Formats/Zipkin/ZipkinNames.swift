internal import Telemetry
internal import Wire

/// Tags that mean more than themselves, and what they are called in OTLP: the names of otelcol's translator.
enum ZipkinNames {
    /// The name of the attribute that the name of the service came from, when it was not `service.name`.
    static let serviceSource = "otlp.service.name.source"
    /// What otelcol calls services without a name.
    static let noService: StaticString = "OTLPResourceNoServiceName"
    static let serviceName = "service.name"
    static let scopeName = "otel.scope.name"
    static let scopeVersion = "otel.scope.version"
    /// Earlier names of the same.
    static let libraryName = "otel.library.name"
    static let libraryVersion = "otel.library.version"
    static let traceState = "w3c.tracestate"
    static let statusCode = "otel.status_code"
    static let statusDescription = "otel.status_description"
    static let error = "error"
    static let spanKind = "span.kind"
    static let droppedAttributes = "otel.dropped_attributes_count"
    static let droppedEvents = "otel.dropped_events_count"
    static let droppedLinks = "otel.dropped_links_count"
    /// Says that a span came without a time.
    static let startAbsent = "otel.zipkin.absentField.startTime"
    static let linkPrefix = "otlp.link."
    /// As many links of a span are read as otelcol reads.
    static let linkLimit = 128

    static let localAddress = "network.local.address"
    static let localPort = "net.host.port"
    static let peerAddress = "network.peer.address"
    static let peerPort = "net.peer.port"
    static let peerService = "service.peer.name"

    /// Attributes that name the parts of endpoints, the name that is used now first.
    static let localAddresses = [localAddress, "net.host.ip"]
    static let localPorts = [localPort, "network.local.port"]
    static let peerAddresses = [peerAddress, "net.peer.ip"]
    static let peerPorts = [peerPort, "network.peer.port"]
    static let peerServices = [peerService, "peer.service"]

    /// Attributes of resources that can be the name of the service, after `service.name`.
    static let serviceSources = ["faas.name", "k8s.deployment.name", "process.executable.name"]

    /// Tags that belong to the resource of a span: the resource attributes of the semantic conventions that
    /// otelcol's translator knows, and their later names.
    static let resourceTags = [
        "browser.brands", "browser.language", "browser.mobile", "browser.platform",
        "cloud.account.id", "cloud.availability_zone", "cloud.platform", "cloud.provider", "cloud.region",
        "cloud.resource_id", "aws.ecs.cluster.arn", "aws.ecs.container.arn", "aws.ecs.launchtype",
        "aws.ecs.task.arn", "aws.ecs.task.family", "aws.ecs.task.id", "aws.ecs.task.revision",
        "aws.eks.cluster.arn", "aws.log.group.arns", "aws.log.group.names", "aws.log.stream.arns",
        "aws.log.stream.names", "container.command", "container.command_args", "container.command_line",
        "container.id", "container.image.id", "container.image.name", "container.image.tag",
        "container.image.tags", "container.name", "container.runtime", "deployment.environment",
        "deployment.environment.name", "device.id", "device.manufacturer", "device.model.identifier",
        "device.model.name", "faas.id", "faas.instance", "faas.max_memory", "faas.name", "faas.version",
        "heroku.app.id", "heroku.release.commit", "heroku.release.creation_timestamp", "host.arch", "host.id",
        "host.image.id", "host.image.name", "host.image.version", "host.name", "host.type",
        "k8s.cluster.name", "k8s.cluster.uid", "k8s.container.name", "k8s.container.restart_count",
        "k8s.cronjob.name", "k8s.cronjob.uid", "k8s.daemonset.name", "k8s.daemonset.uid",
        "k8s.deployment.name", "k8s.deployment.uid", "k8s.job.name", "k8s.job.uid", "k8s.namespace.name",
        "k8s.node.name", "k8s.node.uid", "k8s.pod.name", "k8s.pod.uid", "k8s.replicaset.name",
        "k8s.replicaset.uid", "k8s.statefulset.name", "k8s.statefulset.uid", "os.build_id", "os.description",
        "os.name", "os.type", "os.version", "process.command", "process.command_args",
        "process.command_line", "process.executable.name", "process.executable.path", "process.owner",
        "process.parent_pid", "process.pid", "process.runtime.description", "process.runtime.name",
        "process.runtime.version", "service.instance.id", "service.name", "service.namespace",
        "service.version", "telemetry.auto.version", "telemetry.distro.name", "telemetry.distro.version",
        "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version", "webengine.description",
        "webengine.name", "webengine.version", "opencensus.starttime", "opencensus.exporterversion",
        "opencensus.resourcetype",
    ]
}

/// What a tag is for.
enum ZipkinTagRole: Int, CaseIterable {
    case resource
    case serviceSource, scopeName, scopeVersion, libraryName, libraryVersion
    case traceState, statusCode, statusDescription, error, spanKind
    case droppedAttributes, droppedEvents, droppedLinks
    case startAbsent, localAddress, localPort, peerAddress, peerPort, peerService

    private static let roles: [TextKey: ZipkinTagRole] = {
        let special: [(String, ZipkinTagRole)] = [
            (ZipkinNames.serviceSource, .serviceSource), (ZipkinNames.scopeName, .scopeName),
            (ZipkinNames.scopeVersion, .scopeVersion), (ZipkinNames.libraryName, .libraryName),
            (ZipkinNames.libraryVersion, .libraryVersion), (ZipkinNames.traceState, .traceState),
            (ZipkinNames.statusCode, .statusCode), (ZipkinNames.statusDescription, .statusDescription),
            (ZipkinNames.error, .error), (ZipkinNames.spanKind, .spanKind),
            (ZipkinNames.droppedAttributes, .droppedAttributes), (ZipkinNames.droppedEvents, .droppedEvents),
            (ZipkinNames.droppedLinks, .droppedLinks), (ZipkinNames.startAbsent, .startAbsent),
            (ZipkinNames.localAddress, .localAddress), (ZipkinNames.localPort, .localPort),
            (ZipkinNames.peerAddress, .peerAddress), (ZipkinNames.peerPort, .peerPort),
            (ZipkinNames.peerService, .peerService),
        ]
        let resource = ZipkinNames.resourceTags.map { ($0, ZipkinTagRole.resource) }
        return Dictionary((special + resource).map { (TextKey($0.0), $0.1) }) { first, _ in first }
    }()

    /// The role of a key; `nil` for an ordinary one.
    static func role(of key: Bytes) -> ZipkinTagRole? { roles[TextKey(key)] }
}
