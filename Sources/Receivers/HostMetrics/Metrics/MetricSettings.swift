internal import Settings

/// What becomes of one metric that has attributes.
struct MetricSettings: SettingGroup, Equatable {
    /// How points become one that differ only in attributes that are left out.
    enum Strategy: String, SettingChoice {
        case sum, avg, min, max
    }

    var isEnabled = true
    var strategy = Strategy.sum
    var attributes: [String] = []

    init() {}

    init(_ metric: HostMetric) {
        isEnabled = metric.isEnabled
        strategy = metric.kind == .gauge ? .avg : .sum
        attributes = metric.usualAttributes
    }

    static let fields: [Field<Self>] = [
        Field("enabled", \.isEnabled, "Whether it is made."),
        Field(
            "aggregation_strategy", \.strategy,
            "How points become one that differ only in attributes that are left out."),
        Field("attributes", \.attributes, "The attributes that its points have."),
    ]

    /// What is wrong with it for a metric.
    func problem(of metric: HostMetric) -> String? {
        let known = metric.attributes.map { $0.name }
        if let other = attributes.first(where: { !known.contains($0) }) {
            return "has no attribute '\(other)'; its attributes are \(known.joined(separator: ", "))"
        }
        return Set(attributes).count < attributes.count ? "must not name an attribute twice" : nil
    }
}

/// What becomes of one metric without attributes.
struct MetricSwitch: SettingGroup, Equatable {
    var isEnabled = true

    init() {}

    static let fields: [Field<Self>] = [Field("enabled", \.isEnabled, "Whether it is made.")]
}

/// The key `metrics` of a scraper: a section for each of its metrics.
struct MetricSwitches<Metric: HostMetricName>: SettingGroup {
    private var written: [Metric: MetricSettings] = [:]

    init() {}

    subscript(metric: Metric) -> MetricSettings {
        get { written[metric] ?? MetricSettings(metric.definition) }
        set { written[metric] = newValue }
    }

    private subscript(switchOf metric: Metric) -> MetricSwitch {
        get {
            var result = MetricSwitch()
            result.isEnabled = self[metric].isEnabled
            return result
        }
        set { self[metric].isEnabled = newValue.isEnabled }
    }

    static var fields: [Field<Self>] {
        Metric.allCases.map { metric in
            let definition = metric.definition
            let summary = definition.details.hasSuffix(".") ? definition.details : definition.details + "."
            if definition.attributes.isEmpty {
                return Field(metric.rawValue, \.[switchOf: metric], summary)
            }
            return Field(metric.rawValue, \.[metric], summary) { $0.problem(of: definition) }
        } + Metric.unsupported.map { .unsupported($0.key, $0.value) }
    }
}
