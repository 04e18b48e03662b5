internal import Telemetry

/// Finds the series of a batch and their values.
struct WriteCollector {
    private let settings: RemoteWriteEncoder.Settings
    /// What is known of labels, while the batch is collected.
    var cache: WriteLabelCache.Content
    var collection = WriteCollection()
    private(set) var refused: [String: Int] = [:]
    /// What the labels and helps that fill a request nearly alone take in all requests.
    private var largeBytes = 0
    private let cacheLimit: Int

    /// What the labels that are made for one batch may take.
    private static let labelLimit = 512 << 20
    /// DataPointFlags: no value was recorded.
    private static let noValue: UInt32 = 1
    private static let stale = Double(bitPattern: StaleMarker.bits)

    /// Where the points that are collected come from.
    private struct Origin {
        var source: SeriesSource
        /// Its number in the cache.
        var number: UInt32 = 0
    }

    init(_ settings: RemoteWriteEncoder.Settings, _ cache: WriteLabelCache.Content) {
        self.settings = settings
        self.cache = cache
        cacheLimit = cache.byteCount + Self.labelLimit
    }

    mutating func collect(_ group: ResourceGroup<MetricView>) {
        let resource = group.resource
        var origin = Origin(source: SeriesSource(resource, settings.series))
        var latest: UInt64 = 0
        for scope in group.scopes {
            origin.source.begin(scope.scope, schemaURL: scope.schemaURL)
            origin.number = cache.source(resource, scope)
            for metric in scope.records { latest = max(latest, collect(metric, origin)) }
        }
        guard settings.includesTargetInfo, latest > 0,
            let labels = origin.source.infoLabels(of: resource)
        else {
            return
        }
        let namespace = settings.series.metricNamer.namespace
        let name = namespace.isEmpty ? SeriesSource.targetInfo : "\(namespace)_\(SeriesSource.targetInfo)"
        let family = collection.family(
            SeriesFamily(name: name, type: .gauge, help: "Target metadata", unit: ""))
        let series = collection.series(collection.base(family, cache.base(labels)), .whole)
        collection.add(
            WriteCollection.Sample(series: series, value: 1, time: Self.milliseconds(latest), start: 0))
    }

    /// Takes the points of a metric; gives the latest time of them.
    private mutating func collect(_ metric: MetricView, _ origin: Origin) -> UInt64 {
        let content = metric.content
        let count = content.pointCount
        guard count > 0 else { return 0 }
        guard content.isCumulative else {
            refuse(count, "a metric is not cumulative, which Prometheus has no place for")
            return 0
        }
        let made: SeriesFamily
        do throws(SeriesRefusal) {
            made = try SeriesFamily(metric, settings.series)
        } catch {
            refuse(count, error.reason)
            return 0
        }
        let family = collection.family(made)
        switch content {
        case .gauge(let points), .sum(let points, _, false):
            return collect(points, family, made.type, origin, isCounter: false)
        case .sum(let points, _, true): return collect(points, family, made.type, origin, isCounter: true)
        case .histogram(let points, _): return collect(points, family, origin)
        case .exponentialHistogram(let points, _): return collect(points, family, origin)
        case .summary(let points): return collect(points, family, origin)
        case .empty: return 0
        }
    }

    private mutating func refuse(_ count: Int, _ reason: String) { refused[reason, default: 0] += count }

    static func milliseconds(_ nanoseconds: UInt64) -> Int64 { Int64(nanoseconds / 1_000_000) }

    // MARK: - Points

    /// The place of the labels of a point that becomes some series; `nil` when it is refused.
    ///
    /// Every series of a point repeats its labels, and so does every request of one series. Small parts of a
    /// point would become any number of bytes where the labels are large.
    private mutating func base(
        _ family: Int, _ point: some PointView, _ type: MetricType, _ origin: Origin, series: Int = 1,
        _ exemplars: Messages<ExemplarView>? = nil
    ) -> Int? {
        guard cache.byteCount <= cacheLimit else {
            refuse(1, "the labels of a batch take more than \(Self.labelLimit >> 20) MiB")
            return nil
        }
        let attributes = point.attributes
        let labels = cache.base(origin.number, type, attributes) {
            origin.source.labels(of: attributes, type)
        }
        let base = collection.base(family, labels)
        let size = collection.repeatedSize(ofBase: base, settings.version)
        let isLarge = size >= settings.maxRequestBytes / 2
        let bytes = size * (isLarge ? series + (exemplars?.count ?? 0) : series)
        if isLarge { largeBytes += bytes }
        guard isLarge ? largeBytes <= settings.repetitionLimit : bytes <= settings.repetitionLimit else {
            if isLarge { largeBytes -= bytes }
            refuse(
                1, "the labels of a point would be repeated in \(settings.repetitionLimit >> 20) MiB and more"
            )
            return nil
        }
        return base
    }

    private mutating func collect(
        _ points: Messages<NumberPointView>, _ family: Int, _ type: MetricType, _ origin: Origin,
        isCounter: Bool
    ) -> UInt64 {
        var latest: UInt64 = 0
        for point in points {
            latest = max(latest, point.time)
            guard let base = base(family, point, type, origin, isCounter ? point.exemplars : nil) else {
                continue
            }
            let series = collection.series(base, .whole, points: 1)
            add(series, Double(point.value), point, hasStart: isCounter)
            guard isCounter else { continue }
            for exemplar in point.exemplars {
                collection.add(Exemplar(exemplar, settings.series.labelNamer), to: series)
            }
        }
        return latest
    }

