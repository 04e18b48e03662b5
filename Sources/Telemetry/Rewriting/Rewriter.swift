internal import Wire

/// Copies one chunk with the changes that edits make, in one pass.
///
/// Nothing is written until the first change. Then everything before it is copied as a block, and every
/// message around it is opened: its tag and a length to be patched. Up to the next change or the end of a
/// message that is open, the source is again copied as a block.
struct Rewriter: ~Copyable {
    /// A message that the walk is in.
    struct Container {
        let number: Int
        /// The whole field in the source.
        let whole: Range<Int>
        let value: Range<Int>
        /// Set when it is open.
        var mark: Writer.Mark?
    }

    /// Where the edit looks and what it may change.
    struct Plan {
        let places: Places
        let changesParents: Bool
    }

    let source: Bytes
    let base: UnsafePointer<UInt8>
    let hierarchy: Hierarchy
    let plan: Plan
    let drafts: DraftSet
    var path: [Container] = []
    var writer = Writer(capacity: 16)
    /// Everything in the source before this index has been copied, changed or left out.
    var copied = 0
    var removedItems = 0
    /// Bytes by which the batch had grown before.
    private let grownBefore: Int
    /// How many containers of the path are open, from the first on.
    private var openCount = 0
    /// Records that were added to the scope which the walk is in.
    var siblings: [Bytes] = []
    private(set) var isChanged = false

    /// Returns the changed chunk, or `nil` when nothing was changed.
    static func rewrite(
        _ chunk: Batch.Chunk, _ hierarchy: Hierarchy, _ plan: Plan, _ drafts: DraftSet,
        _ edit: (Draft) -> Void
    ) -> Batch.Chunk? {
        chunk.bytes.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return nil }
            drafts.turn(to: chunk.bytes, at: base)
            defer { drafts.turn(to: .empty, at: nil) }
            var rewriter = Rewriter(
                source: chunk.bytes, base: base, hierarchy: hierarchy, plan: plan, drafts: drafts)
            rewriter.walk(edit)
            guard rewriter.isChanged else { return nil }
            rewriter.flush(to: memory.count)
            rewriter.noteGrowth()
            let items = chunk.itemCount - rewriter.removedItems
            return Batch.Chunk(bytes: rewriter.writer.takeBytes(), itemCount: items)
        }
    }

    init(
        source: Bytes, base: UnsafePointer<UInt8>, hierarchy: Hierarchy, plan: Plan, drafts: DraftSet
    ) {
        self.source = source
        self.base = base
        self.hierarchy = hierarchy
        self.plan = plan
        self.drafts = drafts
        grownBefore = drafts.room.growth
    }

    private mutating func walk(_ edit: (Draft) -> Void) {
        var fields = FieldWalker(base, 0, source.count)
        while fields.next() {
            guard fields.isLengthDelimited, hierarchy.holds(0, fields.number) else { continue }
            _ = group(Container(fields), level: 0, drafts.resource, edit)
        }
    }

    /// Copies the source up to `index`, unless it is copied already.
    mutating func flush(to index: Int) {
        guard index > copied else { return }
        writer.write(raw: UnsafeRawBufferPointer(start: base + copied, count: index - copied))
        copied = index
    }

    /// Opens every message that the walk is in.
    @inline(__always)
    mutating func openPath() {
        if openCount < path.count || !isChanged { openRest() }
    }

    private mutating func openRest() {
        if !isChanged {
            isChanged = true
            writer = Writer(capacity: source.count + 1024)
        }
        for index in openCount..<path.count {
            let container = path[index]
            flush(to: container.whole.lowerBound)
            path[index].mark = writer.begin(container.number, expecting: container.value.count)
            copied = container.value.lowerBound
        }
        openCount = path.count
    }

    /// Writes the message that the walk is in and that is done in the source once more, with those of its
    /// fields only that `isWanted` says; others can be written after them.
    mutating func reopen(keeping isWanted: (Int) -> Bool) {
        openPath()
        guard let container = path.last, let mark = container.mark else { return }
        flush(to: container.value.upperBound)
        let body = writer.takeBody(of: mark)
        writer.write(fieldsOf: body, where: isWanted)
    }

    /// Leaves a range of the source out.
    mutating func cut(_ range: Range<Int>) {
        openPath()
        flush(to: range.lowerBound)
        copied = max(copied, range.upperBound)
        noteGrowth()
    }

    /// Says how much larger the batch is by now: what is written, less what of the source is done with.
    ///
    /// It is right to the byte where no message is open; otherwise a length may still change its own.
    mutating func noteGrowth() { drafts.room.growth = grownBefore + writer.count - copied }

    /// Ends the message that the walk is in, or takes it out with what was already written of it.
    mutating func leave(keeping: Bool) {
        let container = path.removeLast()
        openCount = min(openCount, path.count)
        guard keeping else {
            if let mark = container.mark { writer.truncate(to: mark.start) }
            if container.mark == nil { cut(container.whole) }
            copied = container.whole.upperBound
            return noteGrowth()
        }
        guard let mark = container.mark else { return }
        flush(to: container.value.upperBound)
        writer.end(mark)
        copied = container.whole.upperBound
        noteGrowth()
    }
}

extension Rewriter.Container {
    /// The message in the field that was read last.
    init(_ fields: FieldWalker) {
        self.init(number: fields.number, whole: fields.start..<fields.position, value: fields.value)
    }
}
