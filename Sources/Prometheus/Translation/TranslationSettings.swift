/// How the pages of a target become telemetry.
public struct TranslationSettings: Sendable {
    /// Whether labels of the page win over those of the target; otherwise they get `exported_` before them.
    public var honorsLabels = false
    /// Whether the times of a page count.
    public var honorsTimestamps = true
    /// Whether series with times of their own become stale when they vanish.
    public var tracksTimestampStaleness = false
    /// What `metric_relabel_configs` says.
    public var rules: [RelabelRule] = []
    /// Labels that every series gets.
    public var externalLabels = LabelSet()
    /// Samples that a page may have after relabeling; 0 is no limit but that of the process.
    public var sampleLimit = 0
    /// Labels that a series may have; 0 is no limit.
    public var labelLimit = 0
    /// Bytes that the name of a label may have; 0 is no limit.
    public var labelNameLengthLimit = 0
    /// Bytes that the value of a label may have; 0 is no limit.
    public var labelValueLengthLimit = 0
    /// Whether names lose the suffixes that repeat their unit and type.
    public var trimsSuffixes = false
    /// Seconds that a scrape may take, for `scrape_timeout_seconds`; `nil` when what is beyond the usual five
    /// series is not reported.
    public var extraSeriesTimeout: Double?
    /// The version of the scope of metrics that do not name one.
    public var scopeVersion = ""
    /// Series that may be known of the target at a time.
    var seriesLimit = 1_000_000
    /// Bytes that names, labels and attributes of the target may take.
    var byteLimit = 512 << 20

    public init() {}

    /// The scope of metrics that do not name one: that of otelcol's receiver, since dashboards look for it.
    static let scopeName =
        "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"
    /// Exemplars that are kept of one data point in one scrape.
    static let exemplarLimit = 64
}

/// Why the page of a target is not taken.
public enum ScrapeFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The page could not be had; the text says why.
    case unreachable(String)
    /// The page cannot be read.
    case invalid(ExpositionError)
    /// A limit was exceeded; the text says which.
    case limit(String)

    public var description: String {
        switch self {
        case .unreachable(let reason), .limit(let reason): reason
        case .invalid(let error): "the page cannot be read: \(error)"
        }
    }
}

/// What a scrape gave.
public struct ScrapeOutcome: Sendable {
    /// Why there are only stale series and `up` 0; `nil` when the page was taken.
    public internal(set) var failure: ScrapeFailure?
    /// Samples on the page.
    public internal(set) var scraped = 0
    /// Samples that relabeling kept.
    public internal(set) var kept = 0
    /// Series that were not there the time before.
    public internal(set) var added = 0
    /// Samples that appeared twice, or with times that do not go together; they are not passed on.
    public internal(set) var duplicates = 0
    /// Histograms whose counts go down, and histograms and summaries without a count; they are not passed on.
    public internal(set) var incomplete = 0
}
