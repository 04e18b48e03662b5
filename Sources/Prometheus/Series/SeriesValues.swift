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

    /// Takes buckets as they are stored here.
    init(bounds: [Double], cumulativeCounts: [UInt64], count: UInt64) {
        self.bounds = bounds
        counts = cumulativeCounts
        self.count = count
    }

    /// Adds up buckets that each count for themselves.
    public init(bounds: [Double], counts: [UInt64], count: UInt64) {
        self.count = count
        var total: UInt64 = 0
        guard !Self.isPlain(bounds) else {
            let size = min(bounds.count, counts.count)
            self.bounds = size == bounds.count ? bounds : Array(bounds[..<size])
            self.counts = counts[..<size].map { own in
                total &+= own
                return total
            }
            return
        }
        var pairs = zip(bounds, counts).filter { !$0.0.isNaN }
        pairs.sort { $0.0 < $1.0 }
        for (bound, own) in pairs {
            total &+= own
            guard bound.isFinite else { continue }
            if self.bounds.last == bound {
                self.counts[self.counts.count - 1] = total
            } else {
                self.bounds.append(bound)
                self.counts.append(total)
            }
        }
    }

    /// The place of the bucket that a value falls into: that of its bound, or as many as there are bounds.
    public func place(of value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Whether bounds are finite, ascend, and none is there twice, as they should.
    private static func isPlain(_ bounds: [Double]) -> Bool {
        guard let first = bounds.first, let last = bounds.last else { return true }
        return first.isFinite && last.isFinite && zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
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
        if !trace.isEmpty { labels.append(LabelSet.Label("trace_id", Hexadecimal.text(of: trace.array))) }
        if !span.isEmpty { labels.append(LabelSet.Label("span_id", Hexadecimal.text(of: span.array))) }
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
}
