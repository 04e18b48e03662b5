internal import Patterns
internal import Wire

/// delete_key, keep_keys, limit, merge_maps, truncate_all, …: editors of maps.
enum MapEditors {
    static let all: [Function] = [
        deleteKey, matchingKeys("delete_matching_keys", removes: true),
        matchingKeys("keep_matching_keys", removes: false), keepKeys, limit, mergeMaps, stringifyAll,
        truncateAll,
    ]

    /// The map that the first argument points at.
    static func map(_ arguments: Arguments) throws(FunctionError) -> MapTarget {
        guard let map = arguments[0].target.map else {
            throw FunctionError("it is not a map that can be changed", parameter: 0)
        }
        return map
    }

    private static let deleteKey = Function(
        editor: "delete_key", [Parameter("target", .mapPath), Parameter("key", .string)]
    ) { arguments throws(FunctionError) in
        let (map, key) = (try map(arguments), arguments[1].string)
        return { frame throws(EvaluationError) in try map.remove(frame, try key(frame)) }
    }.documented(
        "Takes a key out of a map.",
        example: #"delete_key(log.attributes, "http.request.header.authorization")"#)

    private static func matchingKeys(_ name: String, removes: Bool) -> Function {
        Function(editor: name, [Parameter("target", .mapPath), Parameter("pattern", .string)]) {
            arguments throws(FunctionError) in
            let map = try map(arguments)
            let pattern = try DynamicPattern(arguments, 1) { text throws(PatternError) in
                try RegularExpression(text)
            }
            return { frame throws(EvaluationError) in
                let expression = try pattern(frame)
                try map.change(frame) { entry throws(EvaluationError) in
                    expression.matches(entry.key) == removes ? .remove : .keep
                }
            }
        }.documented(
            removes
                ? "Takes the keys out of a map that match a regular expression."
                : "Takes the keys out of a map that do not match a regular expression.",
            example: #"\#(name)(log.attributes, "(?i).*password.*")"#)
    }

    private static let keepKeys = Function(
        editor: "keep_keys", [Parameter("target", .mapPath), Parameter("keys", .listOf(.string))]
    ) { arguments throws(FunctionError) in
        let map = try map(arguments)
        let keys = arguments.getters(1)
        return { frame throws(EvaluationError) in
            var wanted: Set<[UInt8]> = []
            for key in keys {
                let value = try key(frame)
                guard case .string(let text) = value else {
                    throw .wrongKind(expected: .string, got: value.kind)
                }
                wanted.insert(text.array)
            }
            try map.change(frame) { entry throws(EvaluationError) in
                wanted.contains(entry.key.array) ? .keep : .remove
            }
        }
    }.documented(
        "Takes all keys out of a map but those of a list.",
        example: #"keep_keys(resource.attributes, ["http.method", "http.route"])"#)

    private static let limit = Function(
        editor: "limit",
        [
            Parameter("target", .mapPath), Parameter("limit", .literalInt),
            Parameter("priority_keys", .listOf(.literalString)),
        ]
    ) { arguments throws(FunctionError) in
        let map = try map(arguments)
        guard let limit = arguments[1].literalInt, limit >= 0 else {
            throw FunctionError("the limit has to be 0 or more", parameter: 1)
        }
        let keys = Set(try arguments.literals(2).map { Array($0.utf8) })
        guard keys.count <= limit else {
            throw FunctionError(
                "there are \(keys.count) priority keys, which is more than the limit", parameter: 2)
        }
        return { frame throws(EvaluationError) in
            let entries = try map.entries(frame).entries
            guard entries.count > limit else { return }
            var room = Int(limit) - entries.count { keys.contains($0.key.array) }
            try map.change(frame) { entry throws(EvaluationError) in
                if keys.contains(entry.key.array) { return .keep }
                room -= 1
                return room >= 0 ? .keep : .remove
            }
        }
    }.documented(
        "Takes keys out of a map until it has no more than a number of them; priority "
            + "keys and the first ones stay.",
        example: #"limit(resource.attributes, 50, ["http.host", "http.method"])"#)

    private static let mergeMaps = Function(
        editor: "merge_maps",
        [Parameter("target", .mapPath), Parameter("source", .map), Parameter("strategy", .literalString)]
    ) { arguments throws(FunctionError) in
        let (map, source) = (try map(arguments), arguments[1].map)
        let strategy = try arguments.literal(2)
        guard ["insert", "update", "upsert"].contains(strategy) else {
            throw FunctionError(
                "there is no strategy '\(strategy)'; use insert, update or upsert", parameter: 2)
        }
        return { frame throws(EvaluationError) in
            try map.merge(
                frame, try source(frame), replaces: strategy != "insert", adds: strategy != "update")
        }
    }.documented(
        "Puts the entries of a map into another: insert adds, update replaces, upsert does both.",
        example: #"merge_maps(log.attributes, ParseJSON(log.body), "upsert")"#)

    private static let stringifyAll = Function(
        editor: "stringify_all", [Parameter("target", .mapPath)]
    ) { arguments throws(FunctionError) in
        let map = try map(arguments)
        return { frame throws(EvaluationError) in
            try map.change(frame) { entry throws(EvaluationError) in
                switch entry.value {
                case .string: return .keep
                case .bytes(let bytes):
                    return .replace(.string(Bytes(Base64Variant.standard.encode(bytes.array))))
                default: return .replace(.string(try entry.value.likeString() ?? .empty))
                }
            }
        }
    }.documented(
        "Makes text of every value of a map: lists and maps as JSON, bytes in base64.",
        example: "stringify_all(log.attributes)")

    private static let truncateAll = Function(
        editor: "truncate_all",
        [
            Parameter("target", .mapPath), Parameter("limit", .literalInt),
            Parameter("utf8_safe", .literalBool, isOptional: true),
            Parameter("truncation_marker", .literalString, isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        let map = try map(arguments)
        guard let limit = arguments[1].literalInt, limit >= 0 else {
            throw FunctionError("the limit has to be 0 or more", parameter: 1)
        }
        let marker = Bytes(utf8: try arguments.literal(3, default: ""))
        guard marker.count <= limit else {
            throw FunctionError("the marker is longer than the limit", parameter: 3)
        }
        return { frame throws(EvaluationError) in
            try map.change(frame) { entry throws(EvaluationError) in
                guard case .string(let text) = entry.value, text.count > limit else { return .keep }
                // Text in telemetry has to be UTF-8, so characters are never torn apart.
                let end = text.boundary(atOrBefore: Int(limit) - marker.count)
                var result = BytesBuilder(capacity: end + marker.count)
                result.append(text[0..<end])
                result.append(marker)
                return .replace(.string(result.finish()))
            }
        }
    }.documented(
        "Cuts text in a map to a number of bytes; characters are never cut, with or without `utf8_safe`.",
        example: #"truncate_all(log.attributes, 100, truncation_marker = "(truncated)")"#)
}
