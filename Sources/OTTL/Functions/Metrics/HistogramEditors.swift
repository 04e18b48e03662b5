internal import Telemetry
internal import Wire

/// convert_exponential_histogram_to_histogram, merge_histogram_buckets.
enum HistogramEditors {
    /// On whole metrics.
    static let ofMetrics: [Function] = [convertExponentialHistogram]
    /// On all data points of a metric, or on one.
    static let ofPoints: [Function] = [mergeBuckets]

    private static let convertExponentialHistogram = Function(
        editor: "convert_exponential_histogram_to_histogram",
        [Parameter("distribution", .literalString), Parameter("explicit_bounds", .listOf(.value))]
    ) { arguments throws(FunctionError) in
        let name = try arguments.literal(0)
        guard let distribution = BucketDistribution.Method(rawValue: name) else {
            let names = BucketDistribution.Method.allCases.map(\.rawValue).joined(separator: ", ")
            throw FunctionError("there is no distribution '\(name)', only \(names)", parameter: 0)
        }
        let bounds = try arguments.numbers(1)
        guard !bounds.isEmpty else { throw FunctionError("it needs at least one bound", parameter: 1) }
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), bounds.allSatisfy(\.isFinite) else {
            throw FunctionError("bounds have to be finite, and each more than the one before", parameter: 1)
        }
        return { frame throws(EvaluationError) in
            guard let data = MetricData(frame.metric), data.kind == .exponentialHistogram else { return }
            var points = Writer(capacity: 256)
            for point in data.points {
                let mark = points.begin(1)
                let distribution = BucketDistribution(
                    method: distribution, bounds: bounds, random: frame.surroundings.random)
                write(point, bounds, distribution.counts(of: ExponentialHistogramPointView(point)), &points)
                points.end(mark)
                guard points.count <= data.sizeLimit else {
                    throw .message(
                        "the histogram would have more than \(data.sizeLimit) bytes: \(data.points.count) "
                            + "data points with \(bounds.count + 1) buckets each")
                }
            }
            let encoded = MetricData.encoded(points.finish(), data.temporality, false)
            try frame.setData(encoded, .histogram)
        }
    }.documented(
        "Makes a histogram with these bounds of an exponential histogram; its values are put into buckets by "
            + "the method upper, midpoint, uniform or random, negative ones not at all.",
        example: #"convert_exponential_histogram_to_histogram("random", [0.0, 10.0, 100.0, 1000.0])"#)

    /// Writes a data point of an exponential histogram as one of a histogram.
    private static func write(
        _ point: WireMessage, _ bounds: [Double], _ counts: [UInt64], _ writer: inout Writer
    ) {
        for field in point.fields {
            switch field.number {
            case 2, 3, 4, 5, 10: writer.write(raw: point.bytes[field.start..<field.value.upperBound])
            case 1 where field.tag.type == .lengthDelimited: writer.write(bytes: point.bytes[field.value], 9)
            case 11: writer.write(bytes: point.bytes[field.value], 8)
            case 12, 13: writer.write(fixed64: field.bits, field.number - 1)
            default: continue
            }
        }
        writer.write(packedFixed64: counts, 6)
        writer.write(packedFixed64: bounds.map(\.bitPattern), 7)
    }

    private static let mergeBuckets = Function(
        editor: "merge_histogram_buckets",
        [Parameter("target_value", .value), Parameter("method", .literalString, isOptional: true)]
    ) { arguments throws(FunctionError) in
        let target = try arguments.number(0)
        let name = try arguments.literal(1, default: "remove_explicit_bound")
        let method: BucketMerge
        switch name {
        case "remove_explicit_bound": method = .removing(bound: target)
        case "limit_buckets":
            guard let limit = Int(exactly: target), limit > 0 else {
                throw FunctionError("the number of buckets has to be a whole number above 0", parameter: 0)
            }
            method = .limiting(buckets: limit)
        default:
            throw FunctionError(
                "the method is remove_explicit_bound or limit_buckets, not '\(name)'", parameter: 1)
        }
        return { frame throws(EvaluationError) in
            let draft = frame.draft
            guard draft.kind == .metric else {
                guard draft.kind == .histogramPoint, let merged = method.merged(draft.current) else { return }
                draft.removeField(6)
                draft.removeField(7)
                try draft.set(6, .packedFixed64(merged.counts))
                return try draft.set(7, .packedFixed64(merged.bounds.map(\.bitPattern)))
            }
            guard let data = MetricData(draft), data.kind == .histogram else { return }
            var isChanged = false
            let points = data.points.map { point in
                guard let merged = method.merged(point) else { return point.bytes }
                isChanged = true
                return merged.written(over: point)
            }
            if isChanged { try frame.setData(data.with(points: points), .histogram) }
        }
    }.documented(
        "Puts buckets of histograms together: the one that ends at a bound with the next, or, with the "
            + "method limit_buckets, as many neighbours as it takes to have no more than so many.",
        example: #"merge_histogram_buckets(5, method="limit_buckets") where metric.name == "latency""#)
}

/// Puts neighbouring buckets together.
enum BucketMerge {
    case removing(bound: Double)
    case limiting(buckets: Int)

    /// Bounds that differ by less than this are the same.
    private static let tolerance = 1e-12

    struct Buckets {
        var bounds: [Double]
        var counts: [UInt64]

        /// A data point with these buckets.
        func written(over point: WireMessage) -> Bytes {
            var writer = Writer(capacity: point.bytes.count)
            for field in point.fields where field.number != 6 && field.number != 7 {
                writer.write(raw: point.bytes[field.start..<field.value.upperBound])
            }
            writer.write(packedFixed64: counts, 6)
            writer.write(packedFixed64: bounds.map(\.bitPattern), 7)
            return writer.finish()
        }
    }

    /// The buckets of a data point afterwards; `nil` when they stay as they are.
    func merged(_ point: WireMessage) -> Buckets? {
        let view = HistogramPointView(point)
        let buckets = Buckets(bounds: view.explicitBounds, counts: view.bucketCounts)
        guard !buckets.bounds.isEmpty, buckets.bounds.count + 1 == buckets.counts.count else { return nil }
        switch self {
        case .removing(let bound): return Self.without(bound, buckets)
        case .limiting(let limit): return Self.limited(to: limit, buckets)
        }
    }

    private static func without(_ bound: Double, _ buckets: Buckets) -> Buckets? {
        guard let index = buckets.bounds.firstIndex(where: { abs($0 - bound) < tolerance }) else {
            return nil
        }
        var result = buckets
        result.bounds.remove(at: index)
        let count = result.counts.remove(at: index)
        result.counts[index] &+= count
        return result
    }

    private static func limited(to limit: Int, _ buckets: Buckets) -> Buckets? {
        let count = buckets.counts.count
        guard count > limit, zip(buckets.bounds, buckets.bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return nil
        }
        let size = (count + limit - 1) / limit
        var result = Buckets(bounds: [], counts: [])
        for start in stride(from: 0, to: count, by: size) {
            let end = min(start + size, count)
            result.counts.append(buckets.counts[start..<end].reduce(0, &+))
            if end < count { result.bounds.append(buckets.bounds[end - 1]) }
        }
        return result
    }
}
