internal import Wire

/// One resource, scope, metric, record, event or link while edits look at it.
///
/// A draft knows where the fields of its message are and which of them were changed; it copies nothing until
/// the rewriter writes it out. The same object serves one place after another: it must not be kept.
public final class Draft {
    // Exclusive access is left unchecked: the checks were a third of the time of a rewrite, and no method
    // calls out while it modifies a property. `additions` is lent to closures of this module only, which
    // write to it and know nothing else.

    /// What it is.
    @exclusivity(unchecked) public internal(set) var kind: Kind
    /// What it is in: the scope of a span, the metric of a data point, the resource of a scope.
    ///
    /// It can be read, and be changed by edits that say `changesParents`.
    public let parent: Draft?
    /// Whether an edit has dropped it.
    @exclusivity(unchecked) public private(set) var isDropped = false
    /// Whether an edit has changed it.
    @exclusivity(unchecked) public private(set) var isChanged = false
    /// The first slot that was changed; there are none before it.
    @exclusivity(unchecked) private(set) var changedSlots = 0
    /// How many times it was changed since it turned to its message.
    @exclusivity(unchecked) private(set) var revision = 0
    /// What edits may do to it.
    @exclusivity(unchecked) var access = Access.open
    /// The fields whose messages the walk is in, one bit for each number; they cannot be replaced meanwhile.
    @exclusivity(unchecked) var walked: UInt32 = 0
    @exclusivity(unchecked) var slots = SlotTable(capacity: 32)
    @exclusivity(unchecked) var additions = Writer(capacity: 16)
    @exclusivity(unchecked) private(set) var source = Bytes.empty
    @exclusivity(unchecked) private(set) var base: UnsafePointer<UInt8>?
    @exclusivity(unchecked) private(set) var range = 0..<0
    /// What kind of telemetry it is a part of.
    let signal: Signal
    /// What edits may still make of the batch; `nil` for a draft that belongs to none.
    let room: RewritingRoom?
    /// Bytes that edits may write to it before the rewriter turns it to another message.
    private let additionLimit: Int
    /// The ResourceSpans, ScopeSpans and their likes around a resource or a scope; empty for other drafts.
    @exclusivity(unchecked) var group = 0..<0
    @exclusivity(unchecked) private var isLoaded = false
    /// How often an attribute was looked for before the fields were known.
    @exclusivity(unchecked) private var glances: UInt8 = 0

    // What follows is looked at less often.

    /// Changes of fields beside the data points, in the data of a metric that stands in the source.
    @exclusivity(unchecked) var patches: [Patch] = []
    /// What was read of the data of the metric that stands in the source; see `MetricData`.
    @exclusivity(unchecked) var knownData: MetricData?
    /// Where things are in a large message.
    @exclusivity(unchecked) var lookups: Lookups?
    /// Records that the edit added to the scope; the rewriter takes them after each record.
    @exclusivity(unchecked) var siblings: [Bytes] = []
    /// How many more the scope takes.
    @exclusivity(unchecked) var siblingLimit = 0
    /// Whether it may not add others because it was itself added by one that was, and so on.
    @exclusivity(unchecked) var isLastGeneration = false

    /// What may be done to a draft.
    enum Access: UInt8 {
        /// Everything: its edits run.
        case open
        /// Everything but dropping it: the walk is inside of it.
        case around
        /// Nothing: the walk is inside of it and what it says was written already.
        case closed
    }

    init(_ kind: Kind, parent: Draft?, signal: Signal = .traces, room: RewritingRoom? = nil) {
        self.kind = kind
        self.parent = parent
        self.signal = parent?.signal ?? signal
        self.room = parent?.room ?? room
        additionLimit = self.room?.additionLimit ?? Batch.heldLimit
    }

    /// Whether its edits are over: what is around a draft can be read and not changed any more, unless the
    /// edit says `changesParents`.
    public var isReadOnly: Bool { access == .closed }

    /// Drops it, with everything inside; what is around a draft cannot be dropped.
    public func drop() {
        if access == .open { isDropped = true }
    }

    /// The message as it was before any edit.
    public var original: WireMessage { WireMessage(source[range]) }

    /// The resource that it is in or is.
    public var resource: Draft {
        var draft = self
        while let parent = draft.parent { draft = parent }
        return draft
    }

    /// Turns to another chunk; `base` is where its bytes are and stays valid until the next call.
    func turn(to source: Bytes, at base: UnsafePointer<UInt8>?) {
        self.source = source
        self.base = base
        knownData = nil
        lookups = nil
        turn(to: 0..<0)
    }

    /// Turns to the message at `range` of the source; reading it waits until somebody asks.
    func turn(to range: Range<Int>) {
        self.range = range
        isLoaded = false
        glances = 0
        isDropped = false
        access = .open
        walked = 0
        if isChanged {
            isChanged = false
            revision = 0
            additions.truncate(to: 0)
            if !patches.isEmpty { patches = [] }
        }
    }

