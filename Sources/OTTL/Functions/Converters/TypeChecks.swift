internal import Telemetry
internal import Wire

/// IsBool, IsInt, …: tests of what a value is.
enum TypeChecks {
    static let all: [Function] = [
        .check("IsBool", summary: "Whether the value is a boolean.", example: "IsBool(false)") {
            $0.kind == .bool
        },
        .check(
            "IsDouble", summary: "Whether the value is a floating-point number.",
            example: "IsDouble(log.body)"
        ) { $0.kind == .double },
        .check(
            "IsEmpty",
            summary:
                "Whether the value is nil, 0, false, without characters, elements or entries, or "
                + "an unset id.",
            example: "IsEmpty(log.body)", isEmpty),
        .check("IsInt", summary: "Whether the value is an integer.", example: "IsInt(log.body)") {
            $0.kind == .int
        },
        .check("IsList", summary: "Whether the value is a list.", example: "IsList(log.body)") {
            $0.kind == .list
        },
        .check("IsMap", summary: "Whether the value is a map.", example: "IsMap(log.body)") {
            $0.kind == .map
        },
        .check("IsString", summary: "Whether the value is text.", example: "IsString(log.body)") {
            $0.kind == .string
        },
        isRootSpan,
    ]

    @Sendable private static func isEmpty(_ value: Value) -> Bool {
        switch value {
        case .null: true
        case .bool(let bool): !bool
        case .int(let int), .duration(let int): int == 0
        case .double(let double): double == 0
        case .string(let text): text.isEmpty
        // Ids that are not set have no bytes or zeros only.
        case .bytes(let bytes): bytes.array.allSatisfy { $0 == 0 } && [0, 8, 16].contains(bytes.count)
        case .list(let values): values.isEmpty
        case .map(let map): map.isEmpty
        case .time(let time): time.nanoseconds == 0
        case .wire: value.elements?.isEmpty ?? value.entries?.isEmpty ?? false
        case .message(let message): message.bytes.isEmpty
        }
    }

    private static let isRootSpan = Function(
        test: "IsRootSpan", [], isPure: false
    ) { _ throws(FunctionError) in
        { frame throws(EvaluationError) in
            guard frame.draft.kind == .span else {
                throw .message("IsRootSpan is for spans: use it in the context span")
            }
            return frame.draft.data(4).array.allSatisfy { $0 == 0 }
        }
    }.documented("Whether the span has no parent; only in the context span.", example: "IsRootSpan()")
}
