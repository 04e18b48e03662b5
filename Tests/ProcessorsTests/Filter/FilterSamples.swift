import Telemetry
import Wire

/// Telemetry for tables of filters, and what is left of it in short.
enum FilterSamples {
    static func read(_ json: String, _ signal: Signal) throws -> Batch {
        try OTLPJSON.read(Bytes(utf8: json), as: signal)
    }

    static func traces() throws -> Batch {
        try read(
            """
            {"resourceSpans":[
             {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"localhost"}}]},
              "scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[
               {"name":"a","kind":2,"attributes":[{"key":"container.name","value":
                {"stringValue":"app_container_1"}}]},
               {"name":"app_3","events":[{"name":"e1"}]},
               {"name":"b","events":[{"name":"x.grpc.y","attributes":[{"key":"grpc","value":
                {"boolValue":true}}]},{"name":"plain"}]}]}]},
             {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"other"}},
              {"key":"service.name","value":{"stringValue":"app_1"}}]},
              "scopeSpans":[{"scope":{"name":"own"},"spans":[{"name":"c"}]}]}]}
            """, .traces)
    }

    static func metrics() throws -> Batch {
        try read(
            """
            {"resourceMetrics":[
             {"resource":{"attributes":[{"key":"my_label","value":{"stringValue":"abc123"}},
              {"key":"container.name","value":{"stringValue":"app_container_1"}}]},
              "scopeMetrics":[{"scope":{"name":"lib"},"metrics":[
               {"name":"my.metric","gauge":{"dataPoints":[{"asInt":"1"},{"asInt":"2"}]}},
               {"name":"hist","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"1",
                "bucketCounts":["1"]}]}},
               {"name":"sum","sum":{"aggregationTemporality":2,"dataPoints":[{"asInt":"1","attributes":[
                {"key":"http.method","value":{"stringValue":"GET"}}]},{"asInt":"2","attributes":[
                {"key":"http.method","value":{"stringValue":"PUT"}}]}]}}]}]},
             {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my_service_name"}}]},
              "scopeMetrics":[{"scope":{"name":"own"},"metrics":[
               {"name":"my.metric","summary":{"dataPoints":[{"count":"1"}]}},
               {"name":"hello_world","gauge":{"dataPoints":[{"asDouble":1}]}}]}]}]}
            """, .metrics)
    }

    static func logs() throws -> Batch {
        try read(
            """
            {"resourceLogs":[
             {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"just_this_one"}}]},
              "scopeLogs":[{"scope":{"name":"lib"},"logRecords":[
               {"severityNumber":9,"severityText":"INFO","body":{"stringValue":"my password is x"}},
               {"severityNumber":17,"severityText":"ERROR2","body":{"stringValue":"IMPORTANT RECORD 1"},
                "attributes":[{"key":"record_attr","value":{"stringValue":"prefix_1"}}]}]}]},
             {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"prefix_2"}}]},
              "scopeLogs":[{"scope":{"name":"lib"},"logRecords":[
               {"severityNumber":5,"severityText":"DEBUG","body":{"stringValue":"low"}},
               {"body":{"intValue":"7"}}]}]}]}
            """, .logs)
    }

    /// What is left, in short: `resource{scope:item[events or points] …}`.
    static func outline(_ batch: Batch) -> String {
        switch batch.signal {
        case .logs:
            return batch.resourceLogs.map { group in
                group.scopes.map { scope in
                    scope.records.map { $0.body?.text ?? "" }.joined(separator: ",")
                }.joined(separator: ";")
            }.joined(separator: " | ")
        case .metrics:
            return batch.resourceMetrics.map { group in
                group.scopes.map { scope in
                    scope.records.map { "\($0.name)\(points($0))" }.joined(separator: ",")
                }.joined(separator: ";")
            }.joined(separator: " | ")
        default:
            return batch.resourceSpans.map { group in
                group.scopes.map { scope in
                    scope.records.map { span in
                        let events = span.events.map(\.name).joined(separator: " ")
                        return events.isEmpty ? span.name : "\(span.name)[\(events)]"
                    }.joined(separator: ",")
                }.joined(separator: ";")
            }.joined(separator: " | ")
        }
    }

    private static func points(_ metric: MetricView) -> Int {
        switch metric.content {
        case .gauge(let points), .sum(let points, _, _): Array(points).count
        case .histogram(let points, _): Array(points).count
        case .exponentialHistogram(let points, _): Array(points).count
        case .summary(let points): Array(points).count
        case .empty: 0
        }
    }
}
