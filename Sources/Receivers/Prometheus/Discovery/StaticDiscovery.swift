internal import Prometheus

/// Targets that the configuration lists.
struct StaticDiscovery: Discovery {
    let groups: [TargetGroup]

    init(_ settings: [StaticSettings]) {
        groups = settings.enumerated().map { index, group in
            TargetGroup(
                source: "\(index)", targets: group.targets.map { [LabelNames.address: $0] },
                labels: LabelSet(group.labels.map { LabelSet.Label($0.key, $0.value) }))
        }
    }

    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async { found(.all(groups)) }
}
