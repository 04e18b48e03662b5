internal import Telemetry
internal import Wire

/// convert_gauge_to_sum, convert_sum_to_gauge, copy_metric, scale_metric: metrics as wholes.
enum MetricConversions {
    static let all: [Function] = [convertSumToGauge, convertGaugeToSum, copyMetric, scaleMetric]

    private static let convertSumToGauge = Function(editor: "convert_sum_to_gauge", []) {
        _ throws(FunctionError) in
        { frame throws(EvaluationError) in
            guard let data = MetricData(frame.metric), data.kind == .sum else { return }
            try frame.setData(data.converted(), .gauge)
        }
    }.documented(
        "Makes a gauge of a sum; other metrics stay as they are.",
        example: #"convert_sum_to_gauge() where metric.name == "system.processes.count""#)

    private static let convertGaugeToSum = Function(
        editor: "convert_gauge_to_sum",
        [Parameter("aggregation_temporality", .literalString), Parameter("is_monotonic", .literalBool)]
    ) { arguments throws(FunctionError) in
        let temporality = try arguments.temporality(0)
        let isMonotonic = arguments[1].literalBool ?? false
        return { frame throws(EvaluationError) in
            guard let data = MetricData(frame.metric), data.kind == .gauge else { return }
            try frame.setData(data.converted(temporality: temporality, isMonotonic: isMonotonic), .sum)
        }
    }.documented(
        "Makes a sum of a gauge; the temporality is `cumulative` or `delta`.",
        example: #"convert_gauge_to_sum("cumulative", false) where metric.name == "requests""#)

    private static let copyMetric = Function(
        editor: "copy_metric",
        [
            Parameter("name", .string, isOptional: true),
            Parameter("description", .string, isOptional: true),
            Parameter("unit", .string, isOptional: true), Parameter("desc", .string, isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        if arguments.optional(1) != nil, arguments.optional(3) != nil {
            throw FunctionError("desc is another name of description: give one of them", parameter: 3)
        }
        let changes: [(number: Int, text: TypedGetter<Bytes>)] = [
            (1, arguments.optional(0)), (2, arguments.optional(1) ?? arguments.optional(3)),
            (3, arguments.optional(2)),
        ].compactMap { number, argument in argument.map { (number, $0.string) } }
        return { frame throws(EvaluationError) in
            let numbers = changes.map(\.number)
            try frame.checkRoom(for: 0)
            var writer = Writer(capacity: 256)
            for change in changes { writer.write(bytes: try change.text(frame), change.number) }
            let message = frame.metric.current
            for field in message.fields where !numbers.contains(field.number) {
                writer.write(raw: message.bytes[field.start..<field.value.upperBound])
            }
            try frame.add(WireMessage(writer.finish()))
        }
    }.documented(
        "Adds a copy of the metric at the end of its scope; all statements see it, so a condition has to "
            + "leave the copy out.",
        example: #"copy_metric(name="http.request.status_code", unit="s") where metric.name == "http.status""#
    )

    private static let scaleMetric = Function(
        editor: "scale_metric",
        [Parameter("factor", .value), Parameter("unit", .string, isOptional: true)]
    ) { arguments throws(FunctionError) in
        let factor = try arguments.number(0)
        let unit = arguments.optional(1)?.string
        return { frame throws(EvaluationError) in
            guard let data = MetricData(frame.metric), data.kind != .exponentialHistogram else {
                throw .message(
                    "scale_metric works on gauges, sums, histograms and summaries")
            }
            let unit = try unit?(frame)
            let points = data.points.map { PointScaling(factor: factor).scaled($0, data.kind) }
            try frame.setData(data.with(points: points), data.kind)
            if let unit { try frame.metric.set(3, .text(unit.string)) }
        }
    }.documented(
        "Multiplies the values of all data points, and the bounds of buckets, and sets the unit if one is "
            + "given; not for exponential histograms.",
        example: #"scale_metric(10.0, "kWh") where metric.name == "energy""#)
}

/// Multiplies what data points say.
struct PointScaling {
    let factor: Double

    /// The data point of a kind with its values multiplied.
    func scaled(_ point: WireMessage, _ kind: MetricData.Kind) -> Bytes {
        var writer = Writer(capacity: point.bytes.count + 8)
        for field in point.fields {
            let number = field.number
            switch (kind, number) {
            case (.gauge, 4), (.sum, 4), (.histogram, 5), (.histogram, 11), (.histogram, 12), (.summary, 5):
                writer.write(double: Double(bitPattern: field.bits) * factor, number)
            case (.gauge, 6), (.sum, 6):
                writer.write(fixed64: UInt64(bitPattern: scaled(field.bits)), number)
            case (.histogram, 7), (.histogram, 8), (.summary, 6):
                write(point, field, kind, to: &writer)
            default: writer.write(raw: point.bytes[field.start..<field.value.upperBound])
            }
        }
        return writer.finish()
    }

    /// Bounds, exemplars and quantiles.
    private func write(
        _ point: WireMessage, _ field: WireMessage.Field, _ kind: MetricData.Kind, to writer: inout Writer
    ) {
        let whole = WireMessage(point.bytes[field.start..<field.value.upperBound])
        if field.number == 7 {
            writer.write(packedFixed64: whole.doubles(7).map { ($0 * factor).bitPattern }, 7)
            return
        }
        // The value of a quantile is field 2; that of an exemplar is 3 or, as an integer, 6.
        let double = kind == .summary ? 2 : 3
        let message = WireMessage(point.bytes[field.value])
        let mark = writer.begin(field.number)
        for inner in message.fields {
            switch inner.number {
            case double: writer.write(double: Double(bitPattern: inner.bits) * factor, double)
            case 6 where kind == .histogram:
                writer.write(fixed64: UInt64(bitPattern: scaled(inner.bits)), 6)
            default: writer.write(raw: message.bytes[inner.start..<inner.value.upperBound])
            }
        }
        writer.end(mark)
    }

    private func scaled(_ bits: UInt64) -> Int64 {
        Int64(saturating: Double(Int64(bitPattern: bits)) * factor)
    }
}

extension Int64 {
    /// The number without its fraction; the nearest one where it does not fit, 0 for what is no number.
    init(saturating number: Double) {
        if number.isNaN {
            self = 0
        } else {
            self = Int64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
        }
    }
}

extension UInt64 {
    /// The number without its fraction; the nearest one where it does not fit, 0 for what is no number.
    init(saturating number: Double) {
        if number.isNaN {
            self = 0
        } else {
            self = UInt64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? 0 : .max)
        }
    }
}

extension Arguments {
    /// AggregationTemporality by its name: `delta` or `cumulative`.
    func temporality(_ parameter: Int) throws(FunctionError) -> UInt64 {
        switch try literal(parameter) {
        case "delta": return 1
        case "cumulative": return 2
        case let other:
            throw FunctionError(
                "a temporality is delta or cumulative, not '\(other)'", parameter: parameter)
        }
    }

    /// A number that has to be known when the statement is compiled.
    func number(_ parameter: Int) throws(FunctionError) -> Double {
        switch optional(parameter)?.constant {
        case .double(let double)?: return double
        case .int(let int)?: return Double(int)
        default: throw FunctionError("it has to be a number known beforehand", parameter: parameter)
        }
    }

    /// Numbers in a list that have to be known when the statement is compiled.
    func numbers(_ parameter: Int) throws(FunctionError) -> [Double] {
        var numbers: [Double] = []
        for value in optional(parameter)?.constant?.elements ?? [] {
            switch value {
            case .double(let double): numbers.append(double)
            case .int(let int): numbers.append(Double(int))
            default: throw FunctionError("it has to be a list of numbers", parameter: parameter)
            }
        }
        return numbers
    }
}
