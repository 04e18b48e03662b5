internal import Telemetry
internal import Wire

extension ScrapeTranslator {
    /// Writes the data points of the scrape, by resource, scope and metric.
    mutating func write(_ outcome: inout ScrapeOutcome) -> Batch {
        var builder = MetricsBuilder(capacity: 256 + touched.count * 120)
        let order = inOrder()
        var (resource, scope) = (-1, -1)
        var start = 0
        while start < order.count {
            let first = table.groups[order[start]]
            var end = start + 1
            while end < order.count, place(of: order[end]) == place(of: order[start]) { end += 1 }
            let run = prepare(order[start..<end], &outcome)
            start = end
            guard !run.isEmpty else { continue }
            if first.resource != resource {
                begin(resource: first.resource, &builder)
                (resource, scope) = (first.resource, -1)
            }
            if first.scope != scope {
                begin(scope: first.scope, &builder)
                scope = first.scope
            }
            write(run, table.family(first.family), &builder)
        }
        releaseValues()
        return builder.finish()
    }

    /// The data points of the scrape as the batch has them; most pages are in that order already.
    private func inOrder() -> [Int] {
        var entries: [(place: (Int, Int, Int), offset: Int)] = []
        entries.reserveCapacity(touched.count)
        var isSorted = true
        for (offset, group) in touched.enumerated() {
            let place = place(of: group)
            if let last = entries.last, last.place > place { isSorted = false }
            entries.append((place, offset))
        }
        if isSorted { return touched }
        entries.sort { $0.place == $1.place ? $0.offset < $1.offset : $0.place < $1.place }
        return entries.map { touched[$0.offset] }
    }

    /// Where a data point is in the batch.
    private func place(of group: Int) -> (Int, Int, Int) {
        // Field by field, since a copy of the whole would count references of all that it has.
        (
            table.groups[group].resource, table.groups[group].scope,
            table.order(ofFamily: table.groups[group].family)
        )
    }

    private func begin(resource: Int, _ builder: inout MetricsBuilder) {
        let resource = table.resources[resource]
        var attributes = target.attributes(job: resource.job, instance: resource.instance)
        if resource.generation == generation {
            // A page may have thousands of them, so each is looked for once.
            let own = Set(attributes.map(\.0))
            let replaced = own.intersection(resource.info.lazy.map(\.0))
            attributes.removeAll { replaced.contains($0.0) }
            attributes += resource.info
        }
        builder.resource { for (key, value) in attributes { $0.attribute(key.name, .string(value)) } }
    }

    private func begin(scope index: Int, _ builder: inout MetricsBuilder) {
        let scope = table.scopes[index]
        guard !scope.isDefault else {
            return builder.scope(TranslationSettings.scopeName, version: settings.scopeVersion)
        }
        let names = Set(scope.attributes.lazy.map(\.name))
        let attributes =
            scope.attributes + table.info(ofScope: index).filter { !names.contains($0.name) }
        builder.scope(scope.name, version: scope.version, schemaURL: scope.schemaURL) {
            for label in attributes { $0.attribute(label.name, .string(label.value)) }
        }
    }

    /// Finishes data points; returns those that have a value, or are stale.
    private mutating func prepare(_ run: ArraySlice<Int>, _ outcome: inout ScrapeOutcome) -> [Int] {
        run.filter { index in
            if table.groups[index].isStale { return true }
            let family = table.family(table.groups[index].family)
            guard Self.isComplete(&table.groups[index], family.kind) else {
                // A data point that has only the time since when it counts is not missed.
                let group = table.groups[index]
                let isMissed = group.count != nil || group.sum != nil || !group.points.isEmpty
                outcome.incomplete += isMissed ? 1 : 0
                return false
            }
            let group = table.groups[index]
            guard !table.groups[index].isStale else { return true }
            if family.isCumulative {
                table.groups[index].track(count: group.count ?? group.value ?? 0, sum: group.growingSum)
            }
            table.groups[index].isLive = !group.hasOwnTime || settings.tracksTimestampStaleness
            return true
        }
    }

    /// Whether a data point has what it needs; one that the page calls stale becomes so.
    private static func isComplete(_ group: inout PointGroup, _ kind: OutputFamily.Kind) -> Bool {
        switch kind {
        case .gauge, .sum:
            guard let value = group.value else { return false }
            if StaleMarker.isStale(value) { group.becomeStale(at: group.time) }
            return true
        case .histogram, .summary, .exponentialHistogram:
            guard let count = group.count else { return false }
            if StaleMarker.isStale(count) || group.sum.map(StaleMarker.isStale) == true {
                group.becomeStale(at: group.time)
                return true
            }
            group.sortPoints()
            guard count >= 0, count < 0x1p63 else { return false }
            if case .histogram = kind { return group.hasGrowingBuckets }
            return true
        }
    }

    private func write(_ run: [Int], _ family: OutputFamily, _ builder: inout MetricsBuilder) {
        let header = header(family)
        let groups = run.lazy.map { self.table.groups[$0] }
        switch family.kind {
        case .gauge:
            builder.gauge(header) { points in
                for group in groups { points.point { group.write(to: $0, isCumulative: false) } }
            }
        case .sum(let isMonotonic):
            builder.sum(header, .cumulative, isMonotonic: isMonotonic) { points in
                for group in groups { points.point { group.write(to: $0, isCumulative: isMonotonic) } }
            }
        case .histogram:
            builder.histogram(header, .cumulative) { points in
                for group in groups { points.point { group.write(to: $0) } }
            }
        case .exponentialHistogram:
            builder.exponentialHistogram(header, .cumulative) { points in
                for group in groups { points.point { group.write(to: $0) } }
            }
        case .summary:
            builder.summary(header) { points in
                for group in groups { points.point { group.write(to: $0) } }
            }
        }
    }

    private func header(_ family: OutputFamily) -> MetricsBuilder.Header {
        var (help, unit, word) = (family.help, family.unit, "")
        if let place = family.metadata {
            let said = metadata.families[place]
            (help, unit, word) = (said.help, said.ucum, said.unit)
        }
        var attributes = EncodedAttributes()
        attributes.append("prometheus.type", .string(family.type.rawValue))
        var name = family.name
        if settings.trimsSuffixes {
            let isSum = if case .sum = family.kind { true } else { false }
            name = MetricNamer.trimmed(name, isSum: isSum, unit: word)
        }
        return MetricsBuilder.Header(name, unit: unit, details: help, metadata: attributes)
    }
}
