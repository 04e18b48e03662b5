public import Wire

extension Draft {
    /// A value for a field of a message, by its wire type.
    public enum FieldValue: Sendable {
        case text(String)
        case data(Bytes)
        /// uint32, uint64, bool or an enumeration.
        case unsigned(UInt64)
        /// int32 or int64.
        case signed(Int64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case double(Double)
        /// An AnyValue, as the body of a log record is.
        case value(AttributeValue)
    }

    /// The value of a string field; empty when it is absent.
    public func text(_ number: Int) -> String {
        find(number).map { bytes($0, $0.value).string } ?? ""
    }

    /// The value of a length-delimited field; empty when it is absent.
    public func data(_ number: Int) -> Bytes {
        find(number).map { bytes($0, $0.value) } ?? .empty
    }

    /// The value of a varint, fixed32 or fixed64 field; 0 when it is absent.
    public func unsigned(_ number: Int) -> UInt64 {
        guard let slot = find(number) else { return 0 }
        return WireMessage(bytes(slot, slot.current)).unsigned(number)
    }

    /// Whether a field is there.
    public func hasField(_ number: Int) -> Bool { find(number) != nil }

    /// Sets a field that is not repeated, whether or not it is there.
    ///
    /// The numbers and types are those of OTLP. A value that the message would not be valid with (of another
    /// wire type, an id of the wrong length) is not set; the result says whether it was. What excludes it
    /// (the
    /// data of another kind in a metric, the other type of number) is taken out.
    @discardableResult
    public func setField(_ number: Int, _ value: FieldValue) -> Bool {
        load()
        guard !isReadOnly, Schema.shared.accepts(value, in: kind.message, number) else { return false }
        for other in kind.alternatives(to: number) where other != number { removeField(other) }
        let index = (0..<slots.count).last { slots[$0].number == number && slots[$0].isThere }
        put(at: index, number: number) { $0.write(value, number) }
        return true
    }

    /// Takes out a field, all occurrences of it; returns whether there was one.
    @discardableResult
    public func removeField(_ number: Int) -> Bool {
        guard !isReadOnly else { return false }
        load()
        var found = false
        for index in 0..<slots.count where slots[index].number == number && slots[index].isThere {
            remove(at: index)
            found = true
        }
        return found
    }

    /// The message as it is now.
    public var current: WireMessage {
        guard isChanged else { return original }
        var writer = Writer(capacity: original.bytes.count + additions.count)
        for index in 0..<slots.count where slots[index].isThere {
            writer.write(raw: bytes(slots[index], slots[index].current))
        }
        return WireMessage(writer.finish())
    }

    private func find(_ number: Int) -> Slot? {
        load()
        return (0..<slots.count).last { slots[$0].number == number && slots[$0].isThere }.map { slots[$0] }
    }
}

extension Writer {
    fileprivate mutating func write(_ value: Draft.FieldValue, _ number: Int) {
        switch value {
        case .text(let text): write(string: text, number)
        case .data(let bytes): write(bytes: bytes, number)
        case .unsigned(let integer): write(varint: integer, number)
        case .signed(let integer): write(signed: integer, number)
        case .fixed32(let integer): write(fixed32: integer, number)
        case .fixed64(let integer): write(fixed64: integer, number)
        case .double(let double): write(double: double, number)
        case .value(let any): write(value: any, number)
        }
    }
}

extension Schema {
    /// Whether a message stays valid with `value` in field `number`.
    fileprivate func accepts(_ value: Draft.FieldValue, in message: MessageKind, _ number: Int) -> Bool {
        guard let field = field(number, of: message) else { return false }
        switch (field.check, value) {
        case (.text, .text), (.bytes, .data), (.fixed32, .fixed32), (.fixed64, .fixed64),
            (.fixed64, .double), (.varint, .unsigned), (.varint, .signed), (.anyValue, .value):
            return true
        case (.traceID, .data(let id)): return id.count == 16 || id.isEmpty
        case (.spanID, .data(let id)): return id.count == 8 || id.isEmpty
        case (.message, .data(let bytes)):
            guard let child = field.child else { return false }
            return Validator.isValid(bytes, as: child)
        default: return false
        }
    }
}
