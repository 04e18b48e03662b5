internal import NIOCore
internal import Pipeline

/// How the content of a queue goes over to another one.
extension QueueState {
    /// What goes to the queue that takes over.
    struct Content {
        var entries: [QueueEntry] = []
        var waiting: [(entry: QueueEntry, admission: PendingReceipt)] = []
    }

    /// Leaves everything that waits to `successor`; what is under way comes after it if it fails.
    mutating func handOver(to successor: DeliveryQueue) -> Content {
        self.successor = successor
        let content = Content(entries: Array(queued), waiting: Array(waiting))
        for entry in queued {
            forget(entry)
            size -= entry.room
        }
        queued.removeAll()
        waiting.removeAll()
        wakeSleepers()
        return content
    }

    /// Takes in what another queue had taken, whether or not it fits: it is there all the same, and nothing
    /// new is taken before it fits.
    mutating func adopt(_ content: Content) -> Step {
        for var entry in content.entries {
            entry.room = settings.overflow == .spill && entry.stored != nil ? 0 : room(for: entry)
            enqueue(entry)
        }
        for var next in content.waiting {
            next.entry.room = room(for: next.entry)
            waiting.append(next)
        }
        var step = Step()
        admitWaiting(&step)
        while let first = takeNext() { step.started.append(first) }
        return step
    }

    /// Lets in who waits for room and now has it.
    mutating func admitWaiting(_ step: inout Step) {
        while let first = waiting.first, fits(first.entry.room) {
            waiting.removeFirst()
            first.entry.account.move(first.entry.items, from: .waiting, to: .queued)
            let waitsForDisk = enqueue(first.entry)
            step.admitted.append((first.entry, first.admission, waitsForDisk))
        }
    }

    /// Takes in an entry that was under way in the queue before this one: it comes first.
    mutating func takeBack(_ entry: consuming QueueEntry) -> [QueueEntry] {
        entry.number = (queued.first?.number ?? lastNumber + 1) - 1
        entry.room = room(for: entry)
        size += entry.room
        if entry.batch != nil { residentBytes.add(entry.bytes) }
        entry.account.move(entry.items, from: .inFlight, to: .queued)
        queued.prepend(entry)
        var started: [QueueEntry] = []
        while let first = takeNext() { started.append(first) }
        return started
    }
}