    /// Notes that it was changed, and in which slot.
    func touch(_ index: Int) {
        changedSlots = isChanged ? min(changedSlots, index) : index
        isChanged = true
        revision &+= 1
    }

    /// Whether field `number` can be changed now.
    func canChange(_ number: Int) -> Bool {
        access == .open || access == .around && (number >= 32 || walked & 1 << UInt32(number) == 0)
    }

    /// Whether an attribute may be looked for without noting where all fields are.
    @inline(__always)
    var mayGlance: Bool {
        guard !isLoaded, glances < 2 else { return false }
        glances &+= 1
        return true
    }

    /// Notes where all fields are.
    @inline(__always)
    func load() {
        if !isLoaded { readFields() }
    }

    private func readFields() {
        isLoaded = true
        slots.removeAll()
        if let base { Self.read(base, range, into: &slots) }
    }

    /// Steps from field to field like `FieldWalker`, with the common case of short tags and lengths first:
    /// this is a third of the time of a rewrite.
    private static func read(_ base: UnsafePointer<UInt8>, _ range: Range<Int>, into slots: inout SlotTable) {
        let end = range.upperBound
        var position = range.lowerBound
        while position < end {
            let start = position
            let tag = base[position]
            let length = position &+ 1 < end ? base[position &+ 1] : 0xFF
            var number = Int(tag &>> 3)
            var valueStart = position &+ 2
            var lead: UInt16 = 0
            if tag & 0x87 == 2, length < 0x80, valueStart &+ Int(length) <= end {
                position = valueStart &+ Int(length)
                if length > 1 { lead = UInt16(base[valueStart]) | UInt16(base[valueStart &+ 1]) &<< 8 }
            } else {
                var field = FieldWalker(base, position, end)
                guard field.next() else { return }
                (number, valueStart, position) = (field.number, field.valueStart, field.position)
            }
            slots.append(
                Slot(
                    number: Int32(truncatingIfNeeded: number), start: Int32(truncatingIfNeeded: start),
                    valueStart: Int32(truncatingIfNeeded: valueStart),
                    end: Int32(truncatingIfNeeded: position),
                    lead: lead))
        }
    }

    /// A copy of bytes of a slot, or a slice where they are in the source.
    func bytes(_ slot: Slot, _ range: Range<Int>) -> Bytes {
        guard slot.isAdded else { return source[range] }
        return additions.withUnsafeBytes { Bytes(copying: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Replaces a slot, or adds one, by the field that `write` writes.
    @inline(__always)
    func put(at index: Int?, number: Int, _ write: (inout Writer) -> Void) {
        load()
        let start = additions.count
        write(&additions)
        place(start, value: valueStart(ofAdditionAt: start), at: index, number)
    }

    /// Where the value of the field begins that was added at `start`.
    private func valueStart(ofAdditionAt start: Int) -> Int {
        additions.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return start }
            var fields = FieldWalker(base, start, memory.count)
            return fields.next() ? fields.valueStart : start
        }
    }

    /// Makes a slot of what was added from `start` on, whose value begins at `value`.
    ///
    /// Beyond what may be written to one message nothing is placed, and `growth` says so.
    func place(_ start: Int, value: Int, lead: UInt16 = 0, at index: Int?, _ number: Int) {
        guard additions.count <= additionLimit else { return overfill(from: start) }
        let end = Int32(truncatingIfNeeded: range.upperBound)
        var slot = Slot(
            number: Int32(truncatingIfNeeded: number), start: end, valueStart: end, end: end, state: .added,
            lead: lead)
        slot.additionStart = Int32(truncatingIfNeeded: start)
        slot.additionEnd = Int32(truncatingIfNeeded: additions.count)
        slot.additionValue = Int32(truncatingIfNeeded: value)
        if let index {
            let old = slots[index]
            slot.state = old.state == .added ? .added : .replaced
            (slot.start, slot.valueStart, slot.end) = (old.start, old.valueStart, old.end)
            slots[index] = slot
            touch(index)
        } else {
            slots.append(slot)
            touch(slots.count - 1)
            if access != .open { noteAdded(at: slots.count - 1) }
        }
    }

    /// Lets go of what was added from `start` on, since all that was added is too much.
    @inline(never)
    private func overfill(from start: Int) {
        additions.truncate(to: start)
        room?.isOverfull = true
        touch(slots.count)
    }

    /// Takes a slot out.
    func remove(at index: Int) {
        if access != .open { noteRemoval(at: index) }
        // What was added never stood in the source: its empty range there leaves nothing out.
        slots[index].state = .removed
        touch(index)
    }
}
