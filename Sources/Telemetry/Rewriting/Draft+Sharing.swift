internal import Glibc
public import Wire

/// What an attribute holds; texts, bytes, lists and maps share the memory of the batch.
public enum SharedValue: Sendable {
    /// No value at all.
    case empty
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(Bytes)
    case bytes(Bytes)
    /// A list or a map.
    case container(AnyValueView)
}

// Attributes as slices of the source, for those who keep them or go through them one by one.
extension Draft {
    /// A draft of an empty message that belongs to no telemetry: for what needs one and does not look at it.
    public static func detached(_ kind: Kind) -> Draft { Draft(kind, parent: nil) }

    /// The schema URL that stands beside a resource or a scope; empty where there is none.
    public var schemaURL: Bytes {
        let message = WireMessage(source[group])
        return message.data(3)
    }

    /// The value of an attribute, sharing the memory of the batch; `nil` when it is not there.
    public func sharedAttribute(_ key: AttributeKey) -> AnyValueView? {
        guard let index = find(key) else { return nil }
        let slot = slots[index]
        let range = inKeyValue(slot).value
        guard !slot.isAdded else { return AnyValueView(WireMessage(bytes(slot, range))) }
        return AnyValueView(WireMessage(source[range]))
    }

    /// What an attribute holds, sharing the memory of the batch; `nil` when it is not there.
    public func sharedValue(_ key: AttributeKey) -> SharedValue? {
        guard let index = find(key) else { return nil }
        let slot = slots[index]
        let range = inKeyValue(slot).value
        var (number, content, bits) = (0, 0..<0, UInt64(0))
        memory(of: slot) { base in
            var fields = FieldWalker(base, range.lowerBound, range.upperBound)
            while fields.next() {
                guard (1...7).contains(fields.number) else { continue }
                (number, content) = (fields.number, fields.value)
                bits = fields.bits
            }
        }
        switch number {
        case 0: return .empty
        case 1: return .string(bytes(slot, content))
        case 2: return .bool(bits != 0)
        case 3: return .int(Int64(bitPattern: bits))
        case 4: return .double(Double(bitPattern: bits))
        case 7: return .bytes(bytes(slot, content))
        default: return .container(AnyValueView(WireMessage(bytes(slot, range))))
        }
    }

    /// The value of a varint, fixed32 or fixed64 field; 0 when it is absent.
    public func bits(_ number: Int) -> UInt64 {
        guard let index = last(number) else { return 0 }
        let slot = slots[index]
        return memory(of: slot) { base in
            var fields = FieldWalker(base, slot.current.lowerBound, slot.current.upperBound)
            return fields.next() ? fields.bits : 0
        } ?? 0
    }

    /// Whether an attribute is a certain text; `nil` when it is not there or has no value.
    public func attribute(_ key: AttributeKey, is text: Bytes) -> Bool? {
        if let pair = glance(at: key) {
            guard !pair.isEmpty, let base else { return nil }
            return Self.isValue(base, Self.inKeyValue(base, pair).value, text)
        }
        guard let index = find(key) else { return nil }
        let slot = slots[index]
        return memory(of: slot) { base in
            Self.isValue(base, Self.inKeyValue(base, slot.value).value, text)
        }
    }

    /// Whether the AnyValue in `range` is a certain text; `nil` when it is empty.
    private static func isValue(
        _ base: UnsafePointer<UInt8>, _ range: Range<Int>, _ text: Bytes
    ) -> Bool? {
        // The layout of nearly all encoders: one field, a string with a short length.
        guard range.count >= 2, range.count < 130, base[range.lowerBound] == 0x0A,
            Int(base[range.lowerBound &+ 1]) == range.count &- 2
        else { return isText(base, range, text) }
        guard range.count &- 2 == text.count else { return false }
        return text.withUnsafeBytes { wanted in
            guard let pointer = wanted.baseAddress, !wanted.isEmpty else { return true }
            return memcmp(base + range.lowerBound + 2, pointer, wanted.count) == 0
        }
    }

    /// Whether an attribute is there and has a value.
    public func hasValue(_ key: AttributeKey) -> Bool {
        if let pair = glance(at: key) {
            guard !pair.isEmpty, let base else { return false }
            return Self.isAnything(base, Self.inKeyValue(base, pair).value)
        }
        guard let index = find(key) else { return false }
        let slot = slots[index]
        return memory(of: slot) { base in
            Self.isAnything(base, Self.inKeyValue(base, slot.value).value)
        } ?? false
    }

    /// Whether the AnyValue in `range` has a value.
    private static func isAnything(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> Bool {
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            if (1...7).contains(fields.number) { return true }
        }
        return false
    }

