internal import Pipeline

/// The status of a whole and of its parts, put together as otelcol does: what matters most comes to the top.
struct HealthTree: Sendable {
    /// `nil` when there is nothing that could have a status.
    let status: ComponentStatus?
    /// Since when, in nanoseconds since 1970-01-01T00:00:00Z.
    let since: UInt64
    /// By name, such as `pipeline:traces` or `receiver:otlp`, in the order of the names.
    let parts: [(name: String, tree: HealthTree)]

    /// The whole collector: each pipeline, and the extensions as one more.
    init(_ health: CollectorHealth, recoverableFirst: Bool) {
        var parts = health.pipelines.map { pipeline in
            ("pipeline:\(pipeline.id)", HealthTree(pipeline.components, recoverableFirst: recoverableFirst))
        }
        let extensions = health.components.filter { $0.kind == .extension }
        if !extensions.isEmpty {
            parts.append((Self.extensions, HealthTree(extensions, recoverableFirst: recoverableFirst)))
        }
        self.init(parts: parts, recoverableFirst: recoverableFirst)
    }

    /// The scope of all extensions.
    static let extensions = "extensions"

    /// A part by the name that clients use: a pipeline, `extensions`, or nothing for the whole.
    func scope(_ name: String) -> HealthTree? {
        if name.isEmpty { return self }
        let key = name == Self.extensions ? name : "pipeline:\(name)"
        return parts.first { $0.name == key }?.tree
    }

    private init(_ components: [ComponentHealth], recoverableFirst: Bool) {
        let parts = components.map { ("\($0.kind.rawValue):\($0.id)", HealthTree($0)) }
        self.init(parts: parts, recoverableFirst: recoverableFirst)
    }

    private init(_ component: ComponentHealth) {
        status = component.status
        since = component.since
        parts = []
    }

    private init(parts: [(name: String, tree: HealthTree)], recoverableFirst: Bool) {
        self.parts = parts.sorted { $0.name < $1.name }
        let trees = parts.map { $0.tree }
        let decisive = Self.decisive(trees.compactMap { $0.status }, recoverableFirst)
        let matching = trees.filter { $0.status?.name == decisive?.name && decisive != nil }
        let latest = trees.map { $0.since }.max() ?? 0
        if decisive?.error != nil, let first = matching.min(by: { $0.since < $1.since }) {
            // The first of several errors is likely to be their cause, and its time to recover counts.
            status = first.status
            since = first.since
        } else {
            status = decisive
            since = latest
        }
    }

    /// The status of a whole whose parts have `statuses`.
    private static func decisive(_ statuses: [ComponentStatus], _ recoverableFirst: Bool) -> ComponentStatus?
    {
        guard let first = statuses.first else { return nil }
        if statuses.allSatisfy({ $0.name == first.name }) { return first }
        let names = Set(statuses.map { $0.name })
        let has = { (status: ComponentStatus) in names.contains(status.name) }
        if has(.fatalError("")) { return .fatalError("") }
        if has(.starting) { return .starting }
        if has(.stopping) || has(.stopped) { return .stopping }
        let errors: [ComponentStatus] = [.permanentError(""), .recoverableError("")]
        return (recoverableFirst ? errors.reversed() : errors).first(where: has)
    }
}
