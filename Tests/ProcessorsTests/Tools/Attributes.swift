import PipelineTesting
import Settings
import Telemetry
import Wire

/// Attributes as a test writes them.
typealias Attributes = [String: AttributeValue]

extension Messages where View == KeyValueView {
    /// The attributes by key.
    var dictionary: Attributes {
        Attributes(map { ($0.key, .encoded($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Batch {
    /// One span, log record or data point with these attributes, in a resource and a scope.
    static func one(
        _ signal: Signal, _ attributes: Attributes, name: String = "item", resource: Attributes = [:],
        scope: String = "", version: String = ""
    ) -> Batch {
        switch signal {
        case .logs:
            var builder = LogsBuilder()
            builder.resource { $0.write(resource) }
            builder.scope(scope, version: version)
            builder.record { record in
                record.body(.string(name))
                record.write(attributes)
            }
            return builder.finish()
        case .metrics:
            var builder = MetricsBuilder()
            builder.resource { $0.write(resource) }
            builder.scope(scope, version: version)
            builder.gauge(.init(name)) { points in
                points.point { point in
                    point.value(.int(1))
                    point.write(attributes)
                }
            }
            return builder.finish()
        default:
            var builder = TracesBuilder()
            builder.resource { $0.write(resource) }
            builder.scope(scope, version: version)
            builder.span { span in
                span.name(name)
                span.write(attributes)
            }
            return builder.finish()
        }
    }

    /// The attributes of all spans, log records and data points.
    var itemAttributes: [Attributes] {
        switch signal {
        case .logs: resourceLogs.flatMap { $0.scopes }.flatMap { $0.records }.map { $0.attributes.dictionary }
        case .metrics:
            resourceMetrics.flatMap { $0.scopes }.flatMap { $0.records }.flatMap { metric -> [Attributes] in
                switch metric.content {
                case .gauge(let points), .sum(let points, _, _): points.map { $0.attributes.dictionary }
                case .histogram(let points, _): points.map { $0.attributes.dictionary }
                case .exponentialHistogram(let points, _): points.map { $0.attributes.dictionary }
                case .summary(let points): points.map { $0.attributes.dictionary }
                case .empty: []
                }
            }
        default:
            resourceSpans.flatMap { $0.scopes }.flatMap { $0.records }.map { $0.attributes.dictionary }
        }
    }

    /// The attributes of all resources.
    var resourceAttributes: [Attributes] {
        switch signal {
        case .logs: resourceLogs.map { $0.resource.attributes.dictionary }
        case .metrics: resourceMetrics.map { $0.resource.attributes.dictionary }
        default: resourceSpans.map { $0.resource.attributes.dictionary }
        }
    }

    /// All spans.
    var spans: [SpanView] { resourceSpans.flatMap { $0.scopes }.flatMap { $0.records } }
}

extension RecordBuilder {
    /// Writes attributes in the order of their keys.
    func write(_ attributes: Attributes) {
        for key in attributes.keys.sorted() { attribute(key, attributes[key] ?? .empty) }
    }
}

extension AttributesBuilder {
    /// Writes attributes in the order of their keys.
    func write(_ attributes: Attributes) {
        for key in attributes.keys.sorted() { attribute(key, attributes[key] ?? .empty) }
    }
}

extension SettingGroup {
    /// Everything that is wrong with a configuration, each with its line and column.
    static func mistakes(_ yaml: String) -> [String] {
        do {
            _ = try decode(yaml: yaml)
            return []
        } catch {
            return error.diagnostics.map { diagnostic in
                let place = diagnostic.position.map { "\($0.line):\($0.column) " } ?? ""
                return "\(place)\(diagnostic.path.joined(separator: ".")): \(diagnostic.message)"
            }
        }
    }
}
