internal import Wire

/// Coalesce, ContainsValue, Index, Keys, Len, SliceToMap, Sort, ToKeyValueString, Values.
enum CollectionConverters {
    static let all: [Function] = [
        coalesce, containsValue, index, len, sort, sliceToMap, toKeyValueString,
        ofMap("Keys", "The keys of the map as a list, in their order.") { .string($0.key) },
        ofMap("Values", "The values of the map as a list, in their order.") { $0.value },
    ]

    private static func ofMap(
        _ name: String, _ summary: String, _ element: @escaping @Sendable (ValueMap.Entry) -> Value
    ) -> Function {
        Function(converter: name, [Parameter("target", .map)], gives: .list) {
            arguments throws(FunctionError) in
            let map = arguments[0].map
            return { frame throws(EvaluationError) in .list(try map(frame).entries.map(element)) }
        }.documented(summary, example: "\(name)(resource.attributes)")
    }

    private static let coalesce = Function(
        converter: "Coalesce", [Parameter("values", .listOf(.value))], gives: .any
    ) { arguments throws(FunctionError) in
        let values = arguments.getters(0)
        guard !values.isEmpty else { throw FunctionError("it needs at least one value", parameter: 0) }
        return { frame throws(EvaluationError) in
            for getter in values {
                let value = try getter(frame)
                if !value.isNull { return value }
            }
            return .null
        }
    }.documented(
        "The first of the values that is not nil.",
        example: #"Coalesce([attributes["user.id"], attributes["enduser.id"], "unknown"])"#)

    private static let containsValue = Function(
        test: "ContainsValue", [Parameter("target", .list), Parameter("item", .value)]
    ) { arguments throws(FunctionError) in
        let (list, item) = (arguments[0].list, arguments[1].value)
        return { frame throws(EvaluationError) in
            let list = try list(frame)
            let item = try item(frame)
            return list.contains { Comparison.equal.holds($0, item) }
        }
    }.documented("Whether a value is in a list.", example: #"ContainsValue(attributes["tags"], "staging")"#)

    private static let index = Function(
        converter: "Index", [Parameter("target", .value), Parameter("value", .value)], gives: .int
    ) { arguments throws(FunctionError) in
        let (target, value) = (arguments[0].value, arguments[1].value)
        return { frame throws(EvaluationError) in
            let (target, value) = (try target(frame), try value(frame))
            if let elements = target.elements {
                return .int(Int64(elements.firstIndex { Comparison.equal.holds($0, value) } ?? -1))
            }
            guard case .string(let text) = target else {
                throw .wrongKind(expected: [.string, .list], got: target.kind)
            }
            guard case .string(let wanted) = value else {
                throw .wrongKind(expected: .string, got: value.kind)
            }
            return .int(Int64(text.index(of: wanted) ?? -1))
        }
    }.documented(
        "Where a value is first in a list, or a text (in bytes) in a text, from 0; -1 when it is not there.",
        example: #"Index("hello world", "world")"#)

    private static let len = Function.ofValue(
        "Len", "target", gives: .int,
        summary: "The number of bytes of a text, of elements of a list or of entries of a map.",
        example: "Len(log.body)"
    ) { value throws(EvaluationError) in
        switch value {
        case .string(let text), .bytes(let text): return .int(Int64(text.count))
        case .list(let values): return .int(Int64(values.count))
        case .map(let map): return .int(Int64(map.count))
        default:
            guard let count = value.elements?.count ?? value.entries?.count else {
                throw .wrongKind(expected: [.string, .bytes, .list, .map], got: value.kind)
            }
            return .int(Int64(count))
        }
    }

    // MARK: Sort

    private static let sort = Function(
        converter: "Sort",
        [Parameter("target", .list), Parameter("order", .literalString, isOptional: true)],
        gives: .list
    ) { arguments throws(FunctionError) in
        let list = arguments[0].list
        let order = try arguments.literal(1, default: "asc")
        guard order == "asc" || order == "desc" else {
            throw FunctionError("the order is asc or desc", parameter: 1)
        }
        return { frame throws(EvaluationError) in
            .list(try sorted(try list(frame), ascending: order == "asc"))
        }
    }.documented(
        "The list in ascending or descending order: as numbers where all are numbers, otherwise as text.",
        example: #"Sort(resource.attributes["device.tags"], "desc")"#)

    private static func sorted(_ values: [Value], ascending: Bool) throws(EvaluationError) -> [Value] {
        let kinds = values.reduce(into: ValueKinds()) { $0.formUnion($1.kind) }
        let simple: ValueKinds = [.int, .double, .bool, .string]
        guard simple.isSuperset(of: kinds) else {
            throw .message(
                "only integers, floats, booleans and text can be sorted, not \(kinds.subtracting(simple))")
        }
        if ValueKinds.number.isSuperset(of: kinds) {
            return values.sorted { left, right in
                ascending ? isLess(left, right) : isLess(right, left)
            }
        }
        var texts: [(Bytes, Value)] = []
        for value in values { texts.append((try value.likeString() ?? .empty, value)) }
        return texts.sorted { ascending ? $0.0.compare(to: $1.0) < 0 : $0.0.compare(to: $1.0) > 0 }.map(\.1)
    }

    /// Whether a number comes before another one; what is not a number comes first.
    private static func isLess(_ left: Value, _ right: Value) -> Bool {
        if case .int(let first) = left, case .int(let second) = right { return first < second }
        guard case .double(let first) = TypeConverters.double(left),
            case .double(let second) = TypeConverters.double(right)
        else { return false }
        return first.isNaN ? !second.isNaN : first < second
    }

    // MARK: Lists and maps

    private static let sliceToMap = Function(
        converter: "SliceToMap",
        [
            Parameter("target", .list), Parameter("key_path", .listOf(.literalString), isOptional: true),
            Parameter("value_path", .listOf(.literalString), isOptional: true),
        ], gives: .map
    ) { arguments throws(FunctionError) in
        let list = arguments[0].list
        let (keyPath, valuePath) = (try arguments.literals(1), try arguments.literals(2))
        return { frame throws(EvaluationError) in
            var entries: [ValueMap.Entry] = []
            for (index, element) in try list(frame).enumerated() {
                let key =
                    keyPath.isEmpty
                    ? Value.text(String(index)) : try follow(keyPath, from: element, index, "key")
                guard case .string(let name) = key else { throw .wrongKind(expected: .string, got: key.kind) }
                let value = valuePath.isEmpty ? element : try follow(valuePath, from: element, index, "value")
                entries.append(ValueMap.Entry(name, value))
            }
            return .map(ValueMap(entries))
        }
    }.documented(
        "A map of the elements of a list, with the keys (and values) that paths in each element lead to.",
        example: #"SliceToMap(resource.attributes["things"], ["name"], ["value"])"#)

    private static func follow(
        _ path: [String], from element: Value, _ index: Int, _ what: String
    ) throws(EvaluationError) -> Value {
        guard element.entries != nil else {
            throw .message("element \(index) is no map but \(element.kind), so it has no \(what)")
        }
        var value = element
        for name in path {
            guard let next = value.entries?[name] else {
                throw .message("element \(index) has no \(what) at \(path.joined(separator: "."))")
            }
            value = next
        }
        return value
    }

    private static let toKeyValueString = Function(
        converter: "ToKeyValueString",
        [
            Parameter("target", .map), Parameter("delimiter", .literalString, isOptional: true),
            Parameter("pair_delimiter", .literalString, isOptional: true),
            Parameter("sort_output", .literalBool, isOptional: true),
        ], gives: .string
    ) { arguments throws(FunctionError) in
        let map = arguments[0].map
        let delimiter = try arguments.literal(1, default: "=")
        let pairDelimiter = try arguments.literal(2, default: " ")
        guard delimiter != pairDelimiter else {
            throw FunctionError("the two delimiters are the same", parameter: 2)
        }
        let isSorted = arguments.optional(3)?.literalBool ?? false
        return { frame throws(EvaluationError) in
            var entries = try map(frame).entries
            if isSorted { entries.sort { $0.key.compare(to: $1.key) < 0 } }
            var result = BytesBuilder(capacity: 64)
            for (index, entry) in entries.enumerated() {
                if index > 0 { result.append(utf8: pairDelimiter) }
                let value = try entry.value.likeString()?.string ?? ""
                result.append(utf8: quoted(entry.key.string, delimiter, pairDelimiter))
                result.append(utf8: delimiter)
                result.append(utf8: quoted(value, delimiter, pairDelimiter))
                try FunctionLimits.check(textSize: result.count)
            }
            return .string(result.finish())
        }
    }.documented(
        "The map as text: `k1=v1 k2=v2`; what has a delimiter in it is put in quotes.",
        example: #"ToKeyValueString(log.body, ":", ",", true)"#)

    private static func quoted(_ text: String, _ delimiter: String, _ pairDelimiter: String) -> String {
        guard text.contains(delimiter) || text.contains(pairDelimiter) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
            + "\""
    }
}
