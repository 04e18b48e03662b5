internal import Prometheus

/// Targets that discovery found in one place, with labels that all of them have.
struct TargetGroup: Sendable, Hashable {
    /// Where they were found; a group takes the place of the one before it from there.
    let source: String
    /// Each with its address, and what only it has.
    var targets: [LabelSet] = []
    var labels = LabelSet()
}

/// Finds targets for a job.
protocol Discovery: Sendable {
    /// Looks for targets until the task is cancelled, and says what is there whenever that changes.
    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async
}

/// What discovery has to say.
enum DiscoveryUpdate: Sendable {
    /// All groups that there are.
    case all([TargetGroup])
    /// What is known of one place; without targets when there is nothing any more.
    case group(TargetGroup)
    /// Nothing could be found out; what was known stays.
    case failed(String)
}

/// What is read from lists of targets: at most this many.
enum DiscoveryLimit {
    /// Targets of one job.
    static let targets = 100_000
    /// Bytes of one list.
    static let bytes = 16 << 20
}
