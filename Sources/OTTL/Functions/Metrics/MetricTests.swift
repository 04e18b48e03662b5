internal import Telemetry
internal import Wire

/// HasAttrKeyOnDatapoint, HasAttrOnDatapoint: whether a data point of a metric has an attribute.
enum MetricTests {
    static let all: [Function] = [hasKey, hasValue]

    private static let hasKey = Function(
        test: "HasAttrKeyOnDatapoint", [Parameter("key", .literalString)], isPure: false
    ) { arguments throws(FunctionError) in
        let key = Bytes(utf8: try arguments.literal(0))
        return { frame throws(EvaluationError) in
            holds(frame) { WireMessage($0).data(1).isEqual(to: key) }
        }
    }.documented(
        "Whether a data point of the metric has an attribute with this key.",
        example: #"HasAttrKeyOnDatapoint("http.method")"#)

    private static let hasValue = Function(
        test: "HasAttrOnDatapoint", [Parameter("key", .literalString), Parameter("value", .literalString)],
        isPure: false
    ) { arguments throws(FunctionError) in
        let (key, wanted) = (Bytes(utf8: try arguments.literal(0)), Bytes(utf8: try arguments.literal(1)))
        return { frame throws(EvaluationError) in
            holds(frame) { pair in
                let message = WireMessage(pair)
                guard message.data(1).isEqual(to: key) else { return false }
                let value = WireMessage(message.data(2))
                guard let text = value.field(1), text.tag.type == .lengthDelimited else { return false }
                return value.bytes[text.value].isEqual(to: wanted)
            }
        }
    }.documented(
        "Whether a data point of the metric has an attribute with this key and this text as its value.",
        example: #"HasAttrOnDatapoint("http.method", "GET")"#)

    /// Whether `test` holds for a KeyValue of one of the data points.
    private static func holds(_ frame: Frame, _ test: (Bytes) -> Bool) -> Bool {
        guard let data = MetricData(frame.metric) else { return false }
        return data.hasPoint { point in
            point.fields.contains { field in
                field.number == data.kind.attributesField && field.tag.type == .lengthDelimited
                    && test(point.bytes[field.value])
            }
        }
    }
}
