import Pipeline
import Settings
import Telemetry

/// Telemetry whose items know where they stand: `A/C/E` is the item `E` of the scope `C` of the resource `A`.
///
/// Resources have the attribute `resourceName`; items have a name or body, and the attribute `name`. Metrics
/// are gauges whose data points are called `G` and so on: `A/C/E/G`.
enum Grid {
    /// Every combination; each letter of a text is one name.
    static func batch(
        _ signal: Signal, _ resources: String, _ scopes: String, _ items: String, points: String = "G"
    ) -> Batch {
        var batch = Batch(signal: signal)
        for resource in resources {
            for part in parts(signal, "\(resource)", scopes, items, points) { batch.append(part) }
        }
        // As one message, the way it comes in.
        return (try? Batch(validating: batch.contiguous(), as: signal)) ?? batch
    }

    private static func parts(
        _ signal: Signal, _ resource: String, _ scopes: String, _ items: String, _ points: String
    ) -> [Batch] {
        switch signal {
        case .metrics:
            var builder = MetricsBuilder()
            builder.resource { $0.attribute("resourceName", .string(resource)) }
            for scope in scopes {
                builder.scope("\(scope)")
                for item in items {
                    builder.gauge(.init("\(item)")) { list in
                        for name in points {
                            list.point { point in
                                point.value(.int(1))
                                point.attribute("name", .string("\(name)"))
                            }
                        }
                    }
                }
            }
            return [builder.finish()]
        case .logs:
            var builder = LogsBuilder()
            builder.resource { $0.attribute("resourceName", .string(resource)) }
            for scope in scopes {
                builder.scope("\(scope)")
                for item in items {
                    builder.record { record in
                        record.body(.string("\(item)"))
                        record.attribute("name", .string("\(item)"))
                    }
                }
            }
            return [builder.finish()]
        default:
            var builder = TracesBuilder()
            builder.resource { $0.attribute("resourceName", .string(resource)) }
            for scope in scopes {
                builder.scope("\(scope)")
                for item in items {
                    builder.span { span in
                        span.name("\(item)")
                        span.attribute("name", .string("\(item)"))
                    }
                }
            }
            return [builder.finish()]
        }
    }

    /// The items of a batch, in order.
    static func items(_ batch: Batch) -> [String] {
        switch batch.signal {
        case .logs: walk(batch.resourceLogs) { ["\($0.body?.text ?? "?")"] }
        case .metrics:
            walk(batch.resourceMetrics) { metric in
                guard case .gauge(let points) = metric.content else { return [] }
                return points.map { "\(metric.name)/\(text("name", $0.attributes))" }
            }
        default: walk(batch.resourceSpans) { [$0.name] }
        }
    }

    private static func walk<Record: MessageView>(
        _ resources: [ResourceGroup<Record>], _ names: (Record) -> [String]
    ) -> [String] {
        var found: [String] = []
        for group in resources {
            let resource = text("resourceName", group.resource.attributes)
            for scope in group.scopes {
                for record in scope.records {
                    found += names(record).map { "\(resource)/\(scope.scope.name)/\($0)" }
                }
            }
        }
        return found
    }

    private static func text(_ key: String, _ attributes: Messages<KeyValueView>) -> String {
        attributes.first { $0.key == key }?.value.text ?? "-"
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
                let hint = diagnostic.suggestion.map { " (\($0)?)" } ?? ""
                return "\(place)\(diagnostic.path.joined(separator: ".")): \(diagnostic.message)\(hint)"
            }
        }
    }
}
