/// What a page of metrics is made with.
public struct PageSettings: Sendable {
    public var series: SeriesSettings
    /// Whether samples have the times of their points.
    public var sendsTimestamps: Bool
    /// Whether OpenMetrics says with lines of their own since when values count.
    public var writesCreatedLines: Bool
    /// How long a series is shown that gets no new points.
    public var expiration: Duration
    /// The most series at a time; a histogram or a summary is one.
    public var seriesLimit: Int
    /// About the most bytes that series may take, and the most that a page of them may have; what finds them
    /// quickly takes up to a half more.
    public var byteLimit: Int

    public init(
        series: SeriesSettings = SeriesSettings(), sendsTimestamps: Bool = false,
        writesCreatedLines: Bool = false, expiration: Duration = .seconds(300),
        seriesLimit: Int = 1_000_000, byteLimit: Int = 512 << 20
    ) {
        self.series = series
        self.sendsTimestamps = sendsTimestamps
        self.writesCreatedLines = writesCreatedLines
        self.expiration = expiration
        self.seriesLimit = seriesLimit
        self.byteLimit = byteLimit
    }
}

/// Why a point has no place on a page; the raw value is the label of a metric.
public enum PageRefusal: String, Error, CaseIterable, Sendable {
    case name, data, scale, buckets, count, temporality
    case lateDelta = "late_delta"
    case typeConflict = "type_conflict"
    case full

    init(_ refusal: SeriesRefusal) {
        switch refusal {
        case .name: self = .name
        case .data: self = .data
        case .scale: self = .scale
        case .buckets: self = .buckets
        case .count: self = .count
        }
    }

    /// What is wrong, in words that stand alone.
    public var reason: String {
        switch self {
        case .name: SeriesRefusal.name.reason
        case .data: SeriesRefusal.data.reason
        case .scale: SeriesRefusal.scale.reason
        case .buckets: SeriesRefusal.buckets.reason
        case .count: SeriesRefusal.count.reason
        case .temporality:
            "a sum or histogram has no temporality, or is a delta that may fall; use cumulative temporality"
        case .lateDelta: "a delta begins before the end of the one before it"
        case .typeConflict: "a metric of the same name has another type"
        case .full: "the page is full; see max_series and max_size"
        }
    }
}

/// What became of the points of a batch.
public struct PageOutcome: Sendable {
    /// How many points have no place on the page, by the reason for it.
    public internal(set) var refused: [PageRefusal: Int] = [:]

    /// How many that are together.
    public var refusedCount: Int { refused.values.reduce(0, +) }
}

/// How much a page holds.
public struct PageStatistics: Sendable {
    public let series: Int
    /// About how many bytes these take.
    public let bytes: Int
    /// How many series have left the page, in all, because nothing came for them any more.
    public let expired: Int
}