    private mutating func add(_ series: Int, _ value: Double, _ point: some PointView, hasStart: Bool = true)
    {
        let isStale = point.flags & Self.noValue != 0
        collection.add(
            WriteCollection.Sample(
                series: series, value: isStale ? Self.stale : value, time: Self.milliseconds(point.time),
                start: hasStart ? Self.milliseconds(point.startTime) : 0))
    }

    private mutating func collect(
        _ points: Messages<HistogramPointView>, _ family: Int, _ origin: Origin
    ) -> UInt64 {
        var latest: UInt64 = 0
        for point in points {
            latest = max(latest, point.time)
            let buckets = CumulativeBuckets(point)
            let isClassic = !settings.convertsHistograms || settings.keepsClassicHistograms
            // One for each bound, the one without, count, sum, and the native one.
            let count = isClassic ? buckets.bounds.count + 4 : 1
            guard let base = base(family, point, .histogram, origin, series: count, point.exemplars) else {
                continue
            }
            if settings.convertsHistograms { addConverted(point, buckets, base) }
            if isClassic { addClassic(point, buckets, base, points: settings.convertsHistograms ? 0 : 1) }
        }
        return latest
    }

    private mutating func addClassic(
        _ point: HistogramPointView, _ buckets: CumulativeBuckets, _ base: Int, points: Int
    ) {
        if let sum = point.sum { add(collection.series(base, .sum), sum, point) }
        let count = collection.series(base, .count, points: points)
        add(count, Double(buckets.count), point)
        var places: [Int] = []
        for (bound, count) in zip(buckets.bounds + [.infinity], buckets.counts + [buckets.count]) {
            let series = collection.series(base, .bucket(bound.bitPattern))
            add(series, Double(count), point)
            places.append(series)
        }
        for view in point.exemplars {
            let exemplar = Exemplar(view, settings.series.labelNamer)
            collection.add(exemplar, to: places[buckets.place(of: exemplar.value)])
        }
    }

    /// Adds a histogram as a native one with the same bounds.
    private mutating func addConverted(_ point: HistogramPointView, _ own: CumulativeBuckets, _ base: Int) {
        let series = collection.series(base, .whole, points: 1)
        var histogram = NativeHistogram()
        histogram.count = point.count
        histogram.sum = point.sum ?? 0
        histogram.positive.offset = -1
        var last: UInt64 = 0
        for count in own.counts + [own.count] {
            histogram.positive.counts.append(count >= last ? count - last : 0)
            last = count
        }
        add(series, histogram, bounds: own.bounds, point)
        for exemplar in point.exemplars {
            collection.add(Exemplar(exemplar, settings.series.labelNamer), to: series)
        }
    }

    private mutating func collect(
        _ points: Messages<ExponentialHistogramPointView>, _ family: Int, _ origin: Origin
    ) -> UInt64 {
        var latest: UInt64 = 0
        for point in points {
            latest = max(latest, point.time)
            let histogram: NativeHistogram
            do throws(SeriesRefusal) {
                histogram = try NativeHistogram(point)
            } catch {
                refuse(1, error.reason)
                continue
            }
            guard let base = base(family, point, .histogram, origin, point.exemplars) else { continue }
            let series = collection.series(base, .whole, points: 1)
            add(series, histogram, bounds: nil, point)
            for exemplar in point.exemplars {
                collection.add(Exemplar(exemplar, settings.series.labelNamer), to: series)
            }
        }
        return latest
    }

    private mutating func add(
        _ series: Int, _ histogram: NativeHistogram, bounds: [Double]?, _ point: some PointView
    ) {
        collection.add(
            WriteCollection.Histogram(
                series: series, histogram: histogram, bounds: bounds,
                isStale: point.flags & Self.noValue != 0, time: Self.milliseconds(point.time),
                start: Self.milliseconds(point.startTime)))
    }

    private mutating func collect(
        _ points: Messages<SummaryPointView>, _ family: Int, _ origin: Origin
    ) -> UInt64 {
        var latest: UInt64 = 0
        for point in points {
            latest = max(latest, point.time)
            let count = point.quantiles.count + 2
            guard let base = base(family, point, .summary, origin, series: count) else { continue }
            add(collection.series(base, .sum), point.sum, point)
            add(collection.series(base, .count, points: 1), Double(point.count), point)
            for quantile in point.quantiles {
                let series = collection.series(base, .quantile(quantile.quantile.bitPattern))
                add(series, quantile.value, point)
            }
        }
        return latest
    }
}

extension MetricView.Content {
    fileprivate var pointCount: Int {
        switch self {
        case .empty: 0
        case .gauge(let points), .sum(let points, _, _): points.reduce(0) { count, _ in count + 1 }
        case .histogram(let points, _): points.reduce(0) { count, _ in count + 1 }
        case .exponentialHistogram(let points, _): points.reduce(0) { count, _ in count + 1 }
        case .summary(let points): points.reduce(0) { count, _ in count + 1 }
        }
    }

    /// Whether each value stands for everything since a start, as in Prometheus.
    fileprivate var isCumulative: Bool {
        switch self {
        case .sum(_, let temporality, _), .histogram(_, let temporality),
            .exponentialHistogram(_, let temporality):
            temporality == 2
        case .empty, .gauge, .summary: true
        }
    }
}