    /// Whether a string field holds a certain text; one that is absent is empty.
    public func field(_ number: Int, is text: Bytes) -> Bool {
        guard let index = last(number) else { return text.isEmpty }
        let slot = slots[index]
        let range = slot.value
        guard range.count == text.count else { return false }
        let result: Bool? = memory(of: slot) { base in
            text.withUnsafeBytes { wanted in
                guard let pointer = wanted.baseAddress, !wanted.isEmpty else { return true }
                return memcmp(base + range.lowerBound, pointer, wanted.count) == 0
            }
        }
        return result ?? false
    }

    /// The attribute after the one at `slot`, the first one after -1, sharing the memory of the batch.
    ///
    /// Attributes may be removed and replaced in between; those that are added come last.
    public func nextAttribute(after slot: Int) -> (slot: Int, key: Bytes, value: AnyValueView)? {
        load()
        var index = slot + 1
        while index < slots.count {
            let candidate = slots[index]
            if candidate.number == kind.attributesField, candidate.isThere {
                let parts = inKeyValue(candidate)
                let value = AnyValueView(WireMessage(bytes(candidate, parts.value)))
                return (index, bytes(candidate, parts.key), value)
            }
            index += 1
        }
        return nil
    }

    /// Takes out every attribute `key`; returns whether there was one.
    @discardableResult
    public func removeAttribute(_ key: Bytes) -> Bool {
        guard !isReadOnly else { return false }
        if access != .open { return removeRemembered(key.array) }
        return key.withUnsafeBytes { removeAll($0) }
    }

    /// Takes out the attribute that `nextAttribute` found at `slot`.
    public func removeAttribute(at slot: Int) {
        if !isReadOnly { remove(at: slot) }
    }

    /// Gives the attribute that `nextAttribute` found at `slot` another value.
    public func replaceAttribute(at slot: Int, _ key: Bytes, _ value: AttributeValue) {
        if !isReadOnly { put(key, value, at: slot) }
    }

    /// Adds an attribute whose key, valid UTF-8, is known not to be there.
    public func addAttribute(_ key: Bytes, _ value: AttributeValue) {
        if !isReadOnly { put(key, value, at: nil) }
    }

    private func put(_ key: Bytes, _ value: AttributeValue, at slot: Int?) {
        let number = kind.attributesField
        put(at: slot, number: number) { writer in
            let mark = writer.begin(number, expecting: 64)
            writer.write(bytes: key, 1)
            writer.write(value: value, 2)
            writer.end(mark)
        }
    }

    /// Where the key and the value of an attribute are; each is empty when it is absent.
    @inline(__always)
    private func inKeyValue(_ slot: Slot) -> (key: Range<Int>, value: Range<Int>) {
        let whole = slot.value
        return memory(of: slot) { Self.inKeyValue($0, whole) }
            ?? (whole.lowerBound..<whole.lowerBound, whole.upperBound..<whole.upperBound)
    }

    /// Where the key and the value of the KeyValue in `whole` are; each is empty when it is absent.
    @inline(__always)
    private static func inKeyValue(
        _ base: UnsafePointer<UInt8>, _ whole: Range<Int>
    ) -> (key: Range<Int>, value: Range<Int>) {
        let (start, end) = (whole.lowerBound, whole.upperBound)
        // The layout of nearly all encoders: a short key, then a short value.
        if end &- start >= 4, base[start] == 0x0A, base[start &+ 1] < 0x80 {
            let keyEnd = start &+ 2 &+ Int(base[start &+ 1])
            if keyEnd &+ 2 <= end, base[keyEnd] == 0x12, base[keyEnd &+ 1] < 0x80,
                keyEnd &+ 2 &+ Int(base[keyEnd &+ 1]) == end
            {
                return ((start &+ 2)..<keyEnd, (keyEnd &+ 2)..<end)
            }
        }
        var (key, value) = (start..<start, end..<end)
        var fields = FieldWalker(base, start, end)
        while fields.next() {
            if fields.number == 1 { key = fields.value }
            if fields.number == 2 { value = fields.value }
        }
        return (key, value)
    }

    /// Lends the memory that the ranges of a slot are in.
    @inline(__always)
    private func memory<Result>(of slot: Slot, _ body: (UnsafePointer<UInt8>) -> Result?) -> Result? {
        if !slot.isAdded { return base.flatMap(body) }
        return additions.withUnsafeBytes { $0.bindMemory(to: UInt8.self).baseAddress.flatMap(body) }
    }

    /// The general case: of several fields the last counts.
    private static func isText(_ base: UnsafePointer<UInt8>, _ range: Range<Int>, _ text: Bytes) -> Bool? {
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        var (number, content) = (0, 0..<0)
        while fields.next() {
            if (1...7).contains(fields.number) { (number, content) = (fields.number, fields.value) }
        }
        if number == 0 { return nil }
        guard number == 1, content.count == text.count else { return false }
        return text.withUnsafeBytes { wanted in
            guard let pointer = wanted.baseAddress, !wanted.isEmpty else { return true }
            return memcmp(base + content.lowerBound, pointer, wanted.count) == 0
        }
    }
}
