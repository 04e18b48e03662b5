/// The state of the whole collector, as health endpoints show it.
public struct CollectorHealth: Sendable {
    /// Whether every pipeline runs and takes data; `false` from the moment the collector begins to stop.
    public let isReady: Bool
    /// Nanoseconds since 1970 at which the process started to work.
    public let startedAt: UInt64
    /// Time since the process started.
    public let uptime: Duration
    /// The state of each component, ordered by kind and id.
    public let components: [ComponentHealth]
    /// The pipelines that run, ordered by id, and what each of them consists of.
    public let pipelines: [PipelineHealth]

    public init(
        isReady: Bool, startedAt: UInt64, uptime: Duration, components: [ComponentHealth],
        pipelines: [PipelineHealth] = []
    ) {
        self.isReady = isReady
        self.startedAt = startedAt
        self.uptime = uptime
        self.components = components
        self.pipelines = pipelines
    }
}

/// The state of one component.
public struct ComponentHealth: Sendable, Equatable {
    public let kind: ComponentKind
    public let id: ComponentID
    /// Counts the instances that this id has had since the process began, from 1.
    public let instance: Int
    public let status: ComponentStatus
    /// When it got this status, in nanoseconds since 1970-01-01T00:00:00Z.
    public let since: UInt64

    public init(
        kind: ComponentKind, id: ComponentID, instance: Int = 1, status: ComponentStatus, since: UInt64
    ) {
        self.kind = kind
        self.id = id
        self.instance = instance
        self.status = status
        self.since = since
    }
}

/// One pipeline and the state of its parts.
public struct PipelineHealth: Sendable {
    public let id: PipelineID
    /// Receivers, processors, exporters and connectors, in the order in which data meets them.
    public let components: [ComponentHealth]

    public init(id: PipelineID, components: [ComponentHealth]) {
        self.id = id
        self.components = components
    }
}
