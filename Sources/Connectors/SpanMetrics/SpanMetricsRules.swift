internal import Patterns
internal import Pipeline
internal import Settings
internal import Telemetry

/// The configuration of `span_metrics`, ready for use.
struct SpanMetricsRules: Sendable {
    /// What is counted by the same dimensions: calls and durations together unless they have others.
    struct Measure: Sendable {
        var countsCalls = false
        var hasDurations = false
        var isOfEvents = false
        let dimensions: SpanDimensions
        /// Memory that the buckets and exemplars of a series may take.
        var reservedBytes = 0
    }

    /// What limits the state.
    struct Limits: Sendable {
        /// Series of a measure and resource; no limit when `nil`.
        let series: Int?
        let resources: Int
        let bytes: Int
        /// What the attributes of one resource may take of them, so that it cannot drive out all others.
        var resourceBytes: Int { bytes / 16 }
        /// Delta series whose last point is remembered.
        let timestamps: Int
    }

    let measures: [Measure]
    let layout: BucketLayout
    let unit: SpanHistogramSettings.Unit
    let namespace: String
    let isDelta: Bool
    let interval: Duration
    let resourceExpiration: Duration?
    let seriesExpiration: Duration?
    let exemplars: Int
    let limits: Limits
    /// Attributes that make out a resource; `nil` when all do.
    let resourceKeys: Set<String>?
    let keepsResources: Bool
    let scopes: Set<String>
    /// What the state depends on: two connectors with equal texts can go on with the state of each other.
    let stateText: String

    init(_ settings: SpanMetricsConnector.Configuration, instanceID: String) throws(ComponentError) {
        do throws(PatternError) {
            measures = try Self.measures(settings, instanceID).map { $0.reserving(settings) }
        } catch {
            throw ComponentError("a glob of dimensions is not a pattern: \(error)", key: "dimensions")
        }
        let histogram = settings.histogram
        unit = histogram.unit
        layout =
            histogram.bounds.map { .explicit($0) }
            ?? .exponential(limit: histogram.exponential.section.maxSize)
        namespace = settings.namespace.isEmpty ? "" : settings.namespace + "."
        isDelta = settings.temporality == .delta
        interval = settings.flushInterval
        resourceExpiration = settings.metricsExpiration > .zero ? settings.metricsExpiration : nil
        seriesExpiration = settings.seriesExpiration > .zero ? settings.seriesExpiration : nil
        exemplars = settings.exemplars.enabled ? settings.exemplars.maxPerDataPoint : 0
        let series =
            settings.cardinalityLimit ?? settings.dimensionsCacheSize
            ?? SpanMetricsConnector.Configuration.defaultCardinality
        limits = Limits(
            series: series == 0 ? nil : series, resources: settings.resourceLimit,
            bytes: settings.maxStateSize.bytes, timestamps: settings.timestampCacheSize)
        resourceKeys = settings.resourceKeys.isEmpty ? nil : Set(settings.resourceKeys)
        keepsResources = settings.addResourceAttributes
        scopes = Set(settings.instrumentationScopes)
        stateText = Self.stateText(settings)
    }

    private static func measures(
        _ settings: SpanMetricsConnector.Configuration, _ instanceID: String
    ) throws(PatternError) -> [Measure] {
        func dimensions(_ more: [DimensionSettings]) throws(PatternError) -> SpanDimensions {
            try SpanDimensions(
                settings.dimensions + more, excluding: Set(settings.excludeDimensions),
                instanceID: instanceID, showsSampling: settings.showsSampling)
        }
        var measures: [Measure] = []
        let durations = settings.histogram.disable ? nil : settings.histogram.dimensions
        let areTogether = settings.callsDimensions.isEmpty && durations?.isEmpty == true
        measures.append(
            Measure(
                countsCalls: true, hasDurations: areTogether,
                dimensions: try dimensions(settings.callsDimensions)))
        if let durations, !areTogether {
            measures.append(Measure(hasDurations: true, dimensions: try dimensions(durations)))
        }
        if settings.events.enabled {
            measures.append(
                Measure(isOfEvents: true, dimensions: try dimensions(settings.events.dimensions)))
        }
        return measures
    }

    /// The settings without those that can change while the series go on.
    private static func stateText(_ settings: SpanMetricsConnector.Configuration) -> String {
        let defaults = SpanMetricsConnector.Configuration()
        var state = settings
        state.cardinalityLimit = nil
        state.dimensionsCacheSize = nil
        state.resourceLimit = defaults.resourceLimit
        state.flushInterval = defaults.flushInterval
        state.metricsExpiration = defaults.metricsExpiration
        state.seriesExpiration = defaults.seriesExpiration
        state.timestampCacheSize = defaults.timestampCacheSize
        state.maxStateSize = defaults.maxStateSize
        return state.tree(.revealed)?.json() ?? ""
    }
}

extension SpanMetricsRules.Measure {
    /// The same with the memory that a series may take.
    fileprivate func reserving(_ settings: SpanMetricsConnector.Configuration) -> Self {
        var measure = self
        if settings.exemplars.enabled {
            // An array that grows has room for up to twice as much.
            measure.reservedBytes +=
                32 + 2 * settings.exemplars.maxPerDataPoint * MemoryLayout<SpanSeries.Exemplar>.stride
        }
        if hasDurations {
            let histogram = settings.histogram
            measure.reservedBytes +=
                32 + 8
                * (histogram.bounds.map { $0.count + 1 } ?? 2 * histogram.exponential.section.maxSize)
        }
        return measure
    }
}
