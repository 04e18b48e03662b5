extension Draft {
    /// A field of a draft: where it stands in the source, and what stands there now if it was changed.
    ///
    /// Offsets are 32 bits wide, which is enough because the door refuses larger messages; half the size is
    /// half the time to note them.
    struct Slot {
        enum State: UInt8 {
            case original, replaced, removed, added
        }

        var number: Int32
        /// The tag, the value and the end of the field in the source; all the same for an added one.
        var start: Int32
        var valueStart: Int32
        var end: Int32
        /// The same three in the additions of the draft.
        var additionStart: Int32 = 0
        var additionValue: Int32 = 0
        var additionEnd: Int32 = 0
        var state = State.original
        /// The first two bytes of the value; 0 where they are not known.
        ///
        /// Of an attribute they mostly are 0x0A and the length of its key, so other keys need not be
        /// compared.
        var lead: UInt16 = 0

        var isAdded: Bool { state == .replaced || state == .added }
        var isThere: Bool { state != .removed }
        /// The whole field in the source.
        var source: Range<Int> { Int(start)..<Int(end) }
        /// The value in the source.
        var sourceValue: Range<Int> { Int(valueStart)..<Int(end) }
        /// The whole field in the additions.
        var addition: Range<Int> { Int(additionStart)..<Int(additionEnd) }
        /// The whole field where it is now.
        var current: Range<Int> { isAdded ? addition : source }
        /// The value where it is now.
        var value: Range<Int> { isAdded ? Int(additionValue)..<Int(additionEnd) : sourceValue }
    }

    /// Room for the slots of one draft after another.
    struct SlotTable: ~Copyable {
        private(set) var base: UnsafeMutablePointer<Slot>
        private(set) var count = 0
        private var capacity: Int

        init(capacity: Int) {
            self.capacity = capacity
            base = .allocate(capacity: capacity)
        }

        deinit { base.deallocate() }

        subscript(index: Int) -> Slot {
            get {
                precondition(index >= 0 && index < count, "no such slot")
                return base[index]
            }
            set {
                precondition(index >= 0 && index < count, "no such slot")
                base[index] = newValue
            }
        }

        @inline(__always)
        mutating func append(_ slot: Slot) {
            if count == capacity { grow() }
            (base + count).initialize(to: slot)
            count &+= 1
        }

        mutating func removeAll() { count = 0 }

        private mutating func grow() {
            let larger = UnsafeMutablePointer<Slot>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: base, count: count)
            base.deallocate()
            base = larger
            capacity *= 2
        }
    }
}
