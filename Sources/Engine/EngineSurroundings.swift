internal import Logging
internal import Pipeline

/// What all parts of a running collector share.
struct EngineSurroundings: Sendable {
    let lanes: [Lane]
    let clock: any PipelineClock
    let metrics: Metrics
    let memory: MemoryBudget
    let log: LogOutput
    let statuses: StatusBoard
    let userAgent: String

    /// Makes the surroundings of components that run on `lanes`, by the machine's clock.
    init(lanes: [Lane], log: LogOutput, version: String) {
        self.lanes = lanes
        clock = SystemClock()
        metrics = Metrics()
        memory = MemoryBudget(probe: MemoryFacts.probe)
        self.log = log
        statuses = StatusBoard(logger: log.logger())
        userAgent = "Apus/\(version) (linux/\(ProcessFacts.architecture))"
    }

    /// What a component gets to know about the world.
    func context(_ kind: ComponentKind, _ id: ComponentID) -> Context {
        let metadata: Logger.Metadata = [
            "otelcol.component.id": "\(id)", "otelcol.component.kind": "\(kind.rawValue)",
        ]
        return Context(
            id: id, kind: kind, logger: log.logger(component: id.description, metadata: metadata),
            lanes: lanes,
            metrics: metrics, memory: memory, clock: clock, userAgent: userAgent,
            status: { [statuses] in statuses.report($0, kind, id) })
    }
}
