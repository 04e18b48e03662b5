import OTTL
import Telemetry
import Testing
import Wire

/// A few functions to test the language with.
enum TestFunctions {
    static let set = FunctionSet([
        Function(editor: "set", [Parameter("target", .path), Parameter("value", .value)]) { arguments in
            let (target, value) = (arguments[0].target, arguments[1].value)
            if let constant = arguments[1].constant, !constant.isNull {
                return target.assignment(of: constant)
            }
            return { frame throws(EvaluationError) in
                let new = try value(frame)
                if !new.isNull { try target.set(frame, new) }
            }
        },
        Function(editor: "delete_key", [Parameter("target", .mapPath), Parameter("key", .string)]) {
            arguments in
            let (target, key) = (arguments[0].target, arguments[1].string)
            return { frame throws(EvaluationError) in try target.map?.remove(frame, try key(frame)) }
        },
        Function(editor: "fail", []) { _ in { _ throws(EvaluationError) in throw .message("on purpose") } },
        Function(
            converter: "Concat",
            [Parameter("values", .listOf(.value)), Parameter("delimiter", .literalString)],
            gives: .string
        ) { arguments in
            let parts = (arguments[0].elements ?? []).map(\.value)
            let delimiter = arguments[1].literalString ?? ""
            return { frame throws(EvaluationError) in
                var texts: [String] = []
                for part in parts {
                    let value = try part(frame)
                    if !value.isNull { texts.append(value.plainText.string) }
                }
                return .text(texts.joined(separator: delimiter))
            }
        },
        Function(converter: "Int", [Parameter("value", .value)], gives: [.int, .null]) { arguments in
            let value = arguments[0].value
            return { frame throws(EvaluationError) in
                switch try value(frame) {
                case .int(let int): .int(int)
                case .double(let double):
                    Int64(exactly: double.rounded(.towardZero)).map { .int($0) } ?? .null
                case .string(let text): Int64(text.string).map { .int($0) } ?? .null
                default: .null
                }
            }
        },
        Function(converter: "Split", [Parameter("text", .string)], gives: .list) { arguments in
            let text = arguments[0].string
            return { frame throws(EvaluationError) in
                .list(try text(frame).string.split(separator: ",").map { .text(String($0)) })
            }
        },
        Function(
            converter: "Apply",
            [Parameter("value", .value), Parameter("function", .function, isOptional: true)],
            gives: .any
        ) { arguments in
            let (value, function) = (arguments[0].value, arguments.optional(1)?.function)
            return { frame throws(EvaluationError) in
                let value = try value(frame)
                return try function?(frame, value) ?? value
            }
        },
        Function(
            converter: "Each", [Parameter("list", .list), Parameter("change", .lambda(parameters: 2))],
            gives: .list
        ) { arguments in
            let (list, change) = (arguments[0].list, arguments[1].lambda)
            return { frame throws(EvaluationError) in
                var results: [Value] = []
                for (index, element) in try list(frame).enumerated() {
                    results.append(try change?(frame, [.int(Int64(index)), element]) ?? .null)
                }
                return .list(results)
            }
        },
        Function(converter: "Hours", [Parameter("count", .int)], gives: .duration) { arguments in
            let count = arguments[0].int
            return { frame throws(EvaluationError) in .duration(try count(frame) * 3_600_000_000_000) }
        },
        Function(converter: "Moment", [Parameter("nanoseconds", .int)], gives: .time) { arguments in
            let nanoseconds = arguments[0].int
            return { frame throws(EvaluationError) in .time(Time(nanoseconds: try nanoseconds(frame))) }
        },
        Function(test: "IsString", [Parameter("value", .value)]) { arguments in
            let value = arguments[0].value
            return { frame throws(EvaluationError) in try value(frame).kind == .string }
        },
        Function(test: "Fails", [], isPure: false) { _ in
            { _ throws(EvaluationError) in throw .message("on purpose") }
        },
    ])
}

/// Telemetry to run statements on.
struct Sample {
    let context: OTTLContext
    let batch: Batch

    static func of(_ context: OTTLContext) throws -> Sample {
        switch context {
        case .resource, .scope, .span, .spanevent: Sample(context: context, batch: try read(traces, .traces))
        case .metric, .datapoint: Sample(context: context, batch: try read(metrics, .metrics))
        case .log: Sample(context: context, batch: try read(logs, .logs))
        }
    }

    static func read(_ json: String, _ signal: Signal) throws -> Batch {
        try OTLPJSON.read(Bytes(utf8: json), as: signal)
    }

    static let surroundings = Surroundings(
        now: { 5 }, random: { 7 },
        origin: Origin(
            peer: "10.0.0.1:5", metadata: ["tenant": ["a"], "two": ["x", "y"]], attributes: ["user": "u"]))

