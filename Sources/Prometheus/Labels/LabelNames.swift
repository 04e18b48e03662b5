/// Names of labels that mean something to Prometheus, and what names may look like.
public enum LabelNames {
    /// Holds the name of the metric.
    public static let metricName = "__name__"
    /// Where a target is scraped: host and port.
    public static let address = "__address__"
    public static let scheme = "__scheme__"
    public static let metricsPath = "__metrics_path__"
    public static let scrapeInterval = "__scrape_interval__"
    public static let scrapeTimeout = "__scrape_timeout__"
    /// What begins the name of a parameter of the scrape's URL.
    public static let parameterPrefix = "__param_"
    /// What begins the names that only discovery and relabeling see.
    public static let reservedPrefix = "__"
    /// What begins the names that discovery gives.
    public static let metaPrefix = "__meta_"
    public static let job = "job"
    public static let instance = "instance"
    /// The upper bound of a bucket of a histogram.
    public static let bucketBound = "le"
    /// The quantile of a value of a summary.
    public static let quantile = "quantile"
    /// What begins the names of labels that a target gives and that are those of the server already.
    public static let exportedPrefix = "exported_"

    /// Whether a name is one of those that need no quotes: a letter or `_`, then letters, digits and `_`.
    public static func isLegacy(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    /// Whether the name of a metric is one of those that need no quotes: as of labels, with `:` as well.
    public static func isLegacyMetric(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) || first == UInt8(ascii: ":") else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: ":") }
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
