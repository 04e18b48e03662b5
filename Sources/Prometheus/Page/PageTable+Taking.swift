internal import Telemetry
internal import Wire

extension PageTable {
    /// Takes the points of one scope.
    mutating func take(
        _ scope: ScopeGroup<MetricView>, of group: ResourceGroup<MetricView>, at now: Duration,
        _ outcome: inout PageOutcome
    ) {
        let source = source(of: group, scope)
        showInfo(of: source, at: now)
        for metric in scope.records { take(metric, from: source, at: now, &outcome) }
    }

    private mutating func source(
        of group: ResourceGroup<MetricView>, _ scope: ScopeGroup<MetricView>
    ) -> Source {
        scratch.removeAll(keepingCapacity: true)
        append(group.resource.message.bytes)
        append(scope.scope.message.bytes)
        append(scope.message.data(3))
        let key = SeriesKey(bytes: scratch)
        if let known = sources[key] { return known }
        var series = SeriesSource(group.resource, settings.series)
        series.begin(scope.scope, schemaURL: scope.schemaURL)
        let info = series.infoLabels(of: group.resource).map { LabelText($0) }
        let source = Source(number: number(), series, info: info, key: key.bytes.count)
        note(known: source.byteCount)
        sources[key.compacted] = source
        return source
    }

    /// A number that no source and no metric has had; after 4 thousand million all are forgotten.
    private mutating func number() -> UInt32 {
        if nextNumber == .max { (nextNumber, _) = (0, forget()) }
        nextNumber += 1
        return nextNumber
    }

    /// Appends bytes with their length before them.
    private mutating func append(_ bytes: Bytes) {
        append(UInt32(truncatingIfNeeded: bytes.count))
        bytes.append(0..<bytes.count, to: &scratch)
    }

    private mutating func append(_ number: UInt32) {
        withUnsafeBytes(of: number) { scratch.append(contentsOf: $0) }
    }

    // MARK: - Metrics

    private mutating func take(
        _ metric: MetricView, from source: Source, at now: Duration, _ outcome: inout PageOutcome
    ) {
        let content = metric.content
        var taker = PointTaker(source: source, metric: known(metric, content), now: now)
        switch content {
        case .empty: break
        case .gauge(let points): for point in points { take(point, &taker, &outcome) }
        case .sum(let points, let temporality, let isMonotonic):
            let isDelta = temporality == 1
            taker.isDelta = isDelta
            taker.hasTemporality = temporality == 2 || isDelta && isMonotonic
            for point in points { take(point, &taker, &outcome) }
        case .histogram(let points, let temporality):
            taker.isDelta = temporality == 1
            taker.hasTemporality = temporality == 1 || temporality == 2
            for point in points { take(point, &taker, &outcome) }
        case .exponentialHistogram(let points, let temporality):
            taker.isDelta = temporality == 1
            taker.hasTemporality = temporality == 1 || temporality == 2
            for point in points { take(point, &taker, &outcome) }
        case .summary(let points): for point in points { take(point, &taker, &outcome) }
        }
    }

    private mutating func known(_ metric: MetricView, _ content: MetricView.Content) -> Metric {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(Self.code(content))
        append(metric.message.data(1))
        append(metric.message.data(3))
        if metric.message.has(12) {
            scratch.append(contentsOf: (metric.metadata[SeriesSource.typeAttribute]?.string ?? "").utf8)
        }
        let key = SeriesKey(bytes: scratch)
        if let known = metrics[key] { return known }
        let family: Result<SeriesFamily, SeriesRefusal>
        do throws(SeriesRefusal) {
            family = .success(try SeriesFamily(metric, settings.series))
        } catch {
            family = .failure(error)
        }
        let new = Metric(number: number(), family: family)
        note(known: 400 + key.bytes.count + metric.message.data(2).count)
        metrics[key.compacted] = new
        return new
    }

    private static func code(_ content: MetricView.Content) -> UInt8 {
        switch content {
        case .empty: 0
        case .gauge: 1
        case .sum(_, _, let isMonotonic): isMonotonic ? 2 : 3
        case .histogram: 4
        case .exponentialHistogram: 5
        case .summary: 6
        }
    }

    // MARK: - target_info

    /// Shows the attributes of a resource, those that it has now.
    private mutating func showInfo(of source: Source, at now: Duration) {
        guard let labels = source.info, let wanted = infoFamily,
            let family = try? family(wanted)
        else { return }
        if let known = family.index[source.identity] {
            known.updated = now
            guard known.labels != labels else { return }
            // Without room for them it keeps those that it has.
            try? update(known) { (series) throws(PageRefusal) in series.labels = labels }
            return
        }
        let series = PageSeries(
            family, labels: labels, key: source.identity, .number(.int(1)), startTime: 0,
            time: 0, at: now)
        try? insert(series, into: family)
    }
}

/// What all points of one metric share while they are taken.
struct PointTaker {
    let source: PageTable.Source
    let metric: PageTable.Metric
    let now: Duration
    var isDelta = false
    /// Whether the temporality is one that a page can show.
    var hasTemporality = true
}
