internal import Telemetry
internal import Wire

extension Draft {
    /// All attributes.
    var attributeMap: ValueMap {
        ValueMap(unique: attributes.map { ValueMap.Entry(Bytes(utf8: $0.key), Value($0.value)) })
    }

    /// Sets an attribute.
    func set(attribute key: Bytes, _ value: Value) throws(EvaluationError) {
        try checkWritable()
        set(AttributeKey(key.string), try value.attributeValue)
    }

    /// Does with each attribute what `body` says; returns how many were not kept.
    func changeAttributes(
        _ body: (ValueMap.Entry) throws(EvaluationError) -> MapTarget.Change
    ) throws(EvaluationError) -> Int {
        var changes = 0
        for entry in attributeMap.entries {
            switch try body(entry) {
            case .keep: continue
            case .remove:
                try checkWritable()
                remove(AttributeKey(entry.key.string))
            case .replace(let value): try set(attribute: entry.key, value)
            }
            changes += 1
        }
        return changes
    }

    /// Replaces all attributes.
    func replaceAttributes(with map: ValueMap) throws(EvaluationError) {
        try checkWritable()
        removeAttributes { _, _ in true }
        for entry in map.entries { try set(attribute: entry.key, entry.value) }
    }

    /// Throws unless the draft may be changed.
    func checkWritable() throws(EvaluationError) {
        guard isReadOnly else { return }
        throw .message("what is around the telemetry of the context cannot be changed here")
    }
}

extension Value {
    /// The value as an attribute holds it.
    var attributeValue: AttributeValue {
        get throws(EvaluationError) {
            switch self {
            case .null: return .empty
            case .bool(let bool): return .bool(bool)
            case .int(let int): return .int(int)
            case .double(let double): return .double(double)
            case .string(let text): return .string(text.string)
            case .bytes(let bytes): return .bytes(bytes.array)
            case .wire(let view): return .encoded(view)
            case .list(let values):
                var elements: [AttributeValue] = []
                for value in values { elements.append(try value.attributeValue) }
                return .array(elements)
            case .map(let map):
                var pairs: [AttributeValue.KeyAndValue] = []
                for entry in map.entries {
                    pairs.append(.init(entry.key.string, try entry.value.attributeValue))
                }
                return .keyValues(pairs)
            case .time, .duration, .message:
                throw .message("a \(kind) cannot be put into an attribute")
            }
        }
    }
}
