public import Telemetry

/// Where series come from: makes their labels out of a resource, a scope and the attributes of points.
public struct SeriesSource: Sendable {
    /// The attribute of a metric's metadata that tells the type it had in Prometheus.
    static let typeAttribute = "prometheus.type"
    /// The name of the series with the attributes of a resource, before a namespace.
    public static let targetInfo = "target_info"

    private struct Attribute {
        let key: String
        let value: String
    }

    private let settings: SeriesSettings
    private let promoted: [Attribute]
    private let promotedKeys: Set<String>
    private var scopeLabels: [LabelSet.Label] = []
    /// `service.namespace` and `service.name` with a `/` between them; empty without a name.
    public let job: String
    /// `service.instance.id`; empty when it is not there.
    public let instance: String

    /// Series of a resource, so far without a scope.
    public init(_ resource: ResourceView, _ settings: SeriesSettings) {
        self.settings = settings
        let name = resource.attributes[ServiceAttributes.name]?.text ?? ""
        let namespace = resource.attributes[ServiceAttributes.namespace]?.text ?? ""
        job = name.isEmpty || namespace.isEmpty ? name : "\(namespace)/\(name)"
        instance = resource.attributes[ServiceAttributes.instance]?.text ?? ""
        promoted = resource.attributes.filter { settings.resourceAttributes.takes($0.key) }
            .map { Attribute(key: $0.key, value: $0.value.text) }
        promotedKeys = Set(promoted.map(\.key))
    }

    /// Series of another scope of the resource.
    public mutating func begin(_ scope: ScopeView, schemaURL: String) {
        guard settings.includesScope else { return }
        let attributes = scope.attributes.map { pair in
            Attribute(key: "otel_scope_\(pair.key)", value: pair.value.text)
        }
        scopeLabels = Self.labels(attributes, settings.labelNamer)
        scopeLabels.append(LabelSet.Label("otel_scope_name", scope.name))
        scopeLabels.append(LabelSet.Label("otel_scope_version", scope.version))
        scopeLabels.append(LabelSet.Label("otel_scope_schema_url", schemaURL))
    }

    /// The labels of a series, without its name.
    ///
    /// Values of attributes whose names become the same stand in one label with `;` between them. What comes
    /// later counts: attributes, then `job` and `instance`, then those of the scope; constant labels only
    /// fill gaps. Attributes that would be `__name__`, or `le` of a histogram or `quantile` of a summary,
    /// are left out.
    public func labels(of attributes: Messages<KeyValueView>, _ type: MetricType) -> LabelSet {
        var pairs: [Attribute] = []
        for pair in attributes where !promotedKeys.contains(pair.key) {
            pairs.append(Attribute(key: pair.key, value: pair.value.text))
        }
        var labels = Self.labels(pairs + promoted, settings.labelNamer)
        labels.removeAll { label in
            switch label.name {
            case LabelNames.metricName: true
            case LabelNames.bucketBound: type == .histogram
            case LabelNames.quantile: type == .summary
            default: false
            }
        }
        return complete(labels + identity + scopeLabels)
    }

    /// The labels of `target_info`: the attributes of the resource that do not identify it.
    ///
    /// - Returns: `nil` when there are none, or when neither `job` nor `instance` could join it to others.
    public func infoLabels(of resource: ResourceView) -> LabelSet? {
        let attributes = resource.attributes.filter { !ServiceAttributes.all.contains($0.key) }
            .map { Attribute(key: $0.key, value: $0.value.text) }
        var labels = Self.labels(attributes, settings.labelNamer)
        labels.removeAll { $0.name == LabelNames.metricName }
        guard !labels.isEmpty, !job.isEmpty || !instance.isEmpty else { return nil }
        return complete(labels + identity)
    }

    private var identity: [LabelSet.Label] {
        [LabelSet.Label(LabelNames.job, job), LabelSet.Label(LabelNames.instance, instance)]
            .filter { !$0.value.isEmpty }
    }

    private func complete(_ labels: [LabelSet.Label]) -> LabelSet {
        var set = LabelSet(labels)
        for label in settings.constantLabels.labels where set[label.name].isEmpty {
            set[label.name] = label.value
        }
        return set
    }

    /// Joins the values of attributes whose names become the same, in the order of their keys.
    ///
    /// Sorted, they are neighbours: nothing before this bounds how many attributes a point has.
    private static func labels(_ attributes: [Attribute], _ namer: LabelNamer) -> [LabelSet.Label] {
        var named: [(name: String, attribute: Attribute)] = []
        named.reserveCapacity(attributes.count)
        for attribute in attributes {
            if let name = namer.name(of: attribute.key) { named.append((name, attribute)) }
        }
        named.sort { left, right in
            if left.name != right.name { return left.name.utf8.lexicographicallyPrecedes(right.name.utf8) }
            return left.attribute.key.utf8.lexicographicallyPrecedes(right.attribute.key.utf8)
        }
        var labels: [LabelSet.Label] = []
        labels.reserveCapacity(named.count + 5)
        for (name, attribute) in named {
            guard let last = labels.indices.last, labels[last].name == name else {
                labels.append(LabelSet.Label(name, attribute.value))
                continue
            }
            if labels[last].value != attribute.value { labels[last].value += ";\(attribute.value)" }
        }
        return labels
    }
}
