public import Logging
public import NIOCore
public import Transport

/// What the engine hands a component when it builds it.
public struct Context: Sendable {
    /// The identity the component was configured with.
    public let id: ComponentID
    public let kind: ComponentKind
    /// Tags every line with the component's kind and id.
    public let logger: Logger
    /// Event loops of the process; a batch stays on one of them from socket to queue.
    public let lanes: [Lane]
    /// Where series of the component's own are registered.
    public let metrics: Metrics
    /// What telemetry may take of the memory of the process, all components together.
    public let memory: MemoryBudget
    /// Time and randomness, so that tests decide both.
    public let clock: any PipelineClock
    /// Tells the engine how the component is doing.
    public let status: @Sendable (ComponentStatus) -> Void
    /// The extension of an id that the configuration enables, such as an authenticator.
    ///
    /// `nil` when there is none. Whoever asks is built anew when that extension changes.
    public let extensionNamed: @Sendable (ComponentID) -> (any Extension)?
    /// What servers of the component open their addresses through, so that a successor can take them over.
    public let listeners: ListenerShare
    /// The pipeline that a processor is built for; `nil` for other kinds, and when nothing is built in
    /// earnest.
    public private(set) var pipeline: PipelineID?
    /// Name and version the process presents to others, such as `Apus/0.1.0 (linux/x86_64)`.
    public let userAgent: String
    /// Tells this run of the collector from every other, `service.instance.id` of its own telemetry; empty
    /// when nobody says.
    public let instanceID: String

    public init(
        id: ComponentID, kind: ComponentKind, logger: Logger, lanes: [Lane], metrics: Metrics,
        memory: MemoryBudget, clock: any PipelineClock, userAgent: String = "Apus",
        instanceID: String = "",
        listeners: ListenerShare = ListenerRegistry().share(),
        extensionNamed: @escaping @Sendable (ComponentID) -> (any Extension)? = { _ in nil },
        status: @escaping @Sendable (ComponentStatus) -> Void = { _ in }
    ) {
        self.id = id
        self.kind = kind
        self.logger = logger
        self.lanes = lanes
        self.metrics = metrics
        self.memory = memory
        self.clock = clock
        self.userAgent = userAgent
        self.instanceID = instanceID
        self.listeners = listeners
        self.extensionNamed = extensionNamed
        self.status = status
    }

    /// The same for a processor of a pipeline.
    public func within(_ pipeline: PipelineID) -> Context {
        var context = self
        context.pipeline = pipeline
        return context
    }

    /// The event loops of the lanes, in their order.
    public var eventLoops: [any EventLoop] { lanes.map { $0.eventLoop } }
}
