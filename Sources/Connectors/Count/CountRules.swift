internal import OTTL
internal import Settings
internal import Telemetry

/// A metric of counts, ready for use.
struct CountRule: Sendable {
    /// An attribute by which counts are kept apart.
    struct Key: Sendable {
        let key: AttributeKey
        /// What stands where there is none; `nil` when nothing does.
        let standIn: EncodedAttributes?
    }

    let header: MetricsBuilder.Header
    let conditions: ConditionSequence?
    let keys: [Key]

    init(_ name: String, _ details: String) {
        header = MetricsBuilder.Header(name, details: details)
        conditions = nil
        keys = []
    }

    init<Kind>(_ name: String, _ metric: CountedMetric<Kind>) {
        header = MetricsBuilder.Header(name, details: metric.details)
        conditions =
            metric.conditions.isEmpty
            ? nil : ConditionSequence(metric.conditions.map { $0.condition }, errorMode: .ignore)
        keys = metric.attributes.map { attribute in
            let value = attribute.defaultValue.flatMap { Self.value($0) }
            return Key(key: AttributeKey(attribute.key), standIn: value.map { .one(attribute.key, $0) })
        }
    }

    /// A default value; an empty text is none.
    private static func value(_ tree: Tree) -> AttributeValue? {
        switch tree.scalar?.value {
        case .int(let number): .int(Int64(number))
        case .double(let number): .double(number)
        case .string(let text): text.isEmpty ? nil : .string(text)
        case .null, .bool, .unsigned, nil: nil
        }
    }

    /// Rules in the order of their names, or the one that there is by default.
    static func rules<Kind>(
        _ metrics: [String: CountedMetric<Kind>]?, _ name: String, _ details: String
    ) -> [CountRule] {
        guard let metrics else { return [CountRule(name, details)] }
        return metrics.sorted { $0.key < $1.key }.map { CountRule($0.key, $0.value) }
    }
}

extension EncodedAttributes {
    fileprivate static func one(_ key: String, _ value: AttributeValue) -> EncodedAttributes {
        var list = EncodedAttributes()
        list.append(AttributeKey(key), value)
        return list
    }
}

/// The configuration of `count`, ready for use.
struct CountRules: Sendable {
    let spans: [CountRule]
    let spanEvents: [CountRule]
    let metrics: [CountRule]
    let dataPoints: [CountRule]
    let logs: [CountRule]
    let profiles: [CountRule]

    init(_ settings: CountConnector.Configuration) {
        spans = CountRule.rules(settings.spans, "trace.span.count", "The number of spans observed.")
        spanEvents = CountRule.rules(
            settings.spanEvents, "trace.span.event.count", "The number of span events observed.")
        metrics = CountRule.rules(settings.metrics, "metric.count", "The number of metrics observed.")
        dataPoints = CountRule.rules(
            settings.dataPoints, "metric.datapoint.count", "The number of data points observed.")
        logs = CountRule.rules(settings.logs, "log.record.count", "The number of log records observed.")
        profiles = CountRule.rules(settings.profiles, "profile.count", "The number of profiles observed.")
    }
}
