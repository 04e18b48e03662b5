/// The type that a page gives a family; the raw value is the word of OpenMetrics.
public enum MetricType: String, CaseIterable, Sendable {
    case unknown, counter, gauge, histogram, summary, info
    case gaugeHistogram = "gaugehistogram"
    case stateSet = "stateset"

    /// The type of a word, `untyped` of the text format included; `nil` when there is none.
    init?(word: String) {
        if word == "untyped" { self = .unknown } else { self.init(rawValue: word) }
    }

    /// What may stand between the name of a family of this type and the end of the name of its series.
    var suffixes: [String] {
        switch self {
        case .counter: ["_total", "_created"]
        case .histogram: ["_bucket", "_sum", "_count", "_created"]
        case .summary: ["_sum", "_count", "_created"]
        case .info: ["_info"]
        case .unknown, .gauge, .gaugeHistogram, .stateSet: []
        }
    }
}
