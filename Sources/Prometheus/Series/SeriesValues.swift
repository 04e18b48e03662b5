public import Telemetry
internal import Wire

extension Double {
    /// The number of a data point or an exemplar; one that is not there is zero.
    public init(_ number: NumberValue?) {
        self =
            switch number {
            case .double(let value)?: value
            case .int(let value)?: Double(value)
            case nil: 0
            }
    }
}

/// The buckets of a histogram as Prometheus has them: each counts everything up to its bound.
public struct CumulativeBuckets: Sendable, Hashable {
    /// Finite, ascending, none twice.
    ///
    /// The bucket without a bound is not among them: it is `count`.
    public private(set) var bounds: [Double] = []
    /// As many as there are bounds.
    public private(set) var counts: [UInt64] = []
    /// All measurements.
    public let count: UInt64

    /// Adds up the buckets of a data point; what has no bound, or no count, is left out.
    public init(_ point: HistogramPointView) {
        self.init(bounds: point.explicitBounds, counts: point.bucketCounts, count: point.count)
    }

    /// Adds up buckets that each count for themselves.
    public init(bounds: [Double], counts: [UInt64], count: UInt64) {
        self.count = count
        let isAscending = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
        var pairs = Array(zip(bounds, counts))
        if !isAscending { pairs.sort { $0.0 < $1.0 } }
        var total: UInt64 = 0
        for (bound, own) in pairs {
            total = total.addingReportingOverflow(own).partialValue
            guard bound.isFinite else { continue }
            if self.bounds.last == bound {
                self.counts[self.counts.count - 1] = total
            } else {
                self.bounds.append(bound)
                self.counts.append(total)
            }
        }
    }
}

extension Exemplar {
    /// How many characters the labels of an exemplar may have.
    private static let characterLimit = 128

    /// Takes an exemplar of OTLP: `trace_id`, `span_id`, and its attributes when there is room for all.
    public init(_ exemplar: ExemplarView, _ namer: LabelNamer) {
        self.init()
        value = Double(exemplar.value)
        timestamp = exemplar.time == 0 ? nil : Int64(exemplar.time / 1_000_000)
        let (trace, span) = (exemplar.traceID, exemplar.spanID)
        if !trace.isEmpty { labels.append(LabelSet.Label("trace_id", Self.hexadecimal(trace))) }
        if !span.isEmpty { labels.append(LabelSet.Label("span_id", Self.hexadecimal(span))) }
        var attributes: [LabelSet.Label] = []
        for pair in exemplar.filteredAttributes {
            guard let name = namer.name(of: pair.key),
                !(labels + attributes).contains(where: { $0.name == name })
            else { continue }
            attributes.append(LabelSet.Label(name, pair.value.text))
            let characters = (labels + attributes).reduce(0) {
                $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
            }
            guard characters <= Self.characterLimit else { return }
        }
        labels += attributes
    }

    private static func hexadecimal(_ bytes: Bytes) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes.array {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
