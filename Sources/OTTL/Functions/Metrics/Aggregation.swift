internal import Telemetry
internal import Wire

/// Puts data points of a metric together that have the same attributes and times.
struct Aggregation {
    /// What becomes of the values.
    enum Function: String, CaseIterable {
        case sum, max, min, mean, median, count
    }

    let function: Function

    /// The data points, those that belong together as one, in the order in which each group begins.
    ///
    /// Throws where the kind of data cannot be aggregated in this way.
    func aggregated(
        _ points: [WireMessage], _ data: MetricData
    ) throws(EvaluationError) -> [Bytes] {
        if data.kind == .summary { throw .message("summaries cannot be aggregated") }
        if data.kind.isHistogram, function != .sum {
            throw .message("of a \(data.kind.name) only sums can be made, not \(function.rawValue)")
        }
        let identity = PointIdentity(kind: data.kind, isDelta: data.temporality == 1)
        var (groups, places) = ([[WireMessage]](), [[UInt8]: Int]())
        for point in points {
            let key = identity.bytes(of: point)
            if let place = places[key] {
                groups[place].append(point)
            } else {
                places[key] = groups.count
                groups.append([point])
            }
        }
        return groups.map { merged($0, data.kind) }
    }

    private func merged(_ group: [WireMessage], _ kind: MetricData.Kind) -> Bytes {
        guard group.count > 1 else { return group[0].bytes }
        switch kind {
        case .histogram: return HistogramSum.explicit(group)
        case .exponentialHistogram: return HistogramSum.exponential(group)
        default: return number(group)
        }
    }

    private func number(_ group: [WireMessage]) -> Bytes {
        let first = group[0]
        let values = group.map { NumberPointView($0).value }
        guard let kind = values[0] else { return first.bytes }
        var writer = Writer(capacity: first.bytes.count + 16)
        for field in first.fields where ![2, 4, 6].contains(field.number) {
            writer.write(raw: first.bytes[field.start..<field.value.upperBound])
        }
        HistogramSum.writeStart(of: group, to: &writer)
        switch kind {
        case .double: writer.write(double: result(values.map { Self.double($0) }), 4)
        case .int: writer.write(fixed64: UInt64(bitPattern: result(values.map { Self.int($0) })), 6)
        }
        return writer.finish()
    }

    private func result(_ values: [Double]) -> Double {
        switch function {
        case .sum: return values.reduce(0, +)
        case .mean: return values.reduce(0, +) / Double(values.count)
        case .max: return values.max() ?? 0
        case .min: return values.min() ?? 0
        case .count: return Double(values.count)
        case .median:
            let (lower, upper) = Self.middle(of: values)
            return lower == upper ? upper : (lower + upper) / 2
        }
    }

    private func result(_ values: [Int64]) -> Int64 {
        switch function {
        case .sum: return values.reduce(0, &+)
        case .mean: return values.reduce(0, &+) / Int64(values.count)
        case .max: return values.max() ?? 0
        case .min: return values.min() ?? 0
        case .count: return Int64(values.count)
        case .median:
            let (lower, upper) = Self.middle(of: values)
            return lower == upper ? upper : (lower &+ upper) / 2
        }
    }

    /// The two values in the middle; both are the same one where their number is odd.
    private static func middle<Number: Comparable>(of values: [Number]) -> (lower: Number, upper: Number) {
        let sorted = values.sorted()
        let half = sorted.count / 2
        return (sorted[sorted.count % 2 == 1 ? half : half - 1], sorted[half])
    }

    private static func double(_ value: NumberValue?) -> Double {
        switch value {
        case .double(let double): double
        case .int(let int): Double(int)
        case nil: 0
        }
    }

    private static func int(_ value: NumberValue?) -> Int64 {
        switch value {
        case .double(let double): Int64(saturating: double)
        case .int(let int): int
        case nil: 0
        }
    }
}

/// What makes data points belong together: attributes, times, and for histograms how they are cut.
struct PointIdentity {
    let kind: MetricData.Kind
    /// Whether points that began at different times stay apart.
    let isDelta: Bool

    func bytes(of point: WireMessage) -> [UInt8] {
        var pairs: [[UInt8]] = []
        for field in point.fields
        where field.number == kind.attributesField && field.tag.type == .lengthDelimited {
            pairs.append(point.bytes[field.value].array)
        }
        // The order of attributes means nothing.
        pairs.sort { $0.lexicographicallyPrecedes($1) }
        var writer = Writer(capacity: 256)
        for pair in pairs { writer.write(bytes: pair, 1) }
        writer.write(fixed64: point.unsigned(3), 2)
        if isDelta { writer.write(fixed64: point.unsigned(2), 3) }
        switch kind {
        case .histogram:
            writer.write(packedFixed64: point.fixed64s(7), 4)
            writer.write(varint: UInt64(point.fixed64s(6).count), 5)
            writeFlags(point, flags: 10, min: 11, max: 12, to: &writer)
        case .exponentialHistogram:
            writer.write(varint: point.unsigned(6), 4)
            for number in [8, 9] {
                writer.write(varint: WireMessage(point.data(number)).unsigned(1), number)
            }
            writer.write(fixed64: point.unsigned(14), 10)
            writeFlags(point, flags: 10, min: 12, max: 13, to: &writer)
        default: break
        }
        return writer.finish().array
    }

    private func writeFlags(
        _ point: WireMessage, flags: Int, min: Int, max: Int, to writer: inout Writer
    ) {
        writer.write(varint: point.unsigned(flags), 11)
        writer.write(bool: point.has(min), 12)
        writer.write(bool: point.has(max), 13)
    }
}
