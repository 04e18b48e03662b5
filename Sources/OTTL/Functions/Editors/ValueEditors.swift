internal import Wire

/// append, delete_index, flatten, set.
enum ValueEditors {
    static let all: [Function] = [append, deleteIndex, flatten, set]

    private static let set = Function(
        editor: "set", [Parameter("target", .path), Parameter("value", .value)]
    ) { arguments throws(FunctionError) in
        let (target, value) = (arguments[0].target, arguments[1].value)
        if let constant = arguments[1].constant, !constant.isNull { return target.assignment(of: constant) }
        return { frame throws(EvaluationError) in
            let value = try value(frame)
            if !value.isNull { try target.set(frame, value) }
        }
    }.documented(
        "Sets a field or an attribute to a value; nil changes nothing.",
        example: #"set(metric.name, resource.attributes["http.route"])"#)

    private static let append = Function(
        editor: "append",
        [
            Parameter("target", .path), Parameter("value", .value, isOptional: true),
            Parameter("values", .listOf(.value), isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        let target = arguments[0].target
        guard arguments.optional(1) != nil || arguments.optional(2) != nil else {
            throw FunctionError("it needs a value or values to append")
        }
        let getters = (arguments.optional(1).map { [$0.value] } ?? []) + arguments.getters(2)
        return { frame throws(EvaluationError) in
            let current = try target.get(frame)
            var elements: [Value]
            switch current {
            case .null: elements = []
            case .string, .bool, .int, .double, .bytes: elements = [current]
            default:
                guard let list = current.elements else {
                    throw .message("nothing can be appended to a \(current.kind)")
                }
                elements = list
            }
            for getter in getters {
                let value = try getter(frame)
                // A list is appended element by element.
                if let more = value.elements { elements += more } else { elements.append(value) }
            }
            guard elements.count <= FunctionLimits.values else {
                throw .message("the list would have more than \(FunctionLimits.values) elements")
            }
            try target.set(frame, .list(elements))
        }
    }.documented(
        "Appends values to a list; what is no list becomes its first element, and what "
            + "is not there a new one.",
        example: #"append(log.attributes["tags"], values = ["staging", "staging:east"])"#)

    private static let deleteIndex = Function(
        editor: "delete_index",
        [
            Parameter("target", .path), Parameter("start_index", .int),
            Parameter("end_index", .int, isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        let (target, start) = (arguments[0].target, arguments[1].int)
        let end = arguments.optional(2)?.int
        return { frame throws(EvaluationError) in
            let value = try target.get(frame)
            guard var elements = value.elements else { throw .wrongKind(expected: .list, got: value.kind) }
            let from = try start(frame)
            let until: Int64
            if let end { until = try end(frame) } else { until = from &+ 1 }
            guard from >= 0, until >= from, until <= elements.count, end != nil || from < elements.count
            else {
                throw .message("\(from) to \(until) is not inside of a list of \(elements.count) elements")
            }
            guard from < until else { return }
            elements.removeSubrange(Int(from)..<Int(until))
            try target.set(frame, .list(elements))
        }
    }.documented(
        "Takes the element at an index out of a list, or those from one index up to another one.",
        example: #"delete_index(attributes["tags"], 0, 3)"#)

    private static let flatten = Function(
        editor: "flatten",
        [
            Parameter("target", .mapPath), Parameter("prefix", .literalString, isOptional: true),
            Parameter("depth", .literalInt, isOptional: true),
            Parameter("resolve_conflicts", .literalBool, isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        let map = try MapEditors.map(arguments)
        let prefix = try arguments.literal(1, default: "")
        let depth = arguments.optional(2)?.literalInt ?? .max
        guard depth >= 0 else { throw FunctionError("the depth has to be 0 or more", parameter: 2) }
        let resolves = arguments.optional(3)?.literalBool ?? false
        return { frame throws(EvaluationError) in
            let entries = try map.entries(frame)
            let isFlat = entries.entries.allSatisfy { $0.value.kind != .map && $0.value.kind != .list }
            guard !isFlat && depth > 0 || !prefix.isEmpty else { return }
            var flattening = Flattening(depth: depth, resolves: resolves)
            try flattening.add(entries, prefix: prefix, depth: 0)
            try map.replace(frame, with: flattening.map)
        }
    }.documented(
        "Moves what is in maps and lists inside of a map to its top: `a.b.0` for the "
            + "first element of `b` in `a`.",
        example: #"flatten(log.attributes, "k8s", 4)"#)

    /// Collects entries under their new names.
    private struct Flattening {
        let depth: Int64
        let resolves: Bool
        private var entries: [ValueMap.Entry] = []
        private var indices: [[UInt8]: Int] = [:]
        private var counts: [[UInt8]: Int] = [:]
        private var size = 0

        init(depth: Int64, resolves: Bool) {
            self.depth = depth
            self.resolves = resolves
        }

        var map: ValueMap { ValueMap(unique: entries) }

        mutating func add(_ map: ValueMap, prefix: String, depth: Int64) throws(EvaluationError) {
            let start = prefix.isEmpty ? "" : prefix + "."
            for entry in map.entries {
                let key = start + entry.key.string
                if depth < self.depth, let inner = entry.value.entries {
                    try add(inner, prefix: key, depth: depth + 1)
                } else if depth < self.depth, let elements = entry.value.elements {
                    for (index, element) in elements.enumerated() {
                        // Where conflicts are resolved, elements of a list are one: a, a.0, a.1.
                        try put(resolves ? key : "\(key).\(index)", element)
                    }
                } else {
                    try put(key, entry.value)
                }
            }
        }

        private mutating func put(_ name: String, _ value: Value) throws(EvaluationError) {
            var key = Array(name.utf8)
            if resolves, let count = counts[key] {
                counts[key] = count + 1
                key += Array(".\(count)".utf8)
            } else if resolves {
                counts[key] = 0
            }
            size += key.count
            try FunctionLimits.check(textSize: size)
            if let index = indices[key] {
                entries[index].value = value
            } else {
                indices[key] = entries.count
                entries.append(ValueMap.Entry(Bytes(key), value))
            }
        }
    }
}
