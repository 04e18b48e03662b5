import OTLPOracle
import SwiftProtobuf

extension [OTLP.KeyValue] {
    /// Sets an attribute to a number.
    mutating func put(_ key: String, _ number: Int64) {
        let pair = OTLP.KeyValue.with {
            $0.key = key
            $0.value.intValue = number
        }
        if let index = firstIndex(where: { $0.key == key }) { self[index] = pair } else { append(pair) }
    }
}

extension OTLP.TracesData {
    /// Shows every span with what is around it.
    mutating func eachSpan(_ edit: (inout OTLP.Resource, inout OTLP.Scope, inout OTLP.Span) -> Void) {
        for outer in resourceSpans.indices {
            // Taken out and put back only when changed, so that absent headers stay absent.
            var resource = resourceSpans[outer].resource
            for inner in resourceSpans[outer].scopeSpans.indices {
                var scope = resourceSpans[outer].scopeSpans[inner].scope
                for index in resourceSpans[outer].scopeSpans[inner].spans.indices {
                    edit(&resource, &scope, &resourceSpans[outer].scopeSpans[inner].spans[index])
                }
                if scope != resourceSpans[outer].scopeSpans[inner].scope {
                    resourceSpans[outer].scopeSpans[inner].scope = scope
                }
            }
            if resource != resourceSpans[outer].resource { resourceSpans[outer].resource = resource }
        }
    }
}

extension OTLP.MetricsData {
    /// Shows every metric with what is around it.
    mutating func eachMetric(_ edit: (inout OTLP.Resource, inout OTLP.Scope, inout OTLP.Metric) -> Void) {
        for outer in resourceMetrics.indices {
            var resource = resourceMetrics[outer].resource
            for inner in resourceMetrics[outer].scopeMetrics.indices {
                var scope = resourceMetrics[outer].scopeMetrics[inner].scope
                for index in resourceMetrics[outer].scopeMetrics[inner].metrics.indices {
                    edit(&resource, &scope, &resourceMetrics[outer].scopeMetrics[inner].metrics[index])
                }
                if scope != resourceMetrics[outer].scopeMetrics[inner].scope {
                    resourceMetrics[outer].scopeMetrics[inner].scope = scope
                }
            }
            if resource != resourceMetrics[outer].resource { resourceMetrics[outer].resource = resource }
        }
    }
}

extension OTLP.Metric {
    /// Sets the temporality of what has one.
    mutating func setTemporality(_ temporality: OTLP.Temporality) {
        switch data {
        case .sum(var sum):
            sum.aggregationTemporality = temporality
            data = .sum(sum)
        case .histogram(var histogram):
            histogram.aggregationTemporality = temporality
            data = .histogram(histogram)
        case .exponentialHistogram(var histogram):
            histogram.aggregationTemporality = temporality
            data = .exponentialHistogram(histogram)
        default: break
        }
    }
}
