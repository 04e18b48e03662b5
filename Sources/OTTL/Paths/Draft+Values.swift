internal import Telemetry
internal import Wire

extension Draft {
    /// All attributes.
    var attributeMap: ValueMap {
        var (map, slot) = ([ValueMap.Entry](), -1)
        while let (next, key, value) = nextAttribute(after: slot) {
            map.append(ValueMap.Entry(key, Value(value)))
            slot = next
        }
        return ValueMap(unique: map)
    }

    /// The value of an attribute; `.null` when it is not there.
    func value(of key: AttributeKey) -> Value {
        switch sharedValue(key) {
        case nil, .empty?: .null
        case .bool(let bool)?: .bool(bool)
        case .int(let int)?: .int(int)
        case .double(let double)?: .double(double)
        case .string(let text)?: .string(text)
        case .bytes(let bytes)?: .bytes(bytes)
        case .container(let view)?: .wire(view)
        }
    }

    /// Sets an attribute.
    func set(attribute key: AttributeKey, _ value: Value) throws(EvaluationError) {
        try checkWritable()
        if case .string(let text) = value { return set(key, text: text) }
        set(key, try value.attributeValue)
    }

    /// Does with each attribute what `body` says; returns how many were not kept.
    func changeAttributes(
        _ body: (ValueMap.Entry) throws(EvaluationError) -> MapTarget.Change
    ) throws(EvaluationError) -> Int {
        var (changes, slot) = (0, -1)
        while let (next, key, value) = nextAttribute(after: slot) {
            slot = next
            switch try body(ValueMap.Entry(key, Value(value))) {
            case .keep: continue
            case .remove:
                try checkWritable()
                removeAttribute(at: slot)
            case .replace(let value):
                try checkWritable()
                replaceAttribute(at: slot, key, try value.attributeValue)
            }
            changes += 1
        }
        return changes
    }

    /// Replaces all attributes.
    func replaceAttributes(with map: ValueMap) throws(EvaluationError) {
        try checkWritable()
        var values: [(Bytes, AttributeValue)] = []
        for entry in map.entries { values.append((entry.key, try entry.value.attributeValue)) }
        var slot = -1
        while let (next, _, _) = nextAttribute(after: slot) {
            slot = next
            removeAttribute(at: slot)
        }
        for (key, value) in values { addAttribute(key, value) }
    }

    /// Sets a field of the message.
    func set(_ number: Int, _ value: FieldValue) throws(EvaluationError) {
        guard setField(number, value) else {
            try checkWritable()
            throw .message("the value cannot be put there")
        }
    }

    /// Sets a field of a message inside of the message.
    func set(_ number: Int, of message: Int, _ value: FieldValue) throws(EvaluationError) {
        guard setField(number, of: message, value) else {
            try checkWritable()
            throw .message("the value cannot be put there")
        }
    }

    /// The messages in a repeated field, each as field 1 of what is returned.
    func messages(in number: Int) -> Bytes {
        var writer = Writer(capacity: 64)
        let message = current
        for field in message.fields where field.number == number {
            writer.write(bytes: message.bytes[field.value], 1)
        }
        return writer.finish()
    }

    /// Puts what `messages(in:)` returned into a repeated field.
    func set(_ number: Int, messages: Bytes) throws(EvaluationError) {
        let message = WireMessage(messages)
        guard setMessages(number, message.fields.map { message.bytes[$0.value] }) else {
            try checkWritable()
            throw .message("the messages cannot be put there")
        }
    }

    /// Throws unless the draft may be changed.
    func checkWritable() throws(EvaluationError) {
        guard isReadOnly else { return }
        throw .message("what is around the telemetry of the context cannot be changed here")
    }
}
