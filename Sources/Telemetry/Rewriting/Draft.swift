internal import Wire

/// One resource, scope, metric, record, event or link while edits look at it.
///
/// A draft knows where the fields of its message are and which of them were changed; it copies nothing until
/// the rewriter writes it out. The same object serves one place after another: it must not be kept.
public final class Draft {
    /// A field: where it stands in the source, or what stands there now.
    struct Slot {
        enum State {
            case original, replaced, removed, added
        }

        var state = State.original
        let number: Int
        /// The whole field in the source; where it goes for an added one.
        var source: Range<Int>
        /// The value, and for attributes the key and value, in the source or in `additions`.
        var value: Range<Int>
        var key = 0..<0
        /// The whole field in `additions`.
        var addition = 0..<0

        var isAdded: Bool { state == .replaced || state == .added }
        var isThere: Bool { state != .removed }
    }

    /// What it is.
    public internal(set) var kind: Kind
    /// What it is in: the scope of a span, the metric of a data point, the resource of a scope; read only.
    public let parent: Draft?
    /// Whether an edit has dropped it.
    public private(set) var isDropped = false
    /// Whether an edit has changed it.
    public internal(set) var isChanged = false
    /// Whether its edits are over: what is around a draft can be read and not changed any more.
    public internal(set) var isReadOnly = false

    var source = Bytes.empty
    var base: UnsafePointer<UInt8>?
    var slots: [Slot] = []
    var additions = Writer(capacity: 256)
    private var range = 0..<0
    private var isLoaded = false

    init(_ kind: Kind, parent: Draft?) {
        self.kind = kind
        self.parent = parent
        slots.reserveCapacity(48)
    }

    /// Drops it, with everything inside.
    public func drop() {
        if !isReadOnly { isDropped = true }
    }

    /// The message as it was before any edit.
    public var original: WireMessage { WireMessage(source[range]) }

    /// The resource that it is in or is.
    public var resource: Draft {
        var draft = self
        while let parent = draft.parent { draft = parent }
        return draft
    }

    /// Turns to the message at `range` of the source; reading it waits until somebody asks.
    func turn(to range: Range<Int>) {
        self.range = range
        isLoaded = false
        isDropped = false
        isChanged = false
        isReadOnly = false
        slots.removeAll(keepingCapacity: true)
        additions.truncate(to: 0)
    }

    /// Notes where all fields are.
    func load() {
        guard !isLoaded, let base else { return }
        isLoaded = true
        let attributes = kind.attributesField
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            var slot = Slot(
                number: fields.number, source: fields.start..<fields.position, value: fields.value)
            if fields.number == attributes, fields.isLengthDelimited {
                readKeyAndValue(base, fields.value, into: &slot)
            }
            slots.append(slot)
        }
    }

    @inline(__always)
    private func readKeyAndValue(_ base: UnsafePointer<UInt8>, _ range: Range<Int>, into slot: inout Slot) {
        slot.value = range.upperBound..<range.upperBound
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            if fields.number == 1 { slot.key = fields.value }
            if fields.number == 2 { slot.value = fields.value }
        }
    }

    /// Lends bytes of a slot.
    func withMemory<Result>(
        _ slot: Slot, _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        if slot.isAdded {
            return additions.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
        return source.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// A copy of bytes of a slot, or a slice where they are in the source.
    func bytes(_ slot: Slot, _ range: Range<Int>) -> Bytes {
        slot.isAdded ? withMemory(slot, range) { Bytes(copying: $0) } : source[range]
    }

    /// Replaces a slot, or adds one, by the field that `write` writes.
    func put(at index: Int?, number: Int, _ write: (inout Writer) -> Void) {
        load()
        let start = additions.count
        write(&additions)
        let end = range.upperBound
        var slot = Slot(state: .added, number: number, source: end..<end, value: end..<end)
        slot.addition = start..<additions.count
        additions.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return }
            var fields = FieldWalker(base, start, memory.count)
            guard fields.next() else { return }
            slot.value = fields.value
            if number == kind.attributesField { readKeyAndValue(base, fields.value, into: &slot) }
        }
        if let index {
            let old = slots[index]
            slot.state = old.state == .added ? .added : .replaced
            slot.source = old.source
            slots[index] = slot
        } else {
            slots.append(slot)
        }
        isChanged = true
    }

    /// Takes a slot out.
    func remove(at index: Int) {
        // What was added never stood in the source: its empty range there leaves nothing out.
        slots[index].state = .removed
        isChanged = true
    }
}
