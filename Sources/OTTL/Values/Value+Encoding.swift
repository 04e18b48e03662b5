internal import Telemetry
internal import Wire

extension Value {
    /// Levels of lists and maps inside of each other that OTLP takes (see `Batch`).
    static let nestingLimit = 64

    /// The value as it stands in an attribute.
    var attributeValue: AttributeValue {
        get throws(EvaluationError) {
            switch self {
            case .null: return .empty
            case .bool(let bool): return .bool(bool)
            case .int(let int): return .int(int)
            case .double(let double): return .double(double)
            case .wire(let view): return .encoded(view)
            default:
                var bounds = ValueBounds()
                try bounds.check(self)
                var writer = Writer(capacity: 64)
                try writer.write(contentOf: self, depth: 1)
                return .encoded(AnyValueView(WireMessage(writer.finish())))
            }
        }
    }
}

extension Writer {
    /// Writes the fields of an AnyValue.
    mutating func write(contentOf value: Value, depth: Int) throws(EvaluationError) {
        guard depth <= Value.nestingLimit else {
            throw .message("the value nests more than \(Value.nestingLimit) lists and maps")
        }
        switch value {
        case .null: break
        case .bool(let bool): write(bool: bool, 2)
        case .int(let int): write(signed: int, 3)
        case .double(let double): write(double: double, 4)
        case .string(let text): write(bytes: text, 1)
        case .bytes(let bytes): write(bytes: bytes, 7)
        case .wire(let view) where depth == 1: write(raw: view.message.bytes)
        case .list, .map, .wire: try write(container: value, depth: depth)
        case .time, .duration, .message:
            throw .message("a \(value.kind) cannot be put into telemetry; convert it first")
        }
    }

    private mutating func write(container value: Value, depth: Int) throws(EvaluationError) {
        if let elements = value.elements {
            let mark = begin(5)
            for element in elements { try write(value: element, in: 1, depth: depth + 1) }
            return end(mark)
        }
        let mark = begin(6)
        for entry in value.entries?.entries ?? [] {
            let pair = begin(1)
            write(bytes: entry.key, 1)
            try write(value: entry.value, in: 2, depth: depth + 1)
            end(pair)
        }
        end(mark)
    }

    private mutating func write(value: Value, in number: Int, depth: Int) throws(EvaluationError) {
        let mark = begin(number)
        try write(contentOf: value, depth: depth)
        end(mark)
    }
}
