/// One thing that a page says.
public enum ExpositionEntry: Sendable {
    /// The type of the family whose name is at a place of the page.
    case type(name: Range<Int>, MetricType)
    /// What a family is for.
    case help(name: Range<Int>, text: Range<Int>)
    /// The unit of a family.
    case unit(name: Range<Int>, text: Range<Int>)
    case sample(ExpositionSample)
}

/// A value of a series; name and labels are read only when somebody asks for them.
public struct ExpositionSample: Sendable {
    /// What stands behind the name of the family in the name of the series, where a page does not write it.
    enum Part: UInt8, Sendable {
        case whole, bucket, sum, count, quantile

        var suffix: String {
            switch self {
            case .whole, .quantile: ""
            case .bucket: "_bucket"
            case .sum: "_sum"
            case .count: "_count"
            }
        }
    }

    /// What is known of the series: its text, or the message of the metric.
    let series: Range<Int>
    /// The name of the series, or that of its family.
    let name: Range<Int>
    var part = Part.whole
    /// The bound of a bucket or the quantile of a value, where a page does not write it as a label.
    var bound = 0.0
    /// The value; of a native histogram, how many measurements there are.
    public internal(set) var value: Double
    /// Milliseconds since 1970, when the page says when the value was taken.
    public internal(set) var timestamp: Int64?
    /// Milliseconds since 1970, when the page says with the value since when it counts.
    public internal(set) var created: Int64?
    public internal(set) var exemplars: [Exemplar] = []
    public internal(set) var histogram: NativeHistogram?
}

/// A measurement that went into a value.
public struct Exemplar: Sendable, Hashable {
    public internal(set) var labels: [LabelSet.Label] = []
    public internal(set) var value = 0.0
    /// Milliseconds since 1970, when the page says when it was taken.
    public internal(set) var timestamp: Int64?
}
