internal import Pipeline
internal import Telemetry

/// What routes have taken out of a batch, by where it goes.
struct RoutedParts {
    private(set) var batches: [(pipeline: PipelineID, batch: Batch)] = []
    /// Items that go nowhere.
    var unrouted = 0
    /// Items by route, of the last one for those that no route took.
    var counts: [Int]

    init(routes: Int) {
        counts = Array(repeating: 0, count: routes + 1)
    }

    /// Sends `part` of `whole` to some pipelines.
    ///
    /// Whoever wants to know what becomes of the whole learns it from its parts.
    mutating func add(_ part: Batch, of claims: [Claim], to pipelines: [PipelineID], route: Int) {
        guard part.itemCount > 0 else { return }
        var part = part
        part.claims = claims.map { Claim($0.claimant, items: min($0.items, part.itemCount)) }
        counts[route] += part.itemCount
        for pipeline in pipelines {
            if let index = batches.firstIndex(where: { $0.pipeline == pipeline }) {
                batches[index].batch.append(part)
            } else {
                batches.append((pipeline, part))
            }
        }
    }
}
