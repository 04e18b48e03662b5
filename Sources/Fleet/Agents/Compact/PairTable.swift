/// Pairs of a key and a text, such as attributes and labels, each kept once for as long as somebody has its
/// number.
struct PairTable: Sendable {
    private struct Slot: Sendable {
        var key = UInt32.absent
        var users: UInt32 = 0
        var text = TextArena.Location(block: 0, start: 0, length: 0)
        var isMarked = false
    }

    /// Each is used by its pairs.
    private(set) var keys = InternTable<String>()
    private(set) var texts = TextArena()
    private var slots: [Slot] = []
    private var index = HashIndex()
    private var free: [UInt32] = []

    /// How many different pairs there are.
    var count: Int { index.count }

    /// The number of a key that a pair has.
    func key(_ text: String) -> UInt32? { keys.number(of: text) }

    /// How many pairs have a key.
    func pairs(of key: UInt32) -> Int { keys.users(of: key) }

    /// The number of the key of a pair.
    func key(of number: UInt32) -> UInt32 { Int(number) < slots.count ? slots[Int(number)].key : .absent }

    /// A pair by its number; `nil` when it is gone.
    subscript(number: UInt32) -> (key: String, text: String, isMarked: Bool)? {
        guard Int(number) < slots.count, let key = keys[slots[Int(number)].key] else { return nil }
        return (key, texts.text(slots[Int(number)].text), slots[Int(number)].isMarked)
    }

    /// The number of a pair that is there.
    ///
    /// - Parameters:
    ///   - key: As `key(_:)` gives it.
    ///   - text: Its text.
    ///   - isMarked: Pairs with the mark and without are different ones.
    /// - Returns: `nil` when nobody has it.
    func number(_ key: UInt32, _ text: String, isMarked: Bool = false) -> UInt32? {
        find(key, text, isMarked, Self.hash(key, text, isMarked))
    }

    /// The number of a pair, for one more who has it.
    mutating func take(_ keyText: String, _ text: String, isMarked: Bool = false) -> UInt32 {
        let known = keys.number(of: keyText)
        if let known, let number = find(known, text, isMarked, Self.hash(known, text, isMarked)) {
            slots[Int(number)].users += 1
            return number
        }
        let key = keys.take(keyText)
        let number = free.popLast() ?? UInt32(slots.count)
        if Int(number) == slots.count { slots.append(Slot()) }
        let location = Self.withBytes(text) { texts.add($0, of: number) }
        slots[Int(number)] = Slot(key: key, users: 1, text: location, isMarked: isMarked)
        index.insert(number, hash: Self.hash(key, text, isMarked))
        return number
    }

    /// One fewer has the number; the pair goes with the last.
    mutating func release(_ number: UInt32) {
        guard Int(number) < slots.count, slots[Int(number)].users > 0 else { return }
        slots[Int(number)].users -= 1
        let slot = slots[Int(number)]
        guard slot.users == 0 else { return }
        index.remove(number, hash: Self.hash(slot.key, texts.text(slot.text), slot.isMarked))
        for (owner, location) in texts.remove(slot.text) { slots[Int(owner)].text = location }
        keys.release(slot.key)
        slots[Int(number)] = Slot()
        free.append(number)
    }

    private func find(_ key: UInt32, _ text: String, _ isMarked: Bool, _ hash: UInt32) -> UInt32? {
        Self.withBytes(text) { bytes in
            index.find(hash) { number in
                let slot = slots[Int(number)]
                return slot.key == key && slot.isMarked == isMarked && texts.holds(bytes, at: slot.text)
            }
        }
    }

    private static func hash(_ key: UInt32, _ text: String, _ isMarked: Bool) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(isMarked)
        withBytes(text) { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    /// The bytes of a text, no more than are kept.
    private static func withBytes<Answer>(
        _ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Answer
    ) -> Answer {
        var text = text
        return text.withUTF8 { bytes in
            body(UnsafeBufferPointer(rebasing: bytes.prefix(TextArena.longestText)))
        }
    }
}
