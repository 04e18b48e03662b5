internal import Telemetry
internal import Wire

/// Writes the series of a request as OTLP.
struct WriteOutput {
    let body: Bytes
    let version: RemoteWriteVersion
    let symbols: WriteSymbols
    private let settings: RemoteWriteSettings
    var index: WriteIndex
    /// What `target_info` says of each source.
    private let info: [[LabelSet.Label]]
    var result: RemoteWriteResult
    var series = WriteSeries()

    init(_ scan: WriteScan, _ settings: RemoteWriteSettings, _ info: [[LabelSet.Label]]) {
        body = scan.body
        version = scan.version
        symbols = scan.symbols
        self.settings = settings
        index = scan.index
        result = scan.result
        self.info = info
    }

    mutating func write() -> RemoteWriteResult {
        index.sort()
        var start = 0
        while start < index.entries.count {
            var size = 0
            let first = start
            while start < index.entries.count, size < RemoteWriteSettings.pieceSize {
                size += index.entries[start].byteCount
                start += 1
            }
            result.batches.append(piece(first..<start, byteCount: size))
        }
        result.lostExemplars = index.looseExemplars.values.reduce(0) { $0 + $1.count }
        return result
    }

    /// Writes some entries that follow one another.
    private mutating func piece(_ range: Range<Int>, byteCount: Int) -> Batch {
        var builder = MetricsBuilder(capacity: 1024 + byteCount)
        var (resource, scope) = (-1, -1)
        var start = range.lowerBound
        while start < range.upperBound {
            let first = index.entries[start]
            var end = start + 1
            while end < range.upperBound, index.entries[end].family == first.family,
                index.entries[end].scope == first.scope, index.entries[end].resource == first.resource
            {
                end += 1
            }
            if first.resource != resource {
                begin(resource: first.resource, &builder)
                (resource, scope) = (first.resource, -1)
            }
            if first.scope != scope {
                begin(scope: first.scope, &builder)
                scope = first.scope
            }
            write(start..<end, index.families[first.family], &builder)
            start = end
        }
        return builder.finish()
    }

    private func begin(resource: Int, _ builder: inout MetricsBuilder) {
        let (job, instance) = index.sources[resource].source
        var attributes: [(String, String)] = []
        if !instance.isEmpty { attributes.append(("service.instance.id", instance)) }
        let parts = job.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2 {
            attributes.append(("service.namespace", String(parts[0])))
            attributes.append(("service.name", String(parts[1])))
        } else if !job.isEmpty {
            attributes.append(("service.name", job))
        }
        // Labels of one series have names of their own, so only what is there already may be meant again.
        attributes.removeAll { pair in info[resource].contains { $0.name == pair.0 } }
        attributes += info[resource].map { ($0.name, $0.value) }
        builder.resource { for (key, value) in attributes { $0.attribute(key, .string(value)) } }
    }

    private func begin(scope place: Int, _ builder: inout MetricsBuilder) {
        let scope = index.scopes[place]
        guard !scope.isDefault else {
            return builder.scope(RemoteWriteSettings.scopeName, version: settings.scopeVersion)
        }
        builder.scope(scope.name, version: scope.version, schemaURL: scope.schemaURL) {
            for label in scope.attributes { $0.attribute(label.name, .string(label.value)) }
        }
    }

    // MARK: - Metrics

    private mutating func write(
        _ run: Range<Int>, _ family: WriteIndex.Family, _ builder: inout MetricsBuilder
    ) {
        var metadata = EncodedAttributes()
        metadata.append("prometheus.type", .string(family.type.rawValue))
        let header = MetricsBuilder.Header(
            family.name, unit: family.unit, details: family.help, metadata: metadata)
        switch family.shape {
        case .gauge: builder.gauge(header) { writeNumbers(run, to: $0) }
        case .counter: builder.sum(header, .cumulative, isMonotonic: true) { writeNumbers(run, to: $0) }
        case .sum: builder.sum(header, .cumulative, isMonotonic: false) { writeNumbers(run, to: $0) }
        case .exponential: builder.exponentialHistogram(header, .cumulative) { writeExponential(run, to: $0) }
        case .explicit: builder.histogram(header, .cumulative) { writeExplicit(run, to: $0) }
        }
    }
}
