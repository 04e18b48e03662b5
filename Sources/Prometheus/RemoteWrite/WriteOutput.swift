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
    /// The entries of each piece, and about how many bytes they take.
    private var pieces: [(entries: Range<Int>, byteCount: Int)] = []
    /// About how many bytes all pieces take.
    private(set) var byteCount = 0

    /// Cuts a request into pieces; nothing is written yet.
    init(_ scan: WriteScan, _ settings: RemoteWriteSettings, _ info: [[LabelSet.Label]]) {
        body = scan.body
        version = scan.version
        symbols = scan.symbols
        self.settings = settings
        index = scan.index
        result = scan.result
        self.info = info
        index.sort()
        cut()
    }

    private mutating func cut() {
        var start = 0
        while start < index.entries.count {
            // What is said of a resource is large or small with every piece, so it does not end one.
            let first = start
            var (size, headers) = (0, 0)
            while start < index.entries.count, size < RemoteWriteSettings.pieceSize {
                let (before, entry) = (start > first ? index.entries[start - 1] : nil, index.entries[start])
                let isResource = before?.resource != entry.resource
                let isScope = isResource || before?.scope != entry.scope
                if isResource { headers += resourceSize(entry.resource) }
                if isScope { headers += index.scopes[entry.scope].byteCount }
                if isScope || before?.family != entry.family {
                    size += index.families[entry.family].byteCount
                }
                size += entry.byteCount
                start += 1
            }
            pieces.append((first..<start, size + headers))
            byteCount += size + headers
        }
    }

    private func resourceSize(_ place: Int) -> Int {
        info[place].reduce(index.sources[place].bytes.count + 100) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + 12
        }
    }

    mutating func write() -> RemoteWriteResult {
        for piece in pieces { result.batches.append(self.piece(piece.entries, byteCount: piece.byteCount)) }
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
