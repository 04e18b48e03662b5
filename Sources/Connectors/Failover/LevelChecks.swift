internal import Pipeline
internal import Settings
internal import Telemetry

/// Finds what is wrong with the levels of a failover connector.
struct LevelChecks {
    private let named: [(field: String, id: PipelineID)]

    init(_ configuration: FailoverConnector.Configuration) {
        named = configuration.priorityLevels.enumerated().flatMap { level, settings in
            settings.pipelines.enumerated().map { ("priority_levels.\(level).\($0)", $1) }
        }
    }

    private var signal: Signal? { named.first?.id.signal }

    /// What the configuration alone shows.
    var problems: [Problem] {
        guard let signal else { return [] }
        guard signal != .profiles else {
            return [Problem("priority_levels", "profiles cannot be switched over")]
        }
        var seen: Set<PipelineID> = []
        return named.compactMap { field, id in
            if id.signal != signal {
                return Problem(
                    field,
                    "other pipelines here are for \(signal.rawValue); use a failover connector for each "
                        + "signal"
                )
            }
            return seen.insert(id).inserted ? nil : Problem(field, "'\(id)' is named twice")
        }
    }

    /// What shows only where the connector stands.
    func problems(at place: ConnectorPlace) -> [Problem] {
        let unknown = named.compactMap { place.problem(with: $0.id, field: $0.field) }
        let strangers = place.sources.filter { $0.signal != signal }
        return unknown
            + strangers.map { source in
                Problem(
                    "priority_levels",
                    "are for \(signal?.rawValue ?? "nothing"), and the pipeline '\(source)' brings "
                        + "\(source.signal.rawValue); use a failover connector for each signal")
            }
    }
}
