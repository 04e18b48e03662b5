internal import Glibc
public import Wire

extension Draft {
    /// The value of the attribute `key`.
    public func attribute(_ key: AttributeKey) -> AnyValueView? {
        find(key).map { keyAndValue(slots[$0]).value }
    }

    /// Whether there is an attribute `key`.
    public func has(_ key: AttributeKey) -> Bool { find(key) != nil }

    /// All attributes in order; makes an array, so prefer `attribute` where the key is known.
    public var attributes: [(key: String, value: AnyValueView)] {
        load()
        return attributeSlots.map { keyAndValue(slots[$0]) }
    }

    /// Sets an attribute, whether or not it is there.
    public func set(_ key: AttributeKey, _ value: AttributeValue) {
        if !isReadOnly { put(key, value, at: find(key)) }
    }

    /// Sets an attribute to a text in UTF-8, whether or not it is there.
    public func set(_ key: AttributeKey, text: Bytes) {
        guard !isReadOnly else { return }
        let number = kind.attributesField
        put(at: find(key), number: number) { writer in
            let mark = writer.begin(number, expecting: text.count + key.utf8.count + 8)
            writer.write(bytes: key.utf8, 1)
            let value = writer.begin(2, expecting: text.count + 4)
            writer.write(bytes: text, 1)
            writer.end(value)
            writer.end(mark)
        }
    }

    /// Adds an attribute unless it is there; returns whether it did.
    @discardableResult
    public func insert(_ key: AttributeKey, _ value: AttributeValue) -> Bool {
        guard !isReadOnly, find(key) == nil else { return false }
        put(key, value, at: nil)
        return true
    }

    /// Changes an attribute if it is there; returns whether it did.
    @discardableResult
    public func update(_ key: AttributeKey, _ value: AttributeValue) -> Bool {
        guard !isReadOnly, let index = find(key) else { return false }
        put(key, value, at: index)
        return true
    }

    /// Sets an attribute that is encoded already, whether or not it is there.
    public func set(_ attribute: EncodedAttribute) {
        if !isReadOnly { put(attribute, at: find(attribute.key)) }
    }

    /// Adds an attribute that is encoded already unless it is there; returns whether it did.
    @discardableResult
    public func insert(_ attribute: EncodedAttribute) -> Bool {
        guard !isReadOnly, find(attribute.key) == nil else { return false }
        put(attribute, at: nil)
        return true
    }

    /// Changes an attribute to one that is encoded already if it is there; returns whether it did.
    @discardableResult
    public func update(_ attribute: EncodedAttribute) -> Bool {
        guard !isReadOnly, let index = find(attribute.key) else { return false }
        put(attribute, at: index)
        return true
    }

    /// Takes out every attribute `key`; returns whether there was one.
    @discardableResult
    public func remove(_ key: AttributeKey) -> Bool {
        guard !isReadOnly else { return false }
        if access != .open { return removeRemembered(key.utf8) }
        return key.utf8.withUnsafeBytes { removeAll($0) }
    }

    /// Takes out every attribute with a key in UTF-8; returns whether there was one.
    func removeAll(_ key: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        while let index = find(key, from: start) {
            remove(at: index)
            start = index + 1
        }
        return start > 0
    }

    /// Gives an attribute another key, in place of what that key held; returns whether there was one.
    @discardableResult
    public func rename(_ key: AttributeKey, to other: AttributeKey) -> Bool {
        guard !isReadOnly, key != other, let value = attribute(key) else { return false }
        remove(key)
        set(other, .encoded(value))
        return true
    }

    /// Takes out the attributes that `isUnwanted` says; returns how many.
    @discardableResult
    public func removeAttributes(where isUnwanted: (String, AnyValueView) -> Bool) -> Int {
        guard !isReadOnly else { return 0 }
        load()
        var count = 0
        for index in attributeSlots {
            let (key, value) = keyAndValue(slots[index])
            guard isUnwanted(key, value) else { continue }
            remove(at: index)
            count += 1
        }
        return count
    }

    /// Lends the value of the attribute `key`; `nil` when there is none.
    public func withAttribute<Result>(_ key: AttributeKey, _ body: (LentValue) -> Result) -> Result? {
        guard let index = find(key) else { return nil }
        return withKeyAndValue(slots[index]) { body($1) }
    }

