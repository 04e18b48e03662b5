import OTLPOracle
import SwiftProtobuf
import Telemetry

/// Where attributes are, as processors name it.
enum Level: CaseIterable {
    case resource, scope, record, event
}

extension OracleMessage {
    /// Changes the attributes at some levels: of resources, scopes, items, and events of spans.
    ///
    /// A resource or scope that is absent is made only where that gives it attributes.
    mutating func editAttributes(at levels: Set<Level>, _ edit: (inout [OTLP.KeyValue]) -> Void) {
        switch message {
        case var data as OTLP.TracesData:
            for outer in data.resourceSpans.indices { data.resourceSpans[outer].edit(at: levels, edit) }
            self = OracleMessage(signal: signal, message: data)
        case var data as OTLP.MetricsData:
            for outer in data.resourceMetrics.indices { data.resourceMetrics[outer].edit(at: levels, edit) }
            self = OracleMessage(signal: signal, message: data)
        case var data as OTLP.LogsData:
            for outer in data.resourceLogs.indices { data.resourceLogs[outer].edit(at: levels, edit) }
            self = OracleMessage(signal: signal, message: data)
        default: break
        }
    }

    /// Changes the message as the type of its signal; nothing where it is of another signal.
    mutating func edit<Data: SwiftProtobuf.Message>(_ type: Data.Type, _ edit: (inout Data) -> Void) {
        guard var data = message as? Data else { return }
        edit(&data)
        self = OracleMessage(signal: signal, message: data)
    }
}

extension OTLP.ResourceSpans {
    fileprivate mutating func edit(at levels: Set<Level>, _ edit: (inout [OTLP.KeyValue]) -> Void) {
        var header = resource
        if levels.contains(.resource) { edit(&header.attributes) }
        if header != resource { resource = header }
        for inner in scopeSpans.indices {
            var header = scopeSpans[inner].scope
            if levels.contains(.scope) { edit(&header.attributes) }
            if header != scopeSpans[inner].scope { scopeSpans[inner].scope = header }
            for index in scopeSpans[inner].spans.indices {
                if levels.contains(.record) { edit(&scopeSpans[inner].spans[index].attributes) }
                guard levels.contains(.event) else { continue }
                for event in scopeSpans[inner].spans[index].events.indices {
                    edit(&scopeSpans[inner].spans[index].events[event].attributes)
                }
            }
        }
    }
}

extension OTLP.ResourceLogs {
    fileprivate mutating func edit(at levels: Set<Level>, _ edit: (inout [OTLP.KeyValue]) -> Void) {
        var header = resource
        if levels.contains(.resource) { edit(&header.attributes) }
        if header != resource { resource = header }
        for inner in scopeLogs.indices {
            var header = scopeLogs[inner].scope
            if levels.contains(.scope) { edit(&header.attributes) }
            if header != scopeLogs[inner].scope { scopeLogs[inner].scope = header }
            guard levels.contains(.record) else { continue }
            for index in scopeLogs[inner].logRecords.indices {
                edit(&scopeLogs[inner].logRecords[index].attributes)
            }
        }
    }
}

extension OTLP.ResourceMetrics {
    fileprivate mutating func edit(at levels: Set<Level>, _ edit: (inout [OTLP.KeyValue]) -> Void) {
        var header = resource
        if levels.contains(.resource) { edit(&header.attributes) }
        if header != resource { resource = header }
        for inner in scopeMetrics.indices {
            var header = scopeMetrics[inner].scope
            if levels.contains(.scope) { edit(&header.attributes) }
            if header != scopeMetrics[inner].scope { scopeMetrics[inner].scope = header }
            guard levels.contains(.record) else { continue }
            for index in scopeMetrics[inner].metrics.indices {
                scopeMetrics[inner].metrics[index].editPoints(edit)
            }
        }
    }
}

// MARK: - Dropping

extension Array {
    /// Takes elements out, and those that `shrink` says have lost all that was in them.
    fileprivate mutating func prune(_ shrink: (inout Element) -> Bool) {
        var kept: [Element] = []
        for var element in self where shrink(&element) { kept.append(element) }
        self = kept
    }

    /// Takes out what is unwanted; returns whether that left something, or there was nothing before.
    fileprivate mutating func keepAll(but isUnwanted: (Element) -> Bool) -> Bool {
        let wasEmpty = isEmpty
        removeAll(where: isUnwanted)
        return wasEmpty || !isEmpty
    }
}

extension OTLP.TracesData {
    /// Takes out spans, with the scopes and resources that lose all their spans by that.
    mutating func drop(_ isUnwanted: (OTLP.Span) -> Bool) {
        resourceSpans.prune { resource in
            let wasEmpty = resource.scopeSpans.isEmpty
            resource.scopeSpans.prune { $0.spans.keepAll(but: isUnwanted) }
            return wasEmpty || !resource.scopeSpans.isEmpty
        }
    }
}

extension OTLP.LogsData {
    /// Takes out records, with the scopes and resources that lose all their records by that.
    mutating func drop(_ isUnwanted: (OTLP.LogRecord) -> Bool) {
        resourceLogs.prune { resource in
            let wasEmpty = resource.scopeLogs.isEmpty
            resource.scopeLogs.prune { $0.logRecords.keepAll(but: isUnwanted) }
            return wasEmpty || !resource.scopeLogs.isEmpty
        }
    }
}

extension OTLP.MetricsData {
    /// Changes metrics and takes out those that `stays` says, with the scopes and resources that lose all
    /// their metrics by that.
    mutating func prune(_ stays: (inout OTLP.Metric) -> Bool) {
        resourceMetrics.prune { resource in
            let wasEmpty = resource.scopeMetrics.isEmpty
            resource.scopeMetrics.prune { scope in
                let wasEmpty = scope.metrics.isEmpty
                scope.metrics.prune(stays)
                return wasEmpty || !scope.metrics.isEmpty
            }
            return wasEmpty || !resource.scopeMetrics.isEmpty
        }
    }
}

extension OTLP.Metric {
    /// Takes out data points by their times; returns whether that left one, or there was none before.
    mutating func dropPoints(_ isUnwanted: (UInt64) -> Bool) -> Bool {
        switch data {
        case .gauge(var gauge):
            defer { data = .gauge(gauge) }
            return gauge.dataPoints.keepAll { isUnwanted($0.timeUnixNano) }
        case .sum(var sum):
            defer { data = .sum(sum) }
            return sum.dataPoints.keepAll { isUnwanted($0.timeUnixNano) }
        case .histogram(var histogram):
            defer { data = .histogram(histogram) }
            return histogram.dataPoints.keepAll { isUnwanted($0.timeUnixNano) }
        case .exponentialHistogram(var histogram):
            defer { data = .exponentialHistogram(histogram) }
            return histogram.dataPoints.keepAll { isUnwanted($0.timeUnixNano) }
        case .summary(var summary):
            defer { data = .summary(summary) }
            return summary.dataPoints.keepAll { isUnwanted($0.timeUnixNano) }
        case nil: return true
        }
    }
}
