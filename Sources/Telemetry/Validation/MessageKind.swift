/// The messages of OTLP, as indices into the table of the validator.
enum MessageKind: UInt8, CaseIterable {
    // opentelemetry.proto.common.v1, resource.v1
    case anyValue, arrayValue, keyValueList, keyValue, scope, resource, entityRef
    // trace.v1
    case tracesData, resourceSpans, scopeSpans, span, event, link, status
    // metrics.v1
    case metricsData, resourceMetrics, scopeMetrics, metric, gauge, sum, histogram, exponentialHistogram
    case summary, numberPoint, histogramPoint, exponentialPoint, buckets, summaryPoint, quantile, exemplar
    // logs.v1
    case logsData, resourceLogs, scopeLogs, logRecord
    // profiles.v1development
    case profilesData, profilesDictionary, resourceProfiles, scopeProfiles, profile, profileLink, valueType
    case sample, mapping, stack, location, line, function, keyValueAndUnit

    /// The message that an export request of `signal` is.
    init(root signal: Signal) {
        switch signal {
        case .traces: self = .tracesData
        case .metrics: self = .metricsData
        case .logs: self = .logsData
        case .profiles: self = .profilesData
        }
    }
}
