internal import Pipeline
internal import Transport

/// What all parts of a running collector share.
struct EngineSurroundings: Sendable {
    let lanes: [Lane]
    let clock: any PipelineClock
    private(set) var metrics: Metrics
    private(set) var memory: MemoryBudget
    let log: LogOutput
    let events: EventLog
    let statuses: StatusBoard
    /// The books of all pipelines.
    let ledgers: LedgerBook
    /// The sockets of all components that listen.
    let listeners: ListenerRegistry
    /// Who looks at passing telemetry.
    let taps = TapBoard()
    /// Why telemetry did not get where it was meant to go.
    let drops: DropLog
    let userAgent: String
    /// `service.instance.id` of the collector's own telemetry.
    let instanceID: String

    /// Makes the surroundings of components that run on `lanes`, by the machine's clock.
    init(lanes: [Lane], log: LogOutput, version: String, instanceID: String = "") {
        self.lanes = lanes
        let clock = SystemClock()
        self.clock = clock
        metrics = Metrics()
        memory = MemoryBudget(probe: MemoryFacts.probe)
        self.log = log
        events = EventLog(clock: clock)
        statuses = StatusBoard(logger: log.logger(), clock: clock, events: events)
        ledgers = LedgerBook(metrics: metrics)
        listeners = ListenerRegistry()
        drops = DropLog(clock: clock)
        self.instanceID = instanceID
        userAgent = "Apus/\(version) (linux/\(ProcessFacts.architecture))"
    }

    /// The same, but what is registered or limited there has no effect: for components that are built only to
    /// find out whether they can be.
    var withoutTrace: EngineSurroundings {
        var copy = self
        copy.metrics = Metrics()
        copy.memory = MemoryBudget(probe: MemoryFacts.probe)
        return copy
    }

    /// What a component gets to know about the world.
    ///
    /// Its reports count until it has a successor.
    func context(_ record: ComponentRecord) -> Context {
        context(record.kind, record.id, record.listeners, record.lookup) { report($0, record) }
    }

    /// What a component gets to know that is used by itself, outside a graph, beside `extensions`.
    func context(
        _ kind: ComponentKind, _ id: ComponentID, extensions: [ComponentID: any Extension] = [:]
    ) -> Context {
        context(kind, id, listeners.share(), ExtensionLookup(extensions)) { [statuses] in
            statuses.report($0, kind, id)
        }
    }

    private func context(
        _ kind: ComponentKind, _ id: ComponentID, _ listeners: ListenerShare, _ lookup: ExtensionLookup,
        _ status: @escaping @Sendable (ComponentStatus) -> Void
    ) -> Context {
        Context(
            id: id, kind: kind, logger: log.logger(kind, id),
            lanes: lanes, metrics: metrics, memory: memory, clock: clock, userAgent: userAgent,
            instanceID: instanceID, listeners: listeners, extensionNamed: { lookup.find($0) }, status: status)
    }

    /// Records the status of an instance.
    func report(_ status: ComponentStatus, _ record: ComponentRecord) {
        statuses.report(status, record.kind, record.id, instance: record.instance)
    }

    /// Forgets an instance that is gone or will not run.
    func forget(_ record: ComponentRecord) {
        statuses.remove(record.kind, record.id, instance: record.instance)
    }
}
