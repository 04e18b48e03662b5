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
        /// sint32, the scale of an exponential histogram.
        case zigZag(Int32)
        /// A list of fixed64, or of doubles as bit patterns.
        case packedFixed64([UInt64])
        /// A list of uint64.
        case packedVarints([UInt64])
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

    /// Lends the value of a length-delimited field; nothing is copied, and it is empty when it is absent.
    public func withData<Result>(_ number: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let slot = find(number) else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        guard !slot.isAdded, !isPatched(slot), let base else {
            return value(of: slot).withUnsafeBytes(body)
        }
        return body(
            UnsafeRawBufferPointer(start: base + slot.sourceValue.lowerBound, count: slot.sourceValue.count))
    }

    /// Lends the value of a field that is an AnyValue, such as the body of a log record.
    public func withValue<Result>(_ number: Int, _ body: (LentValue) -> Result) -> Result {
        withData(number) { body(LentValue($0)) }
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
    /// (the data of another kind in a metric, the other type of number) is taken out. While the walk is
    /// inside of the message, what it walks over (the data of a metric, the events of a span) stays as it
    /// is.
    @discardableResult
    public func setField(_ number: Int, _ value: FieldValue) -> Bool {
        load()
        guard canChange(number), Schema.shared.accepts(value, in: kind.message, number) else { return false }
        if kind == .metric, kind.holdsData(number) { patches = [] }
        for other in kind.alternatives(to: number) where other != number { removeField(other) }
        put(at: last(number), number: number) { $0.write(value, number) }
        return true
    }

    /// Takes out a field, all occurrences of it; returns whether there was one.
    @discardableResult
    public func removeField(_ number: Int) -> Bool {
        guard canChange(number), last(number) != nil else { return false }
        if kind == .metric, kind.holdsData(number) { patches = [] }
        for index in 0..<slots.count where slots[index].number == number && slots[index].isThere {
            remove(at: index)
        }
        if access != .open { noteAbsent(number) }
        return true
    }

    /// The message as it is now.
    public var current: WireMessage {
        guard isChanged else { return original }
        var writer = Writer(capacity: original.bytes.count + additions.count)
        for index in 0..<slots.count where slots[index].isThere {
            let slot = slots[index]
            if isPatched(slot) {
                writer.write(bytes: patched(source[slot.sourceValue]), Int(slot.number))
            } else {
                writer.write(raw: bytes(slot, slot.current))
            }
        }
        return WireMessage(writer.finish())
    }

    func find(_ number: Int) -> Slot? { last(number).map { slots[$0] } }

    /// Index of the last field `number` that is there.
    func last(_ number: Int) -> Int? {
        load()
        if access != .open, isLarge { return remembered(number) }
        return lastSlot(number)
    }

    @inline(__always)
    func lastSlot(_ number: Int) -> Int? {
        let (base, wanted) = (slots.base, Int32(truncatingIfNeeded: number))
        var index = slots.count &- 1
        while index >= 0 {
            if base[index].number == wanted, base[index].state != .removed { return index }
            index &-= 1
        }
        return nil
    }
}

extension Writer {
    mutating func write(_ value: Draft.FieldValue, _ number: Int) {
        switch value {
        case .text(let text): write(string: text, number)
        case .data(let bytes): write(bytes: bytes, number)
        case .unsigned(let integer): write(varint: integer, number)
        case .signed(let integer): write(signed: integer, number)
        case .fixed32(let integer): write(fixed32: integer, number)
        case .fixed64(let integer): write(fixed64: integer, number)
        case .double(let double): write(double: double, number)
        case .zigZag(let integer): write(zigZag: Int64(integer), number)
        case .packedFixed64(let integers): write(packedFixed64: integers, number)
        case .packedVarints(let integers): write(packedVarints: integers, number)
        case .value(let any): write(value: any, number)
        }
    }
}

extension Schema {
    /// Whether a message stays valid with `value` in field `number`.
    func accepts(_ value: Draft.FieldValue, in message: MessageKind, _ number: Int) -> Bool {
        guard let field = field(number, of: message) else { return false }
        switch (field.check, value) {
        case (.text, .text), (.bytes, .data), (.fixed32, .fixed32), (.fixed64, .fixed64),
            (.fixed64, .double), (.varint, .unsigned), (.varint, .signed), (.varint, .zigZag),
            (.fixed64s, .packedFixed64), (.varints, .packedVarints), (.anyValue, .value):
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
