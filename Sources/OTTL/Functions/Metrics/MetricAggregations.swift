internal import Telemetry
internal import Wire

/// aggregate_on_attribute_value, aggregate_on_attributes.
enum MetricAggregations {
    static let all: [Function] = [aggregateOnAttributes, aggregateOnAttributeValue]

    private static let aggregateOnAttributes = Function(
        editor: "aggregate_on_attributes",
        [
            Parameter("function", .literalString),
            Parameter("attributes", .listOf(.literalString), isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        let aggregation = try arguments.aggregation(0)
        let kept: [Bytes]? =
            if arguments.optional(1) == nil { nil } else {
                try arguments.literals(1).map { Bytes(utf8: $0) }
            }
        return { frame throws(EvaluationError) in
            try aggregate(frame, aggregation, "aggregate_on_attributes") { point, kind in
                guard let kept else { return point }
                return point.replacing(kind) { pair in
                    let key = WireMessage(pair).data(1)
                    return kept.contains { $0.isEqual(to: key) } ? pair : nil
                }
            }
        }
    }.documented(
        "Puts data points with the same attributes together: sum, max, min, mean, median or count; with a "
            + "list only the attributes of the list are kept.",
        example: #"aggregate_on_attributes("sum", ["state"]) where metric.name == "system.memory.usage""#)

    private static let aggregateOnAttributeValue = Function(
        editor: "aggregate_on_attribute_value",
        [
            Parameter("function", .literalString), Parameter("attribute", .literalString),
            Parameter("values", .listOf(.literalString)), Parameter("new_value", .literalString),
        ]
    ) { arguments throws(FunctionError) in
        let aggregation = try arguments.aggregation(0)
        let attribute = Bytes(utf8: try arguments.literal(1))
        let values = try arguments.literals(2).map { Bytes(utf8: $0) }
        var pair = Writer(capacity: 64)
        pair.write(bytes: attribute, 1)
        let mark = pair.begin(2)
        pair.write(string: try arguments.literal(3), 1)
        pair.end(mark)
        let new = pair.finish()
        return { frame throws(EvaluationError) in
            try aggregate(frame, aggregation, "aggregate_on_attribute_value") { point, kind in
                point.replacing(kind) { pair in
                    let message = WireMessage(pair)
                    guard message.data(1).isEqual(to: attribute) else { return pair }
                    let value = WireMessage(message.data(2))
                    guard let text = value.field(1), text.tag.type == .lengthDelimited else { return pair }
                    let old = value.bytes[text.value]
                    return values.contains { $0.isEqual(to: old) } ? new : pair
                }
            }
        }
    }.documented(
        "Gives an attribute a new value where it has one of several, and puts data points together that have "
            + "the same attributes then.",
        example: #"aggregate_on_attribute_value("sum", "state", ["idle", "wait"], "unused")"#)

    private static func aggregate(
        _ frame: Frame, _ aggregation: Aggregation, _ name: String,
        _ change: (WireMessage, MetricData.Kind) -> WireMessage
    ) throws(EvaluationError) {
        guard let data = MetricData(frame.metric) else { return }
        guard data.kind != .summary else { throw .message("\(name) does not work on summaries") }
        let before = data.points
        let changed = before.map { change($0, data.kind) }
        let after = try aggregation.aggregated(changed, data)
        let isSame =
            before.count == after.count
            && zip(before, after).allSatisfy { $0.bytes.isEqual(to: $1) }
        if !isSame { try frame.setData(data.with(points: after), data.kind) }
    }
}

extension Arguments {
    /// A function that puts values together, by its name.
    fileprivate func aggregation(_ parameter: Int) throws(FunctionError) -> Aggregation {
        let name = try literal(parameter)
        guard let function = Aggregation.Function(rawValue: name) else {
            let names = Aggregation.Function.allCases.map(\.rawValue).joined(separator: ", ")
            throw FunctionError("there is no aggregation '\(name)', only \(names)", parameter: parameter)
        }
        return Aggregation(function: function)
    }
}

extension WireMessage {
    /// A data point with other attributes: `change` gives each KeyValue, or `nil` to take it out.
    fileprivate func replacing(_ kind: MetricData.Kind, _ change: (Bytes) -> Bytes?) -> WireMessage {
        var writer = Writer(capacity: bytes.count)
        for field in fields {
            guard field.number == kind.attributesField, field.tag.type == .lengthDelimited else {
                writer.write(raw: bytes[field.start..<field.value.upperBound])
                continue
            }
            if let pair = change(bytes[field.value]) { writer.write(bytes: pair, field.number) }
        }
        return WireMessage(writer.finish())
    }
}
