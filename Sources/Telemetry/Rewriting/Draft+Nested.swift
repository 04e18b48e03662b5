public import Wire

// Messages in messages: the status of a span, the data of a metric beside its points.
extension Draft {
    /// A change of a field in the data of a metric, which is applied when the walk leaves the data.
    struct Patch {
        let number: Int
        /// `nil` takes the field out.
        let value: FieldValue?
    }

    /// The message in a field that is not repeated, with its changes; `nil` when it is absent.
    public func message(_ number: Int) -> WireMessage? {
        find(number).map { WireMessage(value(of: $0)) }
    }

    /// Sets a field of the message in field `message`, such as the code (3) of the status (15) of a span.
    ///
    /// The message is made when it is absent, except the data of a metric: then nothing is set. The data of a
    /// metric is neither copied nor decoded, whatever number of points it has. The result says whether the
    /// field was set.
    @discardableResult
    public func setField(_ number: Int, of message: Int, _ value: FieldValue) -> Bool {
        guard let child = Schema.shared.field(message, of: kind.message)?.child,
            Schema.shared.field(message, of: kind.message)?.check == .message,
            Schema.shared.accepts(value, in: child, number)
        else { return false }
        return change(number, of: message, value)
    }

    /// Takes out a field of the message in field `message`; returns whether it was there.
    @discardableResult
    public func removeField(_ number: Int, of message: Int) -> Bool {
        guard self.message(message)?.has(number) == true else { return false }
        return change(number, of: message, nil)
    }

    /// Puts other messages in place of all those in a repeated field, such as the events of a span.
    ///
    /// Returns `false`, and changes nothing, when one of them is not valid there.
    @discardableResult
    public func setMessages(_ number: Int, _ messages: [Bytes]) -> Bool {
        guard let field = Schema.shared.field(number, of: kind.message), let child = field.child,
            field.check == .message || field.check == .keyValue, field.slot == 0, canChange(number),
            messages.allSatisfy({ Validator.isValid($0, as: child) })
        else { return false }
        removeField(number)
        for bytes in messages { put(at: nil, number: number) { $0.write(bytes: bytes, number) } }
        return true
    }

    private func change(_ number: Int, of message: Int, _ value: FieldValue?) -> Bool {
        let index = last(message)
        if kind == .metric {
            guard let index, access != .closed else { return false }
            if slots[index].state == .original {
                patches.removeAll { $0.number == number }
                patches.append(Patch(number: number, value: value))
                touch(index)
                return true
            }
        }
        guard canChange(message) else { return false }
        let old = index.map { self.value(of: slots[$0]) } ?? .empty
        put(at: index, number: message) { writer in
            let mark = writer.begin(message, expecting: old.count + 8)
            writer.write(fieldsOf: old) { $0 != number }
            if let value { writer.write(value, number) }
            writer.end(mark)
        }
        return true
    }

    /// Whether an edit replaced the data of the metric.
    var hasNewData: Bool {
        load()
        return (0..<slots.count).contains {
            slots[$0].isAdded && kind.holdsData(Int(slots[$0].number))
        }
    }

    /// Whether a field is the data of a metric with changes beside its points.
    func isPatched(_ slot: Slot) -> Bool {
        !patches.isEmpty && slot.state == .original && kind.holdsData(Int(slot.number))
    }

    /// The value of a field, with the changes inside of it.
    func value(of slot: Slot) -> Bytes {
        isPatched(slot) ? patched(bytes(slot, slot.value)) : bytes(slot, slot.value)
    }

    /// The data of a metric with its changes.
    func patched(_ data: Bytes) -> Bytes {
        var writer = Writer(capacity: data.count + 32)
        writer.write(fieldsOf: data) { number in !patches.contains { $0.number == number } }
        writer.write(patches)
        return writer.finish()
    }
}

extension Writer {
    /// Writes the fields of a message whose numbers `isWanted` says.
    mutating func write(fieldsOf message: Bytes, where isWanted: (Int) -> Bool) {
        message.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return }
            var fields = FieldWalker(base, 0, memory.count)
            while fields.next() {
                guard isWanted(fields.number) else { continue }
                write(raw: UnsafeRawBufferPointer(rebasing: memory[fields.start..<fields.position]))
            }
        }
    }

    /// Writes the fields that changes set.
    mutating func write(_ patches: [Draft.Patch]) {
        for patch in patches {
            if let value = patch.value { write(value, patch.number) }
        }
    }
}