    /// Runs a statement on everything of its context; returns what became of the telemetry, and the errors.
    func run(_ text: String) throws -> (batch: Batch, errors: [String]) {
        let statement = try Statement(parsing: text, context: context, functions: TestFunctions.set)
        var (result, errors) = (batch, [String]())
        result.rewrite(statement.places, changesParents: statement.changesParents) { draft in
            do { try statement.run(Frame(draft, Self.surroundings)) } catch { errors.append("\(error)") }
        }
        return (result, errors)
    }

    /// The value of an expression at every place of its context, as JSON.
    func values(_ text: String) throws -> [String] {
        let expression = try ValueExpression(parsing: text, context: context, functions: TestFunctions.set)
        var (copy, values) = (batch, [String]())
        copy.rewrite(context.place) { draft in
            do { values.append(Self.shown(try expression.value(Frame(draft, Self.surroundings)))) } catch {
                values.append("error: \(error)")
            }
        }
        return values
    }

    /// Whether a condition holds at the first place of its context.
    func holds(_ text: String) throws -> Bool {
        let condition = try Condition(parsing: text, context: context, functions: TestFunctions.set)
        var (copy, holds) = (batch, [Bool]())
        var failure: (any Error)?
        copy.rewrite(context.place) { draft in
            do { holds.append(try condition.holds(Frame(draft, Self.surroundings))) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        #expect(!holds.isEmpty)
        return holds.first ?? false
    }

    static func shown(_ value: Value) -> String {
        switch value {
        case .null: "nil"
        case .string(let text): "\"\(text.string)\""
        case .bytes(let bytes): "0x\(bytes.hexadecimal.string)"
        case .time(let time): "time \(time.nanoseconds)"
        case .duration(let nanoseconds): "duration \(nanoseconds)"
        case .message(let message): "\(message.name) \(message.bytes.count)"
        case .double(let double): "\(double)"
        default: value.plainText.string
        }
    }

    private static let traces = """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"host","value":{"stringValue":"h1"}}],
          "droppedAttributesCount":3},"schemaUrl":"http://resource",
         "scopeSpans":[{"scope":{"name":"lib","version":"1.2",
          "attributes":[{"key":"s","value":{"intValue":"1"}}]},
          "schemaUrl":"http://scope",
          "spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708",
           "parentSpanId":"1112131415161718","traceState":"a=1,b=2","name":"GET /","kind":2,
           "startTimeUnixNano":"1000","endTimeUnixNano":"3000","droppedAttributesCount":4,
           "droppedEventsCount":5,
           "droppedLinksCount":6,"flags":1,"status":{"code":2,"message":"bad"},
           "attributes":[{"key":"text","value":{"stringValue":"one"}},{"key":"int","value":{"intValue":"7"}},
            {"key":"float","value":{"doubleValue":1.5}},{"key":"bool","value":{"boolValue":true}},
            {"key":"bytes","value":{"bytesValue":"AQI="}},{"key":"none","value":{}},
            {"key":"list","value":{"arrayValue":{"values":[{"stringValue":"x"},{"intValue":"2"}]}}},
            {"key":"map","value":{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":
             [{"key":"b","value":{"stringValue":"deep"}}]}}},{"key":"n","value":{"intValue":"3"}}]}}}],
           "events":[{"timeUnixNano":"2000","name":"e","droppedAttributesCount":1,
            "attributes":[{"key":"k","value":{"stringValue":"v"}}]}],
           "links":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"}]}]}]}]}
        """

    private static let logs = """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"host","value":{"stringValue":"h1"}}]},
         "scopeLogs":[{"scope":{"name":"lib"},"logRecords":[
          {"timeUnixNano":"1000","observedTimeUnixNano":"2000","severityNumber":9,"severityText":"INFO",
           "eventName":"e","flags":1,"droppedAttributesCount":2,"traceId":"0102030405060708090a0b0c0d0e0f10",
           "spanId":"0102030405060708","attributes":[{"key":"k","value":{"stringValue":"v"}}],
           "body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},
            {"intValue":"2"}]}}},{"key":"z","value":{"doubleValue":2.5}}]}}},
          {"body":{"stringValue":"plain"}}]}]}]}
        """

    private static let metrics = """
        {"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{"name":"lib"},"metrics":[
         {"name":"g","unit":"1","description":"d","gauge":{"dataPoints":[{"asDouble":1.5,"timeUnixNano":"9",
          "startTimeUnixNano":"8","flags":1,"attributes":[{"key":"k","value":{"stringValue":"v"}}]}]}},
         {"name":"s","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"4",
          "exemplars":[{"asInt":"1","timeUnixNano":"1"}]}]}},
         {"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"3","sum":6,
          "bucketCounts":["1","2"],"explicitBounds":[5]}]}},
         {"name":"x","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{"count":"3","sum":6,
          "scale":-1,"zeroCount":"1","positive":{"offset":-2,"bucketCounts":["1","1"]},
          "negative":{"offset":3,"bucketCounts":["4"]}}]}},
         {"name":"q","summary":{"dataPoints":[{"count":"2","sum":3,"quantileValues":[{"quantile":0.5,
          "value":1}]}]}}]}]}]}
        """
}
