import OTLPOracle
import SwiftProtobuf
import Telemetry

extension OracleMessage {
    /// Changes every list of attributes that a rewrite shows: of resources, scopes, metrics, records, events
    /// and links, but not of exemplars.
    ///
    /// A resource or scope that is absent is not made.
    mutating func editAttributes(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        switch message {
        case var data as OTLP.TracesData:
            data.editAttributes(edit)
            self = OracleMessage(signal: signal, message: data)
        case var data as OTLP.MetricsData:
            data.editAttributes(edit)
            self = OracleMessage(signal: signal, message: data)
        case var data as OTLP.LogsData:
            data.editAttributes(edit)
            self = OracleMessage(signal: signal, message: data)
        default: break
        }
    }

    init(signal: Signal, message: any SwiftProtobuf.Message) {
        self.signal = signal
        self.message = message
    }
}

extension OTLP.TracesData {
    fileprivate mutating func editAttributes(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        for outer in resourceSpans.indices {
            edit(&resourceSpans[outer].resource.attributes)
            for inner in resourceSpans[outer].scopeSpans.indices {
                edit(&resourceSpans[outer].scopeSpans[inner].scope.attributes)
                for index in resourceSpans[outer].scopeSpans[inner].spans.indices {
                    resourceSpans[outer].scopeSpans[inner].spans[index].editAttributes(edit)
                }
            }
        }
    }
}

extension OTLP.Span {
    fileprivate mutating func editAttributes(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        edit(&attributes)
        for index in events.indices { edit(&events[index].attributes) }
        for index in links.indices { edit(&links[index].attributes) }
    }
}

extension OTLP.LogsData {
    fileprivate mutating func editAttributes(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        for outer in resourceLogs.indices {
            edit(&resourceLogs[outer].resource.attributes)
            for inner in resourceLogs[outer].scopeLogs.indices {
                edit(&resourceLogs[outer].scopeLogs[inner].scope.attributes)
                for index in resourceLogs[outer].scopeLogs[inner].logRecords.indices {
                    edit(&resourceLogs[outer].scopeLogs[inner].logRecords[index].attributes)
                }
            }
        }
    }
}

extension OTLP.MetricsData {
    fileprivate mutating func editAttributes(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        for outer in resourceMetrics.indices {
            edit(&resourceMetrics[outer].resource.attributes)
            for inner in resourceMetrics[outer].scopeMetrics.indices {
                edit(&resourceMetrics[outer].scopeMetrics[inner].scope.attributes)
                for index in resourceMetrics[outer].scopeMetrics[inner].metrics.indices {
                    resourceMetrics[outer].scopeMetrics[inner].metrics[index].editAttributes(edit)
                }
            }
        }
    }
}

extension OTLP.Metric {
    fileprivate mutating func editAttributes(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        edit(&metadata)
        editPoints(edit)
    }

    /// Changes the attributes of every data point.
    mutating func editPoints(_ edit: (inout [OTLP.KeyValue]) -> Void) {
        switch data {
        case .gauge(var gauge):
            for index in gauge.dataPoints.indices { edit(&gauge.dataPoints[index].attributes) }
            data = .gauge(gauge)
        case .sum(var sum):
            for index in sum.dataPoints.indices { edit(&sum.dataPoints[index].attributes) }
            data = .sum(sum)
        case .histogram(var histogram):
            for index in histogram.dataPoints.indices { edit(&histogram.dataPoints[index].attributes) }
            data = .histogram(histogram)
        case .exponentialHistogram(var histogram):
            for index in histogram.dataPoints.indices { edit(&histogram.dataPoints[index].attributes) }
            data = .exponentialHistogram(histogram)
        case .summary(var summary):
            for index in summary.dataPoints.indices { edit(&summary.dataPoints[index].attributes) }
            data = .summary(summary)
        case nil: break
        }
    }
}
