internal import Wire

extension Rewriter {
    var places: Places { plan.places }

    /// Walks over the telemetry of a resource (level 0) or a scope (1); returns whether it stays.
    mutating func group(
        _ container: Container, level: Int, _ draft: Draft, _ edit: (Draft) -> Void
    ) -> Bool {
        let header = header(of: container)
        draft.turn(to: header.value)
        draft.group = container.value
        if places.contains(draft.kind.place) { edit(draft) }
        if draft.isDropped {
            let range = container.value
            removedItems += hierarchy.countItems(
                base, range.lowerBound, range.upperBound, children: level + 1)
            cut(container.whole)
            return false
        }
        path.append(container)
        guard !places.isDisjoint(with: level == 0 ? .insideResources : .insideScopes) else {
            if draft.isChanged { write(draft, header) }
            leave(keeping: true)
            return true
        }
        draft.access = plan.changesParents ? .around : .closed
        let isFinal = !plan.changesParents && draft.isChanged
        if isFinal, header.whole.isEmpty { write(draft, header) }
        if level == 1 { drafts.record.siblingLimit = Batch.additionLimit }
        var (children, kept) = (0, 0)
        let inner = level == 0 ? drafts.scope : drafts.record
        var fields = FieldWalker(base, container.value.lowerBound, container.value.upperBound)
        while fields.next() {
            guard fields.isLengthDelimited else { continue }
            if fields.number == 1, isFinal { write(draft, header) }
            guard fields.number == 2 else { continue }
            children += 1
            let child = Container(fields)
            let stays =
                level == 0 ? group(child, level: 1, inner, edit) : record(child, inner, isItem: true, edit)
            if stays { kept += 1 }
        }
        if !siblings.isEmpty { kept += addSiblings(at: container, edit) }
        let keeping = children == 0 || kept > 0
        if keeping, plan.changesParents, draft.isChanged { writeAtEnd(draft) }
        leave(keeping: keeping)
        return keeping
    }

    /// The resource or scope of a group: an empty one at the beginning when the field is absent.
    private func header(of container: Container) -> Container {
        var fields = FieldWalker(base, container.value.lowerBound, container.value.upperBound)
        while fields.next() {
            if fields.number == 1, fields.isLengthDelimited { return Container(fields) }
        }
        let start = container.value.lowerBound
        return Container(number: 1, whole: start..<start, value: start..<start)
    }

    /// Shows one metric, record, event or link to the edit; returns whether it stays.
    mutating func record(
        _ container: Container, _ draft: Draft, isItem: Bool, _ edit: (Draft) -> Void
    ) -> Bool {
        draft.turn(to: container.value)
        if places.contains(draft.kind.place) {
            edit(draft)
            if !draft.siblings.isEmpty { takeSiblings(of: draft) }
        }
        if draft.isDropped {
            if isItem { removedItems += items(in: container, draft.kind) }
            cut(container.whole)
            return false
        }
        if draft.isChanged, draft.kind == .metric, draft.hasNewData, places.contains(.record) {
            return replay(container, draft, edit)
        }
        return inside(container, draft, edit)
    }

    /// Walks over what is inside of a record, which may add records beside it.
    mutating func inside(_ container: Container, _ draft: Draft, _ edit: (Draft) -> Void) -> Bool {
        let stays = interior(of: container, draft, edit)
        if !draft.siblings.isEmpty { takeSiblings(of: draft) }
        return stays
    }

    /// Walks over what is inside of a record whose own edits are over; returns whether the record stays.
    private mutating func interior(
        of container: Container, _ draft: Draft, _ edit: (Draft) -> Void
    ) -> Bool {
        let inner = innerFields(of: draft)
        if inner == 0 {
            if draft.isChanged { write(draft, container) }
            return true
        }
        draft.load()
        draft.access = plan.changesParents ? .around : .closed
        draft.walked = inner
        let revision = draft.revision
        path.append(container)
        if draft.isChanged { openPath() }
        var keeping = true
        for index in 0..<draft.slots.count {
            let slot = draft.slots[index]
            if slot.state == .original {
                guard slot.number < 32, inner & 1 << slot.number != 0 else { continue }
                if !descend(into: slot, of: draft, edit) { keeping = false }
            } else {
                // What is inside may have changed the draft that was unchanged when the walk went in.
                if plan.changesParents { openPath() }
                if draft.kind == .metric { account(for: slot, of: draft) }
                write(slot, of: draft)
            }
        }
        if keeping, draft.revision != revision { writeAtEnd(draft) }
        leave(keeping: keeping)
        return keeping
    }

