import OTLPOracle
import SwiftProtobuf

extension OracleMessage {
    /// Every item with the headers above it, in order: what has to survive any way of cutting and joining.
    ///
    /// Groups without items leave no trace.
    var flattened: [[UInt8]] {
        get throws {
            switch message {
            case let data as OTLP.TracesData: try data.flattened
            case let data as OTLP.LogsData: try data.flattened
            case let data as OTLP.MetricsData: try data.flattened
            default: []
            }
        }
    }
}

extension OTLP.TracesData {
    var flattened: [[UInt8]] {
        get throws {
            var items: [[UInt8]] = []
            for group in resourceSpans {
                var outer = group
                outer.scopeSpans = []
                for scope in group.scopeSpans {
                    var middle = scope
                    middle.spans = []
                    let header = try outer.wireForm + [0] + middle.wireForm + [0]
                    for span in scope.spans { items.append(header + (try span.wireForm)) }
                }
            }
            return items
        }
    }
}

extension OTLP.LogsData {
    var flattened: [[UInt8]] {
        get throws {
            var items: [[UInt8]] = []
            for group in resourceLogs {
                var outer = group
                outer.scopeLogs = []
                for scope in group.scopeLogs {
                    var middle = scope
                    middle.logRecords = []
                    let header = try outer.wireForm + [0] + middle.wireForm + [0]
                    for record in scope.logRecords { items.append(header + (try record.wireForm)) }
                }
            }
            return items
        }
    }
}

extension OTLP.MetricsData {
    var flattened: [[UInt8]] {
        get throws {
            var items: [[UInt8]] = []
            for group in resourceMetrics {
                var outer = group
                outer.scopeMetrics = []
                for scope in group.scopeMetrics {
                    var middle = scope
                    middle.metrics = []
                    let header = try outer.wireForm + [0] + middle.wireForm + [0]
                    for metric in scope.metrics { items += try metric.flattened.map { header + $0 } }
                }
            }
            return items
        }
    }
}

extension OTLP.Metric {
    /// Every data point with the metric it belongs to.
    var flattened: [[UInt8]] {
        get throws {
            var header = self
            let points: [any SwiftProtobuf.Message]
            switch data {
            case .gauge(let gauge):
                points = gauge.dataPoints
                header.gauge.dataPoints = []
            case .sum(let sum):
                points = sum.dataPoints
                header.sum.dataPoints = []
            case .histogram(let histogram):
                points = histogram.dataPoints
                header.histogram.dataPoints = []
            case .exponentialHistogram(let histogram):
                points = histogram.dataPoints
                header.exponentialHistogram.dataPoints = []
            case .summary(let summary):
                points = summary.dataPoints
                header.summary.dataPoints = []
            case nil: points = []
            }
            let metric = try header.wireForm
            return try points.map { metric + [0] + (try $0.serializedBytes()) }
        }
    }
}
