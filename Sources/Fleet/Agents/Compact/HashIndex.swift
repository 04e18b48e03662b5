/// Finds numbers by the hashes of what they stand for, which is kept elsewhere: open addressing, eight bytes
/// for a slot.
struct HashIndex: Sendable {
    private struct Slot: Sendable {
        var number = UInt32.absent
        var hash: UInt32 = 0
    }

    private var slots: [Slot] = []
    private(set) var count = 0

    /// The number with this hash that is the one.
    func find(_ hash: UInt32, _ isIt: (UInt32) -> Bool) -> UInt32? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var index = Int(hash) & mask
        while slots[index].number != .absent {
            if slots[index].hash == hash, isIt(slots[index].number) { return slots[index].number }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Puts in a number that is not there.
    mutating func insert(_ number: UInt32, hash: UInt32) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        put(Slot(number: number, hash: hash))
        count += 1
    }

    /// Takes a number out that is there; those behind it move up, so that no mark has to be left.
    mutating func remove(_ number: UInt32, hash: UInt32) {
        guard !slots.isEmpty else { return }
        let mask = slots.count - 1
        var hole = Int(hash) & mask
        while slots[hole].number != number {
            guard slots[hole].number != .absent else { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var next = (hole + 1) & mask
        while slots[next].number != .absent {
            let home = Int(slots[next].hash) & mask
            // It may fill the hole unless it would stand before its own place.
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Slot()
    }

    private mutating func put(_ slot: Slot) {
        let mask = slots.count - 1
        var index = Int(slot.hash) & mask
        while slots[index].number != .absent { index = (index + 1) & mask }
        slots[index] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: max(old.count * 2, 8))
        for slot in old where slot.number != .absent { put(slot) }
    }
}
