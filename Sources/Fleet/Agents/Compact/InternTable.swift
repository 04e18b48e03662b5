/// Values that many agents share: each is kept once, for as long as somebody has its number.
struct InternTable<Value: Hashable & Sendable>: Sendable {
    private var index = HashIndex()
    private var slots: [Slot] = []
    private var free: [UInt32] = []

    private struct Slot: Sendable {
        var value: Value?
        var count: Int32
    }

    /// How many different ones there are.
    var count: Int { index.count }
    /// One more than the largest number in use.
    var end: Int { slots.count }

    subscript(number: UInt32) -> Value? {
        Int(number) < slots.count ? slots[Int(number)].value : nil
    }

    /// How many have a number.
    func users(of number: UInt32) -> Int { Int(number) < slots.count ? Int(slots[Int(number)].count) : 0 }

    /// The number of a value that is there.
    func number(of value: Value) -> UInt32? { find(value, Self.hash(value)) }

    /// The number of a value, for one more who has it.
    mutating func take(_ value: Value) -> UInt32 {
        let hash = Self.hash(value)
        if let number = find(value, hash) {
            slots[Int(number)].count += 1
            return number
        }
        let slot = Slot(value: value, count: 1)
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
            slots[Int(number)] = slot
        } else {
            number = UInt32(slots.count)
            slots.append(slot)
        }
        index.insert(number, hash: hash)
        return number
    }

    /// One fewer has the number; the value goes with the last.
    ///
    /// - Returns: The value if it went.
    @discardableResult
    mutating func release(_ number: UInt32) -> Value? {
        guard number != .absent, Int(number) < slots.count, let value = slots[Int(number)].value else {
            return nil
        }
        slots[Int(number)].count -= 1
        guard slots[Int(number)].count <= 0 else { return nil }
        slots[Int(number)].value = nil
        index.remove(number, hash: Self.hash(value))
        free.append(number)
        return value
    }

    /// The numbers in use, each with its value.
    func forEach(_ body: (UInt32, Value) -> Void) {
        for (index, slot) in slots.enumerated() {
            if let value = slot.value { body(UInt32(index), value) }
        }
    }

    private func find(_ value: Value, _ hash: UInt32) -> UInt32? {
        index.find(hash) { slots[Int($0)].value == value }
    }

    private static func hash(_ value: Value) -> UInt32 { UInt32(truncatingIfNeeded: value.hashValue) }
}

extension UInt32 {
    /// No number of a table.
    static let absent = UInt32.max
}
