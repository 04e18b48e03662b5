/// What a page may have of the things that take more memory than they have bytes on it.
///
/// Without it an empty bucket of two bytes, or a span of six, would each cost a hundred times that and more.
struct PageBounds: Sendable {
    /// Labels of one series, and of one exemplar: OpenMetrics allows 128 characters for all of its labels.
    static let labels = 4096
    static let exemplarLabels = 128
    /// Buckets or quantiles of one metric.
    static let metricSamples = 16 << 10

    /// Exemplars and their labels, of the whole page.
    private static let exemplars = 4 << 20
    /// Buckets of native histograms, gaps included, of the whole page.
    private static let buckets = 16 << 20

    private var exemplarRoom = exemplars
    private var bucketRoom = buckets

    /// Takes note of an exemplar with its labels.
    mutating func takeExemplar(
        labels: Int, at place: ExpositionError.Place
    ) throws(ExpositionError) {
        exemplarRoom -= 1 + labels
        guard exemplarRoom >= 0 else {
            throw ExpositionError(
                "the page has more than \(Self.exemplars) exemplars and labels of exemplars", at: place)
        }
    }

    /// Takes note of buckets of a native histogram.
    mutating func take(buckets: Int, at place: ExpositionError.Place) throws(ExpositionError) {
        bucketRoom -= buckets
        guard bucketRoom >= 0 else {
            throw ExpositionError(
                "the native histograms of the page have more than \(Self.buckets) buckets", at: place)
        }
    }
}
