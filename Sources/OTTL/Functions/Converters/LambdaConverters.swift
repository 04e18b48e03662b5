internal import Wire

/// All, Any, Filter, Find, MapEach, MapKeys, Reduce, When: functions that take lambdas.
enum LambdaConverters {
    static let all: [Function] = [
        Function(test: "All", [source, Parameter("predicate", .lambda(parameters: 2))]) {
            arguments throws(FunctionError) in
            let holds = try predicate(arguments, 1, count: 2)
            let value = arguments[0].value
            return { frame throws(EvaluationError) in
                for (key, element) in try pairs(try value(frame)) where try !holds(frame, [key, element]) {
                    return false
                }
                return true
            }
        }.documented(
            "Whether a condition holds for every element of a list or entry of a map.",
            example: #"All(log.attributes["tags"], (_, v) => v == "prod")"#),
        Function(test: "Any", [source, Parameter("predicate", .lambda(parameters: 2))]) {
            arguments throws(FunctionError) in
            let holds = try predicate(arguments, 1, count: 2)
            let value = arguments[0].value
            return { frame throws(EvaluationError) in
                for (key, element) in try pairs(try value(frame)) where try holds(frame, [key, element]) {
                    return true
                }
                return false
            }
        }.documented(
            "Whether a condition holds for at least one element of a list or entry of a map.",
            example: #"Any(log.attributes, (k, _) => HasPrefix(k, "http."))"#),
        filter, find, mapEach, mapKeys, reduce, when,
    ]

    private static let source = Parameter("source", .value)

    /// The elements of a list with their indices, or the entries of a map with their keys.
    private static func pairs(_ value: Value) throws(EvaluationError) -> [(Value, Value)] {
        if let elements = value.elements { return elements.enumerated().map { (.int(Int64($0)), $1) } }
        if let map = value.entries { return map.entries.map { (.string($0.key), $0.value) } }
        throw .wrongKind(expected: [.list, .map], got: value.kind)
    }

    private static func lambda(
        _ arguments: Arguments, _ parameter: Int, count: Int
    ) throws(FunctionError) -> @Sendable (Frame, [Value]) throws(EvaluationError) -> Value {
        guard let lambda = arguments.optional(parameter)?.lambda else {
            throw FunctionError("it has to be a lambda with \(count) parameters", parameter: parameter)
        }
        return lambda
    }

    private static func predicate(
        _ arguments: Arguments, _ parameter: Int, count: Int
    ) throws(FunctionError) -> @Sendable (Frame, [Value]) throws(EvaluationError) -> Bool {
        let lambda = try lambda(arguments, parameter, count: count)
        return { frame, values throws(EvaluationError) in
            let result = try lambda(frame, values)
            guard case .bool(let bool) = result else { throw .wrongKind(expected: .bool, got: result.kind) }
            return bool
        }
    }

    private static let filter = Function(
        converter: "Filter", [source, Parameter("predicate", .lambda(parameters: 2))], gives: [.list, .map]
    ) { arguments throws(FunctionError) in
        let holds = try predicate(arguments, 1, count: 2)
        let value = arguments[0].value
        return { frame throws(EvaluationError) in
            let value = try value(frame)
            var kept: [(Value, Value)] = []
            for pair in try pairs(value) where try holds(frame, [pair.0, pair.1]) { kept.append(pair) }
            return value.elements == nil ? map(kept) : .list(kept.map(\.1))
        }
    }.documented(
        "The elements of a list or entries of a map for which a condition holds.",
        example: #"Filter(log.attributes, (k, _) => HasPrefix(k, "http."))"#)

    /// A map of keys that are text.
    private static func map(_ pairs: [(Value, Value)]) -> Value {
        var entries: [ValueMap.Entry] = []
        for case (.string(let key), let value) in pairs { entries.append(ValueMap.Entry(key, value)) }
        return .map(ValueMap(unique: entries))
    }

    private static let find = Function(
        converter: "Find",
        [
            source, Parameter("predicate", .lambda(parameters: 2)),
            Parameter("mapper", .lambda(parameters: 2), isOptional: true),
        ], gives: .any
    ) { arguments throws(FunctionError) in
        let holds = try predicate(arguments, 1, count: 2)
        let mapper = arguments.optional(2) == nil ? nil : try lambda(arguments, 2, count: 2)
        let value = arguments[0].value
        return { frame throws(EvaluationError) in
            for (key, element) in try pairs(try value(frame)) where try holds(frame, [key, element]) {
                guard let mapper else { return element }
                return try mapper(frame, [key, element])
            }
            return .null
        }
    }.documented(
        "The first element of a list or value of a map for which a condition holds, or "
            + "what a lambda makes of it.",
        example: #"Find(log.attributes, (_, v) => v == "prod", (k, _) => k)"#)

    private static let mapEach = Function(
        converter: "MapEach", [source, Parameter("mapper", .lambda(parameters: 2))], gives: [.list, .map]
    ) { arguments throws(FunctionError) in
        let mapper = try lambda(arguments, 1, count: 2)
        let value = arguments[0].value
        return { frame throws(EvaluationError) in
            let value = try value(frame)
            var mapped: [(Value, Value)] = []
            var size = 0
            for (key, element) in try pairs(value) {
                let result = try mapper(frame, [key, element])
                if case .string(let text) = result { size += text.count }
                try FunctionLimits.check(textSize: size)
                mapped.append((key, result))
            }
            return value.elements == nil ? map(mapped) : .list(mapped.map(\.1))
        }
    }.documented(
        "The list or map with every element or value replaced by what a lambda makes of it.",
        example: #"MapEach(log.attributes["counts"], (_, v) => Int(v) * 2)"#)

    private static let mapKeys = Function(
        converter: "MapKeys", [Parameter("source", .map), Parameter("key_mapper", .lambda(parameters: 2))],
        gives: .map
    ) { arguments throws(FunctionError) in
        let mapper = try lambda(arguments, 1, count: 2)
        let map = arguments[0].map
        return { frame throws(EvaluationError) in
            var entries: [ValueMap.Entry] = []
            var size = 0
            for entry in try map(frame).entries {
                let key = try mapper(frame, [.string(entry.key), entry.value])
                guard case .string(let name) = key else { throw .wrongKind(expected: .string, got: key.kind) }
                size += name.count
                try FunctionLimits.check(textSize: size)
                entries.append(ValueMap.Entry(name, entry.value))
            }
            return .map(ValueMap(entries))
        }
    }.documented(
        "The map with every key replaced by what a lambda makes of it; of two that "
            + "become the same the last counts.",
        example: #"MapKeys(log.attributes, (k, _) => Concat(["http.", k], ""))"#)

    /// Values of the lists and maps that the steps of one Reduce give, all together; a KiB of text counts as
    /// one too, for a step may copy the text of the step before.
    private static let reduceLimit = 1_000_000

    private static let reduce = Function(
        converter: "Reduce",
        [source, Parameter("seed", .value), Parameter("accumulator", .lambda(parameters: 3))], gives: .any
    ) { arguments throws(FunctionError) in
        let accumulator = try lambda(arguments, 2, count: 3)
        let (value, seed) = (arguments[0].value, arguments[1].value)
        return { frame throws(EvaluationError) in
            var result = try seed(frame)
            var work = reduceLimit
            for (key, element) in try pairs(try value(frame)) {
                result = try accumulator(frame, [result, key, element])
                var bounds = ValueBounds()
                try bounds.check(result)
                work -= bounds.spent + bounds.size / 1024
                guard work >= 0 else {
                    throw .message("the results of all steps have more than \(reduceLimit) values or KiB")
                }
            }
            return result
        }
    }.documented(
        "One value made of all elements of a list or entries of a map, one after the other.",
        example: #"Reduce(log.attributes["counts"], 0, (acc, _, v) => acc + Int(v))"#)

    private static let when = Function(
        converter: "When",
        [
            Parameter("condition", .lambda(parameters: 0)), Parameter("true_value", .value),
            Parameter("false_value", .value),
        ], gives: .any
    ) { arguments throws(FunctionError) in
        let holds = try predicate(arguments, 0, count: 0)
        let (yes, no) = (arguments[1].value, arguments[2].value)
        return { frame throws(EvaluationError) in try holds(frame, []) ? try yes(frame) : try no(frame) }
    }.documented(
        "One of two values, as a condition says.",
        example: #"When(() => IsMap(log.attributes), "map", "not map")"#)
}