    /// Shows every attribute in order, its key as UTF-8, and does what `decide` says; returns how many were
    /// removed or replaced.
    ///
    /// Nothing is allocated for attributes that are kept. What is lent must not be used after `decide`.
    @discardableResult
    public func editAttributes(_ decide: (UnsafeRawBufferPointer, LentValue) -> AttributeChange) -> Int {
        guard !isReadOnly else { return 0 }
        load()
        let number = Int32(kind.attributesField)
        var changes = 0
        for index in 0..<slots.count where slots[index].number == number && slots[index].isThere {
            switch withKeyAndValue(slots[index], decide) {
            case .keep: continue
            case .remove: remove(at: index)
            case .replace(let value):
                let key = withKeyAndValue(slots[index]) { key, _ in Bytes(copying: key) }
                put(at: index, number: Int(number)) { writer in
                    let mark = writer.begin(Int(number), expecting: 64)
                    writer.write(bytes: key, 1)
                    writer.write(value: value, 2)
                    writer.end(mark)
                }
            }
            changes += 1
        }
        return changes
    }

    /// Lends every attribute in order, its key as UTF-8; nothing is allocated.
    public func forEachAttribute(_ body: (UnsafeRawBufferPointer, LentValue) -> Void) {
        load()
        let number = Int32(kind.attributesField)
        for index in 0..<slots.count where slots[index].number == number && slots[index].isThere {
            withKeyAndValue(slots[index], body)
        }
    }

    /// The key of the attribute in a slot.
    func key(at index: Int) -> [UInt8] { withKeyAndValue(slots[index]) { key, _ in Array(key) } }

    private func withKeyAndValue<Result>(
        _ slot: Slot, _ body: (UnsafeRawBufferPointer, LentValue) -> Result
    ) -> Result {
        guard !slot.isAdded, let base else {
            return additions.withUnsafeBytes { Self.parts(of: $0, slot.value, body) }
        }
        return Self.parts(
            of:
                UnsafeRawBufferPointer(start: base, count: slot.sourceValue.upperBound), slot.sourceValue,
            body)
    }