    /// Shows what is in a field of a metric or span; returns whether that leaves the record with something.
    private mutating func descend(
        into slot: Draft.Slot, of draft: Draft, _ edit: (Draft) -> Void
    ) -> Bool {
        let container = Container(number: Int(slot.number), whole: slot.source, value: slot.sourceValue)
        guard draft.kind == .metric else {
            drafts.inner.kind = slot.number == 11 ? .event : .link
            _ = record(container, drafts.inner, isItem: false, edit)
            return true
        }
        drafts.inner.kind = Draft.Kind(pointsIn: Int(slot.number))
        path.append(container)
        var (points, kept) = (0, 0)
        if places.contains(.record) {
            var fields = FieldWalker(base, slot.sourceValue.lowerBound, slot.sourceValue.upperBound)
            while fields.next() {
                guard fields.isLengthDelimited, fields.number == 1 else { continue }
                points += 1
                if record(Container(fields), drafts.inner, isItem: true, edit) { kept += 1 }
            }
        }
        let keeping = points == 0 || kept > 0
        if keeping, !draft.patches.isEmpty {
            reopen { number in !draft.patches.contains { $0.number == number } }
            writer.write(draft.patches)
        }
        leave(keeping: true)
        return keeping
    }

    /// The fields that have to be walked into, one bit for each number.
    private func innerFields(of draft: Draft) -> UInt32 {
        switch draft.kind {
        case .metric where places.contains(.record) || draft.isChanged && !draft.patches.isEmpty:
            1 << 5 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 11
        case .metric: 0
        case .span: (places.contains(.event) ? 1 << 11 : 0) | (places.contains(.link) ? 1 << 13 : 0)
        default: 0
        }
    }

    /// Items that go with a record that is dropped.
    func items(
        in container: Container, _ kind: Draft.Kind, _ base: UnsafePointer<UInt8>? = nil
    ) -> Int {
        guard kind == .metric else { return 1 }
        return hierarchy.countItems(
            base ?? self.base, container.value.lowerBound, container.value.upperBound, children: 3)
    }

    /// Keeps the count right when an edit replaces the data of a metric.
    private mutating func account(for slot: Draft.Slot, of draft: Draft) {
        guard hierarchy.holds(3, Int(slot.number)) else { return }
        if slot.state != .added {
            let range = slot.source
            removedItems += hierarchy.countItems(base, range.lowerBound, range.upperBound, children: 3)
        }
        guard slot.isAdded else { return }
        draft.additions.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return }
            let range = slot.addition
            removedItems -= hierarchy.countItems(base, range.lowerBound, range.upperBound, children: 3)
        }
    }

    /// Writes a draft that was changed in place of the field it was read from.
    private mutating func write(_ draft: Draft, _ container: Container) {
        openPath()
        flush(to: container.whole.lowerBound)
        let mark = writer.begin(container.number, expecting: container.value.count)
        copied = container.value.lowerBound
        for index in draft.changedSlots..<draft.slots.count where draft.slots[index].state != .original {
            if draft.kind == .metric { account(for: draft.slots[index], of: draft) }
            write(draft.slots[index], of: draft)
        }
        flush(to: container.value.upperBound)
        writer.end(mark)
        copied = container.whole.upperBound
        noteGrowth()
    }

    /// Writes a slot that was changed in place of the field it was read from.
    private mutating func write(_ slot: Draft.Slot, of draft: Draft) {
        flush(to: slot.source.lowerBound)
        copied = max(copied, slot.source.upperBound)
        guard slot.isAdded else { return }
        draft.additions.withUnsafeBytes { memory in
            writer.write(raw: UnsafeRawBufferPointer(rebasing: memory[slot.addition]))
        }
    }
}
