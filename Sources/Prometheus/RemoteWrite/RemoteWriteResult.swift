public import Telemetry

/// How requests become telemetry.
public struct RemoteWriteSettings: Sendable {
    /// The version of the scope of metrics that do not name one.
    public var scopeVersion = ""
    /// The most bytes that a request may become as OTLP.
    public var outputLimit = 256 << 20

    public init() {}

    /// The scope of metrics that do not name one.
    static let scopeName =
        "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusremotewritereceiver"
    /// Samples, histograms and exemplars that a request may have, of each.
    static let itemLimit = 1_000_000
    /// A batch that has so many bytes takes no further series.
    static let pieceSize = 4 << 20
    /// Faults of series that are told of in full.
    static let faultLimit = 3
}

/// What a request was made of.
public struct RemoteWriteResult: Sendable {
    /// The telemetry, in pieces of some 4 MiB; the values of one series of the request are in one piece.
    public internal(set) var batches: [Batch] = []
    /// What was taken, those of `target_info` included.
    public internal(set) var samples = 0
    public internal(set) var histograms = 0
    public internal(set) var exemplars = 0
    /// Samples and histograms of series that are not valid.
    public internal(set) var invalid = 0
    /// Gauge histograms, which OTLP does not have.
    public internal(set) var unsupported = 0
    /// Exemplars of series that have no value in the request.
    public internal(set) var lostExemplars = 0
    private var faults: [String] = []
    private var faultCount = 0

    /// What is wrong with series that were not taken, for the sender; `nil` when all are valid.
    public var fault: String? {
        guard !faults.isEmpty else { return nil }
        let rest = faultCount - faults.count
        return faults.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }

    mutating func note(_ fault: SeriesFault, ofSeries name: String, items: Int) {
        invalid += items
        faultCount += 1
        guard faults.count < RemoteWriteSettings.faultLimit else { return }
        let name = name.isEmpty ? "a series" : "the series \(name.prefix(100))"
        faults.append("\(name) \(fault.reason)")
    }
}