    /// Finds the key and the value of the KeyValue in `range`; each is empty when it is absent.
    private static func parts<Result>(
        of memory: UnsafeRawBufferPointer, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer, LentValue) -> Result
    ) -> Result {
        var (key, value) = (range.lowerBound..<range.lowerBound, range.lowerBound..<range.lowerBound)
        if let base = memory.bindMemory(to: UInt8.self).baseAddress {
            var fields = FieldWalker(base, range.lowerBound, range.upperBound)
            while fields.next() {
                if fields.number == 1 { key = fields.value }
                if fields.number == 2 { value = fields.value }
            }
        }
        return body(
            UnsafeRawBufferPointer(rebasing: memory[key]),
            LentValue(UnsafeRawBufferPointer(rebasing: memory[value])))
    }

    /// Indices of the slots that hold attributes.
    private var attributeSlots: [Int] {
        let number = Int32(kind.attributesField)
        return (0..<slots.count).filter { slots[$0].number == number && slots[$0].isThere }
    }

    private func keyAndValue(_ slot: Slot) -> (key: String, value: AnyValueView) {
        let pair = KeyValueView(WireMessage(bytes(slot, slot.value)))
        return (pair.key, pair.value)
    }

    private func put(_ key: AttributeKey, _ value: AttributeValue, at index: Int?) {
        let number = kind.attributesField
        put(at: index, number: number) { writer in
            let mark = writer.begin(number, expecting: 64)
            writer.write(bytes: key.utf8, 1)
            writer.write(value: value, 2)
            writer.end(mark)
        }
    }

    private func put(_ attribute: EncodedAttribute, at index: Int?) {
        let number = kind.attributesField
        load()
        let start = additions.count
        attribute.write(number, to: &additions)
        place(start, value: start + attribute.valueStart, lead: attribute.lead, at: index, number)
    }

    /// Index of the first attribute `key`.
    func find(_ key: AttributeKey) -> Int? {
        if access != .open { return remembered(key.utf8) }
        return key.utf8.withUnsafeBytes { find($0, from: 0) }
    }

    /// Index of the first attribute with a key in UTF-8, from a slot on.
    func find(_ wanted: UnsafeRawBufferPointer, from start: Int) -> Int? {
        load()
        guard let base else { return nil }
        return additions.withUnsafeBytes { memory in
            let added = memory.bindMemory(to: UInt8.self).baseAddress ?? base
            return Self.find(
                wanted, in: slots.base, start..<slots.count, Int32(kind.attributesField), base, added)
        }
    }

    /// Where the KeyValue of the first attribute `key` is in the source.
    ///
    /// The first look-ups of a draft go over its bytes and note nothing, which is half the work where one
    /// attribute decides. `nil` where that does not do, because the fields are known or were changed, or it
    /// is looked at often; an empty range where there is no such attribute.
    @inline(__always)
    func glance(at key: AttributeKey) -> Range<Int>? {
        guard mayGlance, let base else { return nil }
        return key.utf8.withUnsafeBytes { Self.scan(base, range, for: $0, kind.attributesField) }
    }

    private static func scan(
        _ base: UnsafePointer<UInt8>, _ range: Range<Int>, for wanted: UnsafeRawBufferPointer, _ number: Int
    ) -> Range<Int> {
        let (end, tag) = (range.upperBound, UInt8(truncatingIfNeeded: number &<< 3 | 2))
        var position = range.lowerBound
        while position < end {
            let length = position &+ 1 < end ? base[position &+ 1] : 0xFF
            if base[position] & 0x87 == 2, length < 0x80, position &+ 2 &+ Int(length) <= end {
                let (isAttribute, start) = (base[position] == tag, position &+ 2)
                position = start &+ Int(length)
                guard isAttribute else { continue }
                // Most keys have another length.
                let isShort = length > 1 && base[start] == 0x0A && base[start &+ 1] < 0x80
                if isShort, Int(base[start &+ 1]) != wanted.count { continue }
                if key(at: base, start, position, equals: wanted) { return start..<position }
            } else {
                var field = FieldWalker(base, position, end)
                guard field.next() else { break }
                position = field.position
                guard field.number == number, field.isLengthDelimited else { continue }
                if key(at: base, field.valueStart, position, equals: wanted) { return field.value }
            }
        }
        return range.lowerBound..<range.lowerBound
    }

    private static func find(
        _ wanted: UnsafeRawBufferPointer, in slots: UnsafePointer<Slot>, _ range: Range<Int>, _ number: Int32,
        _ source: UnsafePointer<UInt8>, _ added: UnsafePointer<UInt8>
    ) -> Int? {
        let lead = 0x0A | UInt16(truncatingIfNeeded: wanted.count) &<< 8
        for index in range where slots[index].number == number {
            let slot = slots[index]
            // Most keys have another length; an unusual layout has another lead, and has to be looked at.
            if slot.lead != lead, slot.lead & 0x80FF == 0x0A { continue }
            guard slot.state != .removed else { continue }
            let (base, value) = (slot.isAdded ? added : source, slot.value)
            if key(at: base, value.lowerBound, value.upperBound, equals: wanted) { return index }
        }
        return nil
    }

    /// Whether the KeyValue between `start` and `end` has a certain key.
    @inline(__always)
    private static func key(
        at base: UnsafePointer<UInt8>, _ start: Int, _ end: Int, equals wanted: UnsafeRawBufferPointer
    ) -> Bool {
        var (keyStart, size) = (start &+ 2, 0)
        if end &- start >= 2, base[start] == 0x0A, base[start &+ 1] < 0x80 {
            // The layout of nearly all encoders: the key comes first and is short. It occurs only once.
            size = Int(base[start &+ 1])
        } else {
            var fields = FieldWalker(base, start, end)
            while fields.next() {
                if fields.number == 1 { (keyStart, size) = (fields.valueStart, fields.value.count) }
            }
        }
        guard size == wanted.count else { return false }
        guard size > 0, let pointer = wanted.baseAddress else { return true }
        return memcmp(base + keyStart, pointer, size) == 0
    }
}
