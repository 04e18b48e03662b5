internal import Wire

// What is written later than where it would stand: parents that were changed after their children, data that
// an edit made, records that an edit added.
extension Rewriter {
    /// Writes a draft that was changed while the walk was inside of it: what it says now comes last.
    ///
    /// A resource or scope is a field of the message that the walk is in, a metric or span is that message.
    mutating func writeAtEnd(_ draft: Draft) {
        guard draft.kind == .resource || draft.kind == .scope else {
            let walked = draft.walked
            reopen { number in number < 32 && walked & 1 << UInt32(number) != 0 }
            writeSlots(of: draft) { number in number >= 32 || walked & 1 << UInt32(number) == 0 }
            return
        }
        reopen { number in number != 1 }
        let mark = writer.begin(1, expecting: 256)
        writeSlots(of: draft) { _ in true }
        writer.end(mark)
    }

    private mutating func writeSlots(of draft: Draft, where isWanted: (Int) -> Bool) {
        for index in 0..<draft.slots.count where draft.slots[index].isThere {
            let slot = draft.slots[index]
            guard isWanted(Int(slot.number)) else { continue }
            if slot.isAdded {
                draft.additions.withUnsafeBytes { memory in
                    writer.write(raw: UnsafeRawBufferPointer(rebasing: memory[slot.addition]))
                }
            } else {
                writer.write(
                    raw: UnsafeRawBufferPointer(
                        start: base + slot.source.lowerBound, count: slot.source.count))
            }
        }
    }

    /// Walks over the data points of a metric whose data an edit replaced, which stand outside of the source.
    mutating func replay(_ container: Container, _ draft: Draft, _ edit: (Draft) -> Void) -> Bool {
        let message = draft.current.bytes
        removedItems += items(in: container, draft.kind)
        cut(container.whole)
        return append(message, isShown: true, edit)
    }

    /// Keeps what an edit added to the scope until the scope ends.
    mutating func takeSiblings(of draft: Draft) {
        draft.siblingLimit -= draft.siblings.count
        siblings += draft.siblings
        draft.siblings = []
    }

    /// Writes what edits added to the scope `container`, and shows it to them; returns how many records stay.
    mutating func addSiblings(at container: Container, _ edit: (Draft) -> Void) -> Int {
        var (kept, generation) = (0, 0)
        openPath()
        flush(to: container.value.upperBound)
        while !siblings.isEmpty {
            let added = siblings
            siblings = []
            generation += 1
            drafts.record.isLastGeneration = generation == Batch.generationLimit
            for message in added where append(message, isShown: false, edit) { kept += 1 }
            drafts.record.isLastGeneration = false
        }
        return kept
    }

    /// Writes a record that does not stand in the source, as the edit leaves it; returns whether it stays.
    ///
    /// `isShown` says that the edit has seen the record itself, so that only what is inside is left.
    private mutating func append(_ message: Bytes, isShown: Bool, _ edit: (Draft) -> Void) -> Bool {
        let draft = drafts.record
        noteGrowth()
        drafts.room.growth += message.count
        defer {
            draft.turn(to: source, at: base)
            drafts.inner.turn(to: source, at: base)
            noteGrowth()
        }
        return message.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return true }
            draft.turn(to: message, at: base)
            drafts.inner.turn(to: message, at: base)
            var rewriter = Rewriter(
                source: message, base: base, hierarchy: hierarchy, plan: plan, drafts: drafts)
            let whole = 0..<memory.count
            let container = Container(number: 2, whole: whole, value: whole)
            draft.turn(to: whole)
            let stays =
                isShown
                ? rewriter.inside(container, draft, edit)
                : rewriter.record(container, draft, isItem: true, edit)
            siblings += rewriter.siblings
            guard stays else { return false }
            removedItems -= items(in: container, draft.kind, base) - rewriter.removedItems
            if rewriter.isChanged {
                writer.write(raw: rewriter.writer.takeBytes())
            } else {
                writer.write(bytes: memory, 2)
            }
            return true
        }
    }
}
