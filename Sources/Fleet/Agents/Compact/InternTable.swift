/// Values that many agents share: each is kept once, for as long as somebody has its number.
struct InternTable<Value: Hashable & Sendable>: Sendable {
    private var numbers: [Value: UInt32] = [:]
    private var slots: [Slot] = []
    private var free: [UInt32] = []

    private struct Slot: Sendable {
        var value: Value?
        var count: Int32
    }

    /// How many different ones there are.
    var count: Int { numbers.count }
    /// One more than the largest number in use.
    var end: Int { slots.count }

    subscript(number: UInt32) -> Value? {
        Int(number) < slots.count ? slots[Int(number)].value : nil
    }

    /// How many have a number.
    func users(of number: UInt32) -> Int { Int(number) < slots.count ? Int(slots[Int(number)].count) : 0 }

    /// The number of a value that is there.
    func number(of value: Value) -> UInt32? { numbers[value] }

    /// The number of a value, for one more who has it.
    mutating func take(_ value: Value) -> UInt32 {
        if let number = numbers[value] {
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
        numbers[value] = number
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
        numbers[value] = nil
        free.append(number)
        return value
    }

    /// The numbers in use, each with its value.
    func forEach(_ body: (UInt32, Value) -> Void) {
        for (index, slot) in slots.enumerated() {
            if let value = slot.value { body(UInt32(index), value) }
        }
    }
}

extension UInt32 {
    /// No number of a table.
    static let absent = UInt32.max
}
