internal import Glibc
internal import Wire

extension Draft {
    /// The value of the attribute `key`.
    public func attribute(_ key: AttributeKey) -> AnyValueView? {
        find(key).map { AnyValueView(WireMessage(bytes(slots[$0], slots[$0].value))) }
    }

    /// Whether there is an attribute `key`.
    public func has(_ key: AttributeKey) -> Bool { find(key) != nil }

    /// All attributes in order; makes an array, so prefer `attribute` where the key is known.
    public var attributes: [(key: String, value: AnyValueView)] {
        load()
        let number = kind.attributesField
        return slots.filter { $0.number == number && $0.isThere }.map { slot in
            let key = withMemory(slot, slot.key) { String(decoding: $0, as: UTF8.self) }
            return (key, AnyValueView(WireMessage(bytes(slot, slot.value))))
        }
    }

    /// Sets an attribute, whether or not it is there.
    public func set(_ key: AttributeKey, _ value: AttributeValue) {
        if !isReadOnly { put(key, value, at: find(key)) }
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

    /// Takes out every attribute `key`; returns whether there was one.
    @discardableResult
    public func remove(_ key: AttributeKey) -> Bool {
        guard !isReadOnly else { return false }
        var found = false
        while let index = find(key) {
            remove(at: index)
            found = true
        }
        return found
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
        let number = kind.attributesField
        var count = 0
        for index in slots.indices where slots[index].number == number && slots[index].isThere {
            let slot = slots[index]
            let key = withMemory(slot, slot.key) { String(decoding: $0, as: UTF8.self) }
            guard isUnwanted(key, AnyValueView(WireMessage(bytes(slot, slot.value)))) else { continue }
            remove(at: index)
            count += 1
        }
        return count
    }

    /// Index of the first attribute `key`.
    private func find(_ key: AttributeKey) -> Int? {
        load()
        let number = kind.attributesField
        let size = key.utf8.count
        return slots.firstIndex { slot in
            guard slot.number == number, slot.isThere, slot.key.count == size else { return false }
            return withMemory(slot, slot.key) { memory in
                key.utf8.withUnsafeBytes { wanted in
                    guard let left = memory.baseAddress, let right = wanted.baseAddress else { return true }
                    return memcmp(left, right, size) == 0
                }
            }
        }
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
}
